"""One read snapshot for all personal entries of an operation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import Live
from models.database import Database
from models.judged import APART
from models.query import Binds
from models.reader import Read

Row = Sequence[object]
Confirm = Callable[[AsyncConnection], Awaitable[None]]
Opening = Callable[[], AbstractAsyncContextManager[Sequence[AsyncConnection]]]


@dataclass(slots=True)
class Snapshot:
    """Taken at the first statement; what is asked later sees what that one saw.

    Entries run side by side, a connection serves one statement at a time. INVARIANT: closed with
    the operation, also when an entry fails while another still reads; nothing is read after that.
    """

    database: Database
    confirm: Confirm | None = None
    """Raises where what is read here could not be answered by what the operation holds."""
    live: Live | None = None
    """The versions of the catalogue that the operation holds."""
    alone: bool = False
    """Whether one statement, with its lists, is all that the operation reads."""
    connections: Sequence[AsyncConnection] = ()
    """Those of the snapshot, once there is one."""
    closed: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    held: AsyncExitStack = field(default_factory=AsyncExitStack)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give the connection for a while. Raises RuntimeError once the operation is over."""
        async with self._taken(self.database.read_alone) as connections:
            yield connections[0]

    @asynccontextmanager
    async def reading_widely(self) -> AsyncIterator[Sequence[AsyncConnection]]:
        """Give the connection, and one more that sees the same where nothing was read before.

        Raises RuntimeError once the operation is over.
        """
        async with self._taken(self.database.read_paired) as connections:
            yield connections

    @asynccontextmanager
    async def _taken(self, opening: Opening) -> AsyncIterator[Sequence[AsyncConnection]]:
        async with self.turn:
            if self.closed:
                raise RuntimeError("the operation is over")
            if not self.connections:
                self.connections = await self._open(opening)
            yield self.connections

    async def _open(self, opening: Opening) -> Sequence[AsyncConnection]:
        async with AsyncExitStack() as opened:
            connections = await opened.enter_async_context(opening())
            if self.confirm is not None:
                await self.confirm(connections[0])
            self.held.push_async_exit(opened.pop_all())
            return connections

    async def read(self, read: Read, values: Binds, size: int | None = None) -> Sequence[Row]:
        """Give the tuples of members that are prepared to be read, of a page so many."""
        if self.alone and not self.closed:
            answered = await self.database.reader.alone(read, values, size)
            if answered.live == self.live:
                return answered.rows
            # What is live now has to be confirmed, in a snapshot that can tell of it.
        async with self.reading() as connection:
            return await self.database.reader.within(connection, read, values, size)

    async def fetch(
        self, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]
    ) -> Sequence[Row]:
        """Give every tuple of one statement."""
        async with self.reading() as connection:
            return (await connection.execute(statement, values, execution_options=APART)).all()

    async def renew(self) -> None:
        """Let what is asked next see what is there now: this operation has written."""
        async with self.turn:
            self.connections = ()
            await self.held.aclose()

    async def close(self) -> None:
        """Let go of the connection; nothing can be read any more."""
        if not self.connections and not self.turn.locked():
            self.closed = True  # there is nothing to let go of
            return
        async with self.turn:
            self.closed = True
            await self.held.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
