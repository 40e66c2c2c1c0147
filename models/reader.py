"""Reads of the redacted relation on the driver itself: a text, its arguments, tuples.

INVARIANT: no error that leaves a reader holds an argument or a stored value.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import Live, read_live
from models.engines import forget_values
from models.members_sql import RedactedMembers
from models.query import Binds, Query, query_of
from models.rows_below import MEMBERS
from models.view import Layout

Row = Sequence[Any]
WIDE = 4
"""One in so many connections, at most, reads what is wide."""


class Answered(NamedTuple):
    """What was read in one snapshot, and which versions of the catalogue were live in it."""

    live: Live
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A list below members, where it is a statement of its own."""

    query: Query
    could: int
    """Where a member's tuple says whether a row could be open at all."""
    rows: int
    """Where the rows are put there."""
    member: int
    """Where a row's tuple names its member."""


@dataclass(frozen=True, slots=True)
class Read:
    """A statement about members, with the lists below them, ready for an engine's driver."""

    layout: Layout
    lists: Sequence[Layout]
    """Of the rows of each list."""
    alone: Query
    """Last in each tuple are the live versions, and there is one tuple at least."""
    apart: Sequence[RowsOf]
    """The lists that the engine reads by statements of their own."""
    key: int
    """Where a tuple holds its member's key."""
    counted: bool
    """Whether a tuple without a member tells how many there are."""
    brief: Query | None = None
    """What mostly is enough, and tells of nobody where it is not (members_sql.RedactedMembers)."""
    wide: bool = False
    """Whether many more members may have to be looked at than are told of."""

    @property
    def queries(self) -> Iterator[Query]:
        yield from (self.alone, *(each.query for each in self.apart))
        if self.brief is not None:
            yield self.brief


def read_of(redacted: RedactedMembers, dialect: str) -> Read:
    """Prepare a statement for "sqlite" or "postgresql"."""
    places = redacted.layout.positions
    on_sqlite = dialect == "sqlite"
    apart = [
        RowsOf(
            query_of(each.apart.main, dialect),
            places[f"could {each.relation}"],
            places[f"rows {number}"],
            each.apart.layout.positions["member_key"],
        )
        for number, each in enumerate(redacted.lists)
        if on_sqlite
    ]
    brief = None
    if redacted.brief is not None and not on_sqlite:  # which starts all that it may ask
        brief = query_of(redacted.brief(), dialect)
    return Read(
        redacted.layout,
        tuple(each.apart.layout if on_sqlite else each.layout_within for each in redacted.lists),
        query_of(redacted.alone, dialect),
        apart,
        places["member_key"],
        "total" in places,
        brief,
        redacted.wide,
    )


class Reader(ABC):
    """Reads what is prepared: in a snapshot of its own, or in one that others read in, too."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._permits = asyncio.Semaphore(connections)
        # INVARIANT: whatever is counted and searched, there are connections for everything else.
        self._wide = asyncio.Semaphore(max(1, connections // WIDE))
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def lent(self) -> tuple[int, int]:
        """Give how many connections are in use, and how many may be."""
        return self._connections - self._permits._value, self._connections  # noqa: SLF001 (a semaphore tells nobody)

    async def alone(self, read: Read, binds: Binds, size: int | None = None) -> Answered:
        """Read in one snapshot.

        A page's lists are read for its first `size` members. A counted page without members is
        one tuple of nothing else.
        """
        async with self._lane(read):
            if self._closed:
                raise RuntimeError("the database is closed")
            async with self._permits:
                try:
                    rows = await self.fetch(read, binds, size)
                except Exception as fault:
                    forget_values(fault)
                    raise
        return Answered(read_live(rows[0][-1]), members_of(read, rows))

    async def within(
        self, connection: AsyncConnection, read: Read, binds: Binds, size: int | None = None
    ) -> Sequence[Row]:
        """Read the same in the snapshot of a connection."""
        async with self._lane(read):
            rows = members_of(read, await _sent(connection, read.alone, binds))
        for each in read.apart:
            if keys := members_with(each, read.key, rows, size):
                below = await _sent(connection, each.query, {**binds, MEMBERS: keys})
                rows = with_rows(each, read.key, rows, below)
        return rows

    def _lane(self, read: Read) -> AbstractAsyncContextManager[None]:
        return self._wide if read.wide else nullcontext()

    @abstractmethod
    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        """Give the tuples of `read.alone`, the lists in them."""

    @abstractmethod
    async def _leave(self) -> None:
        """Close every connection; none is in use."""

    def _afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Let this be done by the time that the reader is closed."""
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Close every connection, once who reads has done so."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._connections):
            await self._permits.acquire()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._leave()


def members_of(read: Read, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out the tuple that tells of the versions alone."""
    nobody = rows[0][read.key] is None and not read.counted
    return [] if nobody else rows


def members_with(each: RowsOf, key: int, rows: Sequence[Row], size: int | None) -> list[str]:
    """Give the keys of the members of whom a list is read: those it could be open for."""
    return [row[key] for row in islice(rows, size) if row[each.could]]


def with_rows(each: RowsOf, key: int, rows: Sequence[Row], below: Sequence[Row]) -> list[Row]:
    """Put each member's rows of a list into the member's tuple."""
    of_member: dict[object, list[Row]] = {}
    for row in below:
        of_member.setdefault(row[each.member], []).append(row)
    at, nothing = each.rows, list[Row]()
    return [(*row[:at], of_member.get(row[key], nothing), *row[at + 1 :]) for row in rows]


async def _sent(connection: AsyncConnection, query: Query, binds: Binds) -> Sequence[Row]:
    options = {"redacted": query.redacted}
    arguments = query.arguments(binds)
    found = await connection.exec_driver_sql(query.text, arguments, execution_options=options)
    return [tuple(row) for row in found]
