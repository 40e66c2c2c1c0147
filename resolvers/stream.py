"""What happens to the signed-in member, as it happens: from the outbox, decided event by event."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from models.condition_sql import parameters
from models.disclosure import Use
from models.event_log import events_of
from models.outbox import Notice, Position, end, tail
from models.redacted import known_member
from models.view import Layout
from policy.companies import Company
from policy.documents import Item
from policy.errors import ErrorCode, PrivacyError
from policy.events import EventKind
from policy.requester import Role
from resolvers import catalogue, cursors
from resolvers.asking import eyes_of
from resolvers.catalogue import Info
from resolvers.consents import Consent, consents
from resolvers.context import Context
from resolvers.snapshot import Row
from resolvers.tally import Tally, last_seq

LISTED = "consentEvents"
PAGE = 100
"""Notices of one member read at a time."""

RELATIONS: Mapping[str, str] = {
    EventKind.LINKED: "linkedCompanies",
    EventKind.UNLINKED: "linkedCompanies",
    EventKind.USED: "linkedCompanies",
    EventKind.MAIL_PREFERENCE: "mailPreferences",
}
"""As what the ledger keeps that the member was told; everything else is `consents`."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One notice, as the member is told it."""

    cursor: str
    kind: str
    at: datetime
    item: Item | None
    company: Company | None


async def consent_events(info: Info, after: str | None) -> AsyncIterator[Happening]:
    """Tell what happens to the member who is signed in, from a cursor on, or from now on.

    Each notice is an answer of its own: who asks is verified again, everything it shows is read
    afresh, and it leaves under a decision of its own. Raises FORBIDDEN for everybody else.
    """
    context = info.context
    if context.requester.role is not Role.MEMBER:
        raise PrivacyError(ErrorCode.FORBIDDEN, "consentEvents is for members, about themselves.")
    member = context.requester.subject
    position = await _begin(context, after)
    with context.listeners.to(member) as woken:
        while True:
            woken.clear()
            while notices := await _next(context, position, member):
                for notice in notices:
                    position = notice.position
                    if await _told(context, notice):
                        yield _happening(context, notice)
                await context.breathe()
            async with context.rest():
                await woken.wait()


async def consent(root: strawberry.Parent[Happening], info: Info) -> Consent | None:
    """Give where the item stands now, which may be further on than what happened."""
    context = info.context
    if root.item is None:
        return None
    async with context.snapshot.reading() as connection:
        events = await events_of(connection, context.requester.subject)
    found = consents(context.catalogue, events, context.asked_at)
    return next(each for each in found if each.item.key == root.item.key)


async def cursor(context: Context) -> str:
    """Give where the stream stands, as the operation's snapshot has it."""
    async with context.snapshot.reading() as connection:
        return _cursor(context, await end(connection))


async def _begin(context: Context, after: str | None) -> Position:
    if after is None:
        async with context.database.read() as connection:
            return await end(connection)
    found = cursors.open_cursor(context, eyes_of(context), LISTED, after)
    match found:
        case cursors.Position(values=(int(xid), int(seq))):
            return Position(xid, seq)
    raise NotImplementedError("a cursor of this list holds a position in the outbox")


async def _next(context: Context, position: Position, member: str) -> Sequence[Notice]:
    async with context.database.read() as connection:
        return await tail(connection, position, PAGE, member)


async def _told(context: Context, notice: Notice) -> bool:
    """Put on record that the member is told; False for one of whom nothing is kept any more."""
    row, layout, tally = await context.anew(partial(_asked, context, notice))
    if row is None:
        await context.snapshot.renew()
        return False
    tally.member(notice.member, last_seq(layout, row))
    tally.returned(notice.member, RELATIONS.get(notice.kind, "consents"), Use.SELECT)
    context.disclosures.append(tally.disclosure())
    return True


async def _asked(context: Context, notice: Notice) -> tuple[Row | None, Layout, Tally]:
    """Read the member in a snapshot of now."""
    # Another host's clock may be ahead of ours; what it recorded has happened.
    context.asked_at = max(context.asked_at, notice.at)
    view = eyes_of(context).view
    known = known_member(view)
    binds = parameters(context.asked_at, notice.member) | {"member": notice.member}
    rows = await context.snapshot.fetch(known.main, binds)
    return next(iter(rows), None), known.layout, Tally(view)


def _happening(context: Context, notice: Notice) -> Happening:
    return Happening(
        cursor=_cursor(context, notice.position),
        kind=notice.kind,
        at=notice.at,
        item=context.catalogue.items.get(notice.item or ""),
        company=catalogue.company(context, notice.company) if notice.company else None,
    )


def _cursor(context: Context, position: Position) -> str:
    place = cursors.Position(tuple(position), "")
    return cursors.make_cursor(context, eyes_of(context), LISTED, place)
