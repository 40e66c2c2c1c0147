"""Acts: what somebody does about a member, allowed or refused as a whole, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import keep_version
from models.database import Database
from models.event_log import History, hold, record
from models.retention import date_rows
from models.tables import IDEMPOTENCY
from policy.acts import Objection, first_objection
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind
from policy.news import news

KEY_LIVES = timedelta(hours=24)

Propose = Callable[[Sequence[Event], datetime], Sequence[Event]]
"""Given what happened to the member and the time, what shall have happened now."""
Also = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Act:
    """What shall happen to one member. `also` writes data in the transaction of the events."""

    member: str
    propose: Propose
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """The key under which a caller does this once; `digest` is of everything it says with it."""

    subject: str
    company: str
    mutation: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: its events, or the first objection, or nothing: it was done before.

    What the member is told of on this occasion (policy/news.py) is recorded behind the events.
    """

    at: datetime
    events: tuple[Event, ...] = ()
    objection: tuple[Objection, Event] | None = None
    before: datetime | None = None
    """When it was done, if that was before."""


class _Undone(Exception):
    """Leaves the transaction, so that nothing of it stays."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


async def perform(
    database: Database,
    catalogue: Catalogue,
    act: Act,
    clock: Callable[[], datetime],
    once: Once | None = None,
) -> Done:
    """Do it, durably and as a whole, or leave nothing.

    The member is held before the time is taken, so what is recorded next is never earlier than
    what was recorded before. Raises PrivacyError(BAD_USER_INPUT) for a key used for something else.
    """
    try:
        async with database.write() as connection:
            await keep_version(connection, catalogue.version)
            held = await hold(connection, [act.member])
            before = held[act.member]
            at = max([clock(), *([before.last.at] if before.last else [])])
            if once is not None and (then := await _done_before(connection, once, at)):
                raise _Undone(Done(at, before=then))  # noqa: TRY301 (it leaves the transaction)
            events = _allowed(catalogue, before, act, at)
            if events:
                told = tuple(news(catalogue, [*before.events, *events], at))
                await _record(connection, catalogue, held, (*events, *told), at)
            if any(event.kind is EventKind.ACCOUNT_CLOSED for event in events):
                await date_rows(connection, act.member, at)
            if act.also is not None:
                await act.also(connection)
    except _Undone as undone:
        return undone.done
    return Done(at, events)


def _allowed(catalogue: Catalogue, before: History, act: Act, at: datetime) -> tuple[Event, ...]:
    """Give the proposed events, each allowed after those before it. Raises _Undone otherwise."""
    proposed = tuple(act.propose(before.events, at))
    found = first_objection(catalogue, before.events, proposed)
    if found is not None:
        raise _Undone(Done(at, objection=found))
    return proposed


async def _record(
    connection: AsyncConnection,
    catalogue: Catalogue,
    held: Mapping[str, History],
    events: Sequence[Event],
    at: datetime,
) -> None:
    """Record them. Raises _Undone where the account to be linked is linked to somebody else."""
    linked = next((event for event in events if event.kind is EventKind.LINKED), None)
    try:
        await record(connection, catalogue, held, dict.fromkeys(held, events), at)
    except IntegrityError:
        # Members are held, accounts are not: the index on them is what keeps two from one.
        if linked is None:
            raise
        raise _Undone(Done(at, objection=(Objection.ALREADY_LINKED, linked))) from None


async def _done_before(connection: AsyncConnection, once: Once, at: datetime) -> datetime | None:
    """Take the key, or give when this was done under it; waits for who is just taking it."""
    names = {column.name: getattr(once, column.name) for column in IDEMPOTENCY.primary_key}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    taken = dialect.insert(IDEMPOTENCY).values(**names, digest=once.digest, at=at)
    anew = taken.on_conflict_do_update(
        index_elements=list(IDEMPOTENCY.primary_key),
        set_={"digest": once.digest, "at": at},
        where=IDEMPOTENCY.c.at <= at - KEY_LIVES,
    )
    mine = (await connection.scalars(anew.returning(IDEMPOTENCY.c.key))).first()
    if mine is not None:
        return None
    which = [IDEMPOTENCY.c[name] == value for name, value in names.items()]
    taken_for = select(IDEMPOTENCY.c.digest, IDEMPOTENCY.c.at).where(*which)
    found = (await connection.execute(taken_for)).one()
    if found.digest == once.digest:
        then: datetime = found.at
        return then
    raise PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        "This `idempotencyKey` was used for something else. Choose another one.",
    )
