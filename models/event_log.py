"""The event log: append what happened to a member, and read it back in order."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import ColumnElement, Table, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import keep_version
from models.event_chain import GENESIS, StoredEvent, encode, identifiers_of, link
from models.outbox import tell
from models.projection import Row, rows_of, write
from models.tables import EVENT
from models.types import TEXT
from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.standing import fold

PAGE = 500
"""Members read at a time, so that memory stays bounded however many there are."""


@dataclass(frozen=True, slots=True)
class History:
    """One member's part of the log, oldest first."""

    member: str
    stored: Sequence[StoredEvent]

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(row.event for row in self.stored)

    @property
    def last(self) -> StoredEvent | None:
        return self.stored[-1] if self.stored else None


async def append(
    connection: AsyncConnection,
    catalogue: Catalogue,
    happened: Mapping[str, Sequence[Event]],
    now: datetime,
) -> None:
    """Record what happened to each member, with its notices and projections, in one transaction.

    Waits for other writers of the same members. Raises ValueError for an event later than `now` or
    earlier than the member's last one; then nothing of the transaction may be committed.
    """
    new = {member: events for member, events in happened.items() if events}
    if new:
        await keep_version(connection, catalogue.version)
        await record(connection, catalogue, await hold(connection, new.keys()), new, now)


async def hold(connection: AsyncConnection, members: Collection[str]) -> Mapping[str, History]:
    """Keep other writers of these members out until the transaction ends; what they have by now.

    INVARIANT: nothing is written in the transaction before it, so that PostgreSQL numbers the
    transactions of one member in the order of their events, which is how the outbox tells them.
    """
    await _lock(connection, members)
    stored = await _stored(connection, EVENT.c.member_key.in_(members))
    return {member: History(member, stored.get(member, ())) for member in members}


async def record(
    connection: AsyncConnection,
    catalogue: Catalogue,
    held: Mapping[str, History],
    happened: Mapping[str, Sequence[Event]],
    now: datetime,
) -> None:
    """Do what `append` does for members who are held already, each with what `hold` gave."""
    rows: list[Mapping[str, Any]] = []
    for member, events in happened.items():
        last = held[member].last
        _check_order(last, events, now)
        rows += _chained(member, last, events, now)
    seqs = iter(await _insert(connection, rows))
    new = [(member, next(seqs), event) for member in happened for event in happened[member]]
    await tell(connection, new, now)
    last_seqs = {member: seq for member, seq, _ in new}
    projected = {}
    for member, last_seq in last_seqs.items():
        events = [*held[member].events, *happened[member]]
        facts = fold(events, events[-1].at, catalogue)
        projected[member] = rows_of(member, facts, last_seq, catalogue)
    await write(connection, projected)


async def keep_log(connection: AsyncConnection) -> int:
    """Keep other writers of the log out until the transaction ends; the number of its last event.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"LOCK TABLE {EVENT.name} IN SHARE ROW EXCLUSIVE MODE")
    return await connection.scalar(select(func.coalesce(func.max(EVENT.c.seq), 0))) or 0


async def count_from(connection: AsyncConnection, last: int) -> None:
    """Number what is recorded next from behind `last`, which the caller gave itself."""
    if connection.dialect.name == "postgresql" and last:
        sequence = func.pg_get_serial_sequence(EVENT.name, EVENT.c.seq.name)
        await connection.execute(select(func.setval(sequence, last)))


def first_rows(
    member: str, events: Sequence[Event], last: int, now: datetime, catalogue: Catalogue
) -> Mapping[Table, Sequence[Row]]:
    """The log and the projections of a member of whom nothing is recorded yet.

    The first event is numbered next to `last`. Raises ValueError as `append` does.
    """
    _check_order(None, events, now)
    log = [
        {**row, "seq": seq} for seq, row in enumerate(_chained(member, None, events, now), last + 1)
    ]
    facts = fold(events, events[-1].at, catalogue)
    return {EVENT: log, **rows_of(member, facts, last + len(log), catalogue)}


async def events_of(connection: AsyncConnection, member: str) -> tuple[Event, ...]:
    """Everything recorded about a member, oldest first; empty for one nobody knows."""
    return (await history_of(connection, member)).events


async def history_of(connection: AsyncConnection, member: str) -> History:
    """Everything recorded about a member, as it is stored."""
    stored = await _stored(connection, EVENT.c.member_key == member)
    return History(member, stored.get(member, ()))


async def events_of_members(
    connection: AsyncConnection, members: Sequence[str]
) -> Mapping[str, tuple[Event, ...]]:
    """Everything recorded about each of these members, oldest first, in one statement."""
    stored = await _stored(connection, EVENT.c.member_key.in_(members))
    return {member: tuple(row.event for row in stored.get(member, ())) for member in members}


async def logs_of(
    connection: AsyncConnection, members: Collection[str]
) -> Mapping[str, Sequence[StoredEvent]]:
    """The log of each of these members as it is stored; none for one nobody knows any more."""
    return await _stored(connection, EVENT.c.member_key.in_(members))


async def histories(connection: AsyncConnection) -> AsyncIterator[Sequence[History]]:
    """Every member's history, in order of their keys, a page at a time."""
    after = ""
    while True:
        keys = select(EVENT.c.member_key).distinct().where(EVENT.c.member_key > after)
        page = (await connection.scalars(keys.order_by(EVENT.c.member_key).limit(PAGE))).all()
        if not page:
            return
        key = EVENT.c.member_key
        stored = await _stored(connection, (key > after) & (key <= page[-1]))
        yield [History(member, rows) for member, rows in stored.items()]
        after = page[-1]


async def verify_chain(connection: AsyncConnection) -> AsyncIterator[str]:
    """One line for each event that is not what was recorded next after the one before it."""
    async for page in histories(connection):
        for history in page:
            for line in _breaks(history):
                yield line


def _breaks(history: History) -> Iterator[str]:
    closed = any(row.kind == EventKind.ACCOUNT_CLOSED.value for row in history.stored)
    for before, row in pairwise((None, *history.stored)):
        if row is None:
            continue
        name = f"event {row.member_seq} of {row.member}"
        if not row.follows(before):
            yield f"{name}: the chain breaks here"
        if row.identifiers_erased and not closed:
            yield f"{name}: what it named is gone, though the account is not closed"


async def _lock(connection: AsyncConnection, members: Collection[str]) -> None:
    """Hold a lock for each member until the transaction ends (SQLite has one writer anyway).

    In the order of the locks, so that no two writers of several members wait for each other.
    """
    if connection.dialect.name != "postgresql":
        return
    each = func.unnest(literal(list(members), ARRAY(TEXT))).column_valued("member")
    number = func.hashtextextended(each, 0).label("number")
    ordered = select(number).distinct().order_by(number).subquery()
    await connection.execute(select(func.pg_advisory_xact_lock(ordered.c.number)))


async def _stored(
    connection: AsyncConnection, which: ColumnElement[bool]
) -> Mapping[str, Sequence[StoredEvent]]:
    query = select(EVENT).where(which).order_by(EVENT.c.member_key, EVENT.c.member_seq)
    rows = (StoredEvent(*row) for row in await connection.execute(query))
    return {member: list(its) for member, its in groupby(rows, key=lambda row: row.member)}


async def _insert(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Append the rows; the numbers they got, in their order."""
    numbered = insert(EVENT).returning(EVENT.c.seq, sort_by_parameter_order=True)
    return (await connection.scalars(numbered, rows)).all()


def _check_order(last: StoredEvent | None, events: Sequence[Event], now: datetime) -> None:
    times = [*([last.at] if last else []), *(event.at for event in events)]
    if max(times) > now:
        raise ValueError("an event cannot be recorded before it happens: its time is still to come")
    if any(earlier > later for earlier, later in pairwise(times)):
        raise ValueError("an event is earlier than the last one recorded: record them in order")


def _chained(
    member: str, last: StoredEvent | None, events: Sequence[Event], now: datetime
) -> Iterator[Mapping[str, Any]]:
    number, prev_hash = (last.member_seq, last.hash) if last else (0, GENESIS)
    for event in events:
        number += 1
        identifiers = identifiers_of(event)
        row = {
            "member_key": member,
            "member_seq": number,
            "kind": event.kind.value,
            "at": event.at,
            "recorded_at": now,
            "body": encode(event, identifiers),
            "prev_hash": prev_hash,
        }
        prev_hash = link(row)
        yield {**row, "hash": prev_hash, "identifiers": identifiers}
