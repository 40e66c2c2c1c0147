"""Reads on PostgreSQL: each is one statement, which is a snapshot of its own."""

import asyncio
from collections.abc import Sequence
from typing import cast

from sqlalchemy import URL

from models.postgresql import BUSY_SECONDS, Connection, alone, connect
from models.query import Binds
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

    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        query = read.alone
        arguments = query.arguments(binds)
        connection = await self._taken()
        try:
            async with alone(connection):
                found = await connection.fetch(query.text, *arguments)
        except asyncio.CancelledError:
            # The server is asked to stop, and may stop what comes next: nothing comes next.
            self._afterwards(connection.close(timeout=BUSY_SECONDS))
            raise
        except BaseException:
            self._idle.append(connection)
            raise
        self._idle.append(connection)
        return cast("Sequence[Row]", found)

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
