"""Reads on PostgreSQL: each is one statement, which is a snapshot of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy import URL

from models.postgresql import BUSY_SECONDS, Connection, alone, connect
from models.query import Binds, Query
from models.reader import Read, Reader, Row


class PostgresReader(Reader):
    """So many connections at most, each opened by the first read that finds none idle.

    The driver's own pool cleans each connection up in a round trip of its own. A read leaves
    nothing behind that would have to be.
    """

    def __init__(self, url: URL, connections: int) -> None:
        super().__init__(connections)
        self._url = url
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the driver's, on which each statement is a snapshot of its own."""
        async with self._permits, self._lent() as connection:
            yield connection

    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        async with self._lent() as connection:
            if read.brief is not None:
                rows = await self.sent(connection, read.brief, binds)
                if rows[0][read.key] is not None:
                    return rows
            return await self.sent(connection, read.alone, binds)

    @staticmethod
    async def sent(connection: Connection, query: Query, binds: Binds) -> Sequence[Row]:
        """Give the tuples of a statement."""
        return cast("Sequence[Row]", await connection.fetch(query.text, *query.arguments(binds)))

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
        connection = await self._taken()
        try:
            async with alone(connection):
                yield connection
        except asyncio.CancelledError:
            # The server is asked to stop, and may stop what comes next: nothing comes next.
            self._afterwards(connection.close(timeout=BUSY_SECONDS))
            raise
        except BaseException:
            self._idle.append(connection)
            raise
        self._idle.append(connection)

    async def _taken(self) -> Connection:
        """Give the connection last used, unless the server has closed it; or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await connect(self._url)

    async def _leave(self) -> None:
        while self._idle:
            await self._idle.pop().close(timeout=BUSY_SECONDS)
