"""The outbox: what was recorded, in an order in which a reader that comes back misses nothing.

Transactions commit in another order than they take numbers in, so a reader that remembers a number
alone would pass over a notice that is committed later. A position is therefore (transaction, seq),
and on PostgreSQL a notice is given only when no transaction as old as its own is still under way:
whatever comes afterwards has a higher position.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import OUTBOX
from policy.events import Event, EventKind

Recorded = tuple[str, int, Event]
"""A member, the number that the log gave an event of his or hers, and the event."""


class Position(NamedTuple):
    """A place in the outbox; what is behind it was given."""

    xid: int
    seq: int


BEGINNING = Position(0, 0)
"""Before the first notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """That something happened to a member; what exactly, the event log says."""

    position: Position
    event_seq: int
    member: str
    kind: EventKind
    item: str | None
    company: str | None
    at: datetime
    recorded_at: datetime


async def tail(
    connection: AsyncConnection, after: Position, limit: int, member: str | None = None
) -> Sequence[Notice]:
    """Give the next notices behind a position, oldest first, of one member or of all.

    As the connection's snapshot has them; none of a transaction that an older one could follow.
    """
    query = select(OUTBOX).where(_behind(after), _settled(connection))
    if member is not None:
        query = query.where(OUTBOX.c.member_key == member)
    rows = await connection.execute(query.order_by(OUTBOX.c.xid, OUTBOX.c.seq).limit(limit))
    return [_notice(row) for row in rows.mappings()]


async def end(connection: AsyncConnection) -> Position:
    """Give the place behind every notice that `tail` could give now."""
    query = select(OUTBOX.c.xid, OUTBOX.c.seq).where(_settled(connection))
    last = query.order_by(OUTBOX.c.xid.desc(), OUTBOX.c.seq.desc()).limit(1)
    row = (await connection.execute(last)).one_or_none()
    return BEGINNING if row is None else Position(*row)


async def tell(connection: AsyncConnection, recorded: Iterable[Recorded], now: datetime) -> None:
    """Write the notices of what the log has just recorded, inside its transaction."""
    rows = [notice_row(*each, now) for each in recorded]
    await connection.execute(insert(OUTBOX).values(xid=_writer(connection)), rows)


def notice_row(member: str, event_seq: int, event: Event, now: datetime) -> Mapping[str, Any]:
    """What tells of an event that the log numbered `event_seq`, but by whom it was written."""
    return {
        "event_seq": event_seq,
        "member_key": member,
        "kind": event.kind.value,
        "item": event.item or "",
        "company": event.company or "",
        "at": event.at,
        "recorded_at": now,
    }


def _writer(connection: AsyncConnection) -> ColumnElement[int]:
    if connection.dialect.name == "postgresql":
        return _number(func.pg_current_xact_id())
    return literal(0)


def _behind(after: Position) -> ColumnElement[bool]:
    return tuple_(OUTBOX.c.xid, OUTBOX.c.seq) > tuple_(*after)


def _settled(connection: AsyncConnection) -> ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        return OUTBOX.c.xid < _number(func.pg_snapshot_xmin(func.pg_current_snapshot()))
    return true()


def _number(xid: ColumnElement[Any]) -> ColumnElement[int]:
    """An xid8, which PostgreSQL casts to a number by way of its text alone."""
    return cast(cast(xid, Text), BigInteger)


def _notice(row: RowMapping) -> Notice:
    return Notice(
        position=Position(row["xid"], row["seq"]),
        event_seq=row["event_seq"],
        member=row["member_key"],
        kind=EventKind(row["kind"]),
        item=row["item"] or None,
        company=row["company"] or None,
        at=row["at"],
        recorded_at=row["recorded_at"],
    )
