"""Verifying: the stored rows are read as they lie there and walked through, in one snapshot."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    case,
    cast,
    func,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from models.database import Database
from models.head_walk import HeadWalk, Raw
from models.ledger_heads import Head
from models.ledger_tables import LEDGER_ENTRY, LEDGER_HEAD, LEDGER_SEGMENT
from models.ledger_walk import LedgerWalk
from models.projection_check import Advance, unobserved
from models.purge_walk import PurgeWalk

PAGE = 500
"""Rows held at a time."""

_HEAD = LEDGER_HEAD.c.number, LEDGER_HEAD.c.at, LEDGER_HEAD.c.body, LEDGER_HEAD.c.digest
_SEGMENT = (
    LEDGER_SEGMENT.c.segment,
    LEDGER_SEGMENT.c.month,
    LEDGER_SEGMENT.c.opened_at,
    LEDGER_SEGMENT.c.after_head,
)
_ENTRY = (
    LEDGER_ENTRY.c.segment,
    LEDGER_ENTRY.c.seq,
    LEDGER_ENTRY.c.salt,
    LEDGER_ENTRY.c.body,
    LEDGER_ENTRY.c.link,
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a whole walk came to, beside its findings."""

    head: Head | None
    """The one up to which nothing can have changed; None where there is none."""
    entries: int
    outside: int
    """How many of them are newer than the head."""


@dataclass(slots=True)
class Verification:
    """One verification of a ledger, against the head that a witness holds or the last stored."""

    database: Database
    now: datetime
    given: Head | None = None
    verified: Verified | None = None
    """Known once all findings were told."""

    async def entries(self) -> int:
        """How many entries there are, for a progress bar; 0 where that cannot be told."""
        try:
            async with self.database.read() as connection:
                return await connection.scalar(select(func.count()).select_from(LEDGER_ENTRY)) or 0
        except (DBAPIError, OSError, ValueError):
            return 0

    async def findings(self, advance: Advance = unobserved) -> AsyncIterator[str]:
        """One line for each alteration, in the order of heads, segments and entries, then purges.

        Memory grows with heads and segments, not with entries.
        """
        try:
            async for wrong in self._walk(advance):
                yield wrong
        except (DBAPIError, OSError, ValueError) as fault:
            # What the engine says may quote what it cannot read.
            cause = type(getattr(fault, "orig", fault)).__name__
            yield f"the ledger cannot be read any further ({cause})"

    async def _walk(self, advance: Advance) -> AsyncIterator[str]:
        heads = HeadWalk(self.given)
        walk = LedgerWalk(heads, PurgeWalk(self.now))
        async with self.database.read() as connection:
            async for wrong in _damage(connection):
                yield wrong
            async for wrong in _through(connection, _HEAD, heads.take, heads.end):
                yield wrong
            async for wrong in _through(connection, _SEGMENT, walk.take_segments, walk.begin):
                yield wrong
            async for wrong in _through(connection, _ENTRY, walk.take, walk.end, advance):
                yield wrong
        self.verified = Verified(self.given or heads.last, walk.entries, walk.outside)


async def _damage(connection: AsyncConnection) -> AsyncIterator[str]:
    """What SQLite finds in its own file, such as an index that says another thing than its table.

    Rows are read by an index, so an edit of the file beneath would not show in what is read.
    """
    if connection.dialect.name == "sqlite":
        for table in (LEDGER_HEAD, LEDGER_SEGMENT, LEDGER_ENTRY):
            if await _holds(connection, table):
                check = text(f"PRAGMA integrity_check({table.name})")
                for said in await connection.scalars(check):
                    if said != "ok":
                        yield f"{table.name}: the file is damaged: {said}"


async def _through(
    connection: AsyncConnection,
    columns: Sequence[Column[object]],
    take: Callable[[Iterable[Raw]], Iterator[str]],
    end: Callable[[], Iterator[str]],
    advance: Advance = unobserved,
) -> AsyncIterator[str]:
    """Hand all rows of a table on, some at a time; a table that is gone has none."""
    table = columns[0].table
    if await _holds(connection, table):
        raw = [_raw(column, connection) for column in columns]
        query = select(*raw).order_by(*table.primary_key)
        async for page in (await connection.stream(query)).partitions(PAGE):
            for wrong in take([(*row,) for row in page]):
                yield wrong
            advance(len(page))
    for wrong in end():
        yield wrong


def _raw(column: Column[object], connection: AsyncConnection) -> ColumnElement[object]:
    """The column as it lies there: on SQLite who edits it need not keep to its type.

    What is of another type is NULL, which stands in no row that was written.
    """
    if connection.dialect.name != "sqlite":
        return type_coerce(column, NullType())
    value: ColumnElement[object] = column
    match column.type:
        case LargeBinary():
            kind = "blob"
        case Text():
            kind, value = "text", cast(column, LargeBinary)  # it may be of bytes that are no text
        case _:
            kind = "integer"
    return case((func.typeof(column) == kind, type_coerce(value, NullType())))


async def _holds(connection: AsyncConnection, table: Table) -> bool:
    return await connection.run_sync(lambda sync: inspect(sync).has_table(table.name))
