"""What opened and closed for a company of members it had received something of by then."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from models.condition_sql import parameters
from models.disclosure import Use
from models.event_log import history_of
from models.outbox import Notice, Position, end, tail
from models.records import has_received
from models.redacted import known_member
from policy.catalogue import Category
from policy.errors import ErrorCode, PrivacyError
from policy.events import EventKind
from policy.requester import Role
from resolvers import cursors, stream
from resolvers.asking import eyes_of
from resolvers.catalogue import Info
from resolvers.context import Context
from resolvers.difference import Difference, categories_of, difference_by
from resolvers.tally import Tally

LISTED = "consentChanges"
PAGE = 1000
"""Notices, of all members, read at a time."""


class ChangeKind(StrEnum):
    """What an event did to what a company may see."""

    CLOSED = "CLOSED"
    STOP = "STOP"
    OPENED = "OPENED"


_STEPS = {ChangeKind.CLOSED: 1, ChangeKind.STOP: 1, ChangeKind.OPENED: 2}
"""In which order the changes by one event are told."""


class Place(NamedTuple):
    """A place in the stream: a notice of the outbox, and how far it was told."""

    xid: int
    seq: int
    step: int

    @property
    def before(self) -> Position:
        """Give the position behind which the notice itself is the next."""
        return Position(self.xid, self.seq - 1)


@dataclass(frozen=True, slots=True)
class Change:
    """What an event did to what the company may see of a member."""

    place: Place
    kind: ChangeKind
    at: datetime
    member: str
    categories: Sequence[Category]


@dataclass(frozen=True, slots=True)
class Told:
    """One change, as the company is told it."""

    cursor: str
    kind: ChangeKind
    at: datetime
    member_id: str
    categories: Sequence[Category]


async def consent_changes(info: Info, after: str | None) -> AsyncIterator[Told]:
    """Tell a company's system what changes of what it may see, from a cursor on, or from now on.

    Each notice is an answer of its own: who asks is verified again, the rule is asked again, and it
    leaves under a decision of its own. Raises FORBIDDEN for other roles, PURPOSE_REQUIRED without a
    purpose.
    """
    context = info.context
    if context.requester.role is not Role.SERVICE:
        raise PrivacyError(
            ErrorCode.FORBIDDEN,
            "consentChanges is for the systems of companies; members listen to consentEvents.",
        )
    place = await _begin(context, after)
    with context.listeners.to(None) as woken:
        while True:
            woken.clear()
            while notices := await _next(context, place):
                for notice in notices:
                    while change := await _next_of(context, notice, place):
                        place = change.place
                        yield _told(context, change)
                    place = Place(*notice.position, max(_STEPS.values()))
                await context.breathe()
            async with context.rest():
                await woken.wait()


async def cursor(info: Info) -> str | None:
    """Give where either stream stands, as the operation's snapshot has it; None to the others."""
    context = info.context
    match context.requester.role:
        case Role.MEMBER:
            return await stream.cursor(context)
        case Role.SERVICE if context.purpose is not None:
            async with context.snapshot.reading() as connection:
                return _cursor(context, await _end(connection))
        case _:
            return None


async def _begin(context: Context, after: str | None) -> Place:
    found = cursors.open_cursor(context, eyes_of(context), LISTED, after)
    if found is None:
        async with context.database.read() as connection:
            return await _end(connection)
    xid, seq, step = map(int, found.key.split())
    return Place(xid, seq, step)


async def _end(connection: AsyncConnection) -> Place:
    return Place(*await end(connection), max(_STEPS.values()))


async def _next(context: Context, place: Place) -> Sequence[Notice]:
    """Give the notices behind a place, and its own where something of that may be left to tell."""
    async with context.database.read() as connection:
        left = place.step < max(_STEPS.values())
        return await tail(connection, place.before if left else Position(*place[:2]), PAGE)


async def _next_of(context: Context, notice: Notice, place: Place) -> Change | None:
    """Give what the company is told next of an event, and put on record that it is."""
    requester = context.requester
    received = await has_received(
        context.folder,
        requester.company or "",
        notice.member,
        requester.on_behalf_of,
        before_event=notice.event_seq,
    )
    return await context.anew(partial(_decided, context, notice, place)) if received else None


async def _decided(context: Context, notice: Notice, place: Place) -> Change | None:
    # Another host's clock may be ahead of ours; what it recorded has happened.
    context.asked_at = max(context.asked_at, notice.at)
    view = eyes_of(context).view
    async with context.snapshot.reading() as connection:
        history = await history_of(connection, notice.member)
        found = await difference_by(connection, view, history, notice.event_seq, context.asked_at)
    changes = _changes(context, notice, found)
    change = next((each for each in changes if each.place > place), None)
    if change is None or not await _stands(context, change):
        await context.snapshot.renew()
        return None
    tally = Tally(view)
    tally.member(notice.member, history.last.seq if history.last else 0)
    tally.returned(notice.member, "consents", Use.SELECT)
    context.disclosures.append(tally.disclosure())
    return change


def _changes(context: Context, notice: Notice, found: Difference) -> Iterator[Change]:
    """Give what the event did, in the order in which it is told."""
    requester, view = context.requester, eyes_of(context).view
    here = notice.company in {requester.company, requester.on_behalf_of}
    stopped = notice.kind is EventKind.STOP_REQUESTED and here
    closing = ChangeKind.STOP if stopped else ChangeKind.CLOSED
    for kind, cells in ((closing, found.closed), (ChangeKind.OPENED, found.opened)):
        if cells:
            keys = categories_of(view, cells)
            yield Change(
                place=Place(*notice.position, _STEPS[kind]),
                kind=kind,
                at=notice.at,
                member=notice.member,
                categories=[context.catalogue.categories[key] for key in keys],
            )


async def _stands(context: Context, change: Change) -> bool:
    """Whether the company could find what is told as open. What closed, closed in any case."""
    if change.kind is not ChangeKind.OPENED:
        return True
    known = known_member(eyes_of(context).view)
    binds = parameters(context.asked_at, context.requester.subject) | {"member": change.member}
    return bool(await context.snapshot.fetch(known.main, binds))


def _told(context: Context, change: Change) -> Told:
    audience = context.requester.audience
    return Told(
        cursor=_cursor(context, change.place),
        kind=change.kind,
        at=change.at,
        member_id=context.seal.node_id(audience, "Member", change.member),
        categories=change.categories,
    )


def _cursor(context: Context, place: Place) -> str:
    # As long whatever the numbers are, so that its length tells nothing of them.
    key = " ".join(f"{number:020}" for number in place)
    return cursors.make_cursor(context, eyes_of(context), LISTED, cursors.Position((), key))
