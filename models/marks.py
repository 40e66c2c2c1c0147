"""Marks: what every write leaves on the primary, so that a read elsewhere knows what it sees.

A transaction adds one to its lane as the last thing it does, and whoever else wants the lane waits
for its end: so a lane counts its transactions in the order in which they commit. A replica shows
commits in that order, too. Hence a snapshot whose lanes stand as high as the primary's, asked at
some moment, holds every transaction that was acknowledged before that moment.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncConnection

from models.postgresql import Connection
from models.postgresql_reader import PostgresReader

LANES = 32
"""More than write at the same moment: they are told apart by the server's own processes."""

_LEAVE = f"""
INSERT INTO write_mark (lane, timeline, writes)
VALUES (pg_backend_pid() % {LANES}, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), 1)
ON CONFLICT (lane)
DO UPDATE SET timeline = excluded.timeline, writes = write_mark.writes + 1
"""  # noqa: S608 (our own)

MARKS = """
SELECT pg_is_in_recovery(),
  system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()),
  ARRAY(SELECT lane || ' ' || timeline || ' ' || writes FROM write_mark)
FROM pg_control_system()
"""
"""One row: what `Marks.of` takes."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How far every lane stands in one snapshot, and of which database."""

    replica: bool
    """Whether the server follows another one."""
    database: str
    """The same on a primary and on all its replicas, and on no other server; nor in a dump."""
    lanes: Mapping[str, tuple[str, int]]
    """Lane → timeline and transactions. A server that is promoted begins a timeline of its own."""

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """Read the row of `MARKS`."""
        parts = (each.split() for each in row[2])
        lanes = {lane: (timeline, int(writes)) for lane, timeline, writes in parts}
        return cls(row[0], row[1], lanes)

    def hold(self, other: "Marks") -> bool:
        """Whether this snapshot shows all that the other one does, and is of the same database.

        Two timelines have nothing to say about each other: what was lost when a server took over
        is not made up for by as many transactions after it.
        """
        if self.database != other.database:
            return False
        if self.lanes == other.lanes:
            return True
        return all(self._holds(lane, *stands) for lane, stands in other.lanes.items())

    def may_answer(self, shown: "Marks") -> bool:
        """Whether this is a replica's, and shows all that its primary did."""
        return self.replica and self.hold(shown)

    def _holds(self, lane: str, timeline: str, writes: int) -> bool:
        mine, many = self.lanes.get(lane, (timeline, 0))
        return mine == timeline and many >= writes


async def leave_mark(connection: AsyncConnection) -> None:
    """Count the transaction. INVARIANT: its last statement, or writers wait for each other."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(_LEAVE)


async def marks_in(connection: AsyncConnection) -> Marks:
    """How far the lanes stand as this connection's snapshot has them."""
    return Marks.of((await connection.exec_driver_sql(MARKS)).one())


async def marks_by(connection: Connection) -> Marks:
    """The same, on a connection of the driver's."""
    (row,) = await connection.fetch(MARKS)
    return Marks.of(tuple(row))


@dataclass(slots=True, eq=False)
class Asked:
    """What the primary shows, asked once for all reads that wait for it.

    A read that begins while a question is under way is answered by the next one: the one under way
    may have been put before that was acknowledged which the read must see.
    """

    primary: PostgresReader
    under_way: asyncio.Task[Marks] | None = None
    next: asyncio.Task[Marks] | None = None

    async def marks(self) -> Marks:
        """How far the primary's lanes stand, seen after this was called."""
        if self.next is None:
            self.next = asyncio.create_task(self._ask(self.under_way))
        return await asyncio.shield(self.next)

    async def _ask(self, before: asyncio.Task[Marks] | None) -> Marks:
        if before is not None:
            await asyncio.wait({before})
        self.under_way, self.next = self.next, None
        async with self.primary.connection() as connection:
            return await marks_by(connection)
