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
        self._url = url
        self._permits = asyncio.Semaphore(connections)
        self._idle: list[Connection] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    async def _read(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        query = read.alone
        arguments = query.arguments(binds)
        await self._permits.acquire()
        try:
            connection = await self._taken()
        except BaseException:
            self._permits.release()
            raise
        try:
            async with alone(connection):
                found = await connection.fetch(query.text, *arguments)
        except Exception:
            self._give_back(connection)
            raise
        except BaseException:
            self._leave(connection)
            raise
        self._give_back(connection)
        return cast("Sequence[Row]", found)

    async def _taken(self) -> Connection:
        """Give an idle connection that the server has not closed, the last one used; or another."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await connect(self._url)

    def _give_back(self, connection: Connection) -> None:
        if self._closed:
            self._leave(connection)
        else:
            self._idle.append(connection)
            self._permits.release()

    def _leave(self, connection: Connection) -> None:
        """Take leave of a connection, as soon as the server has stopped what runs on it."""
        leaving = asyncio.create_task(connection.close(timeout=BUSY_SECONDS))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._left)

    def _left(self, leaving: "asyncio.Task[None]") -> None:
        self._leaving.discard(leaving)
        self._permits.release()
        if not leaving.cancelled():
            leaving.exception()  # whoever cannot be told is gone

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().close(timeout=BUSY_SECONDS)
        await asyncio.gather(*self._leaving, return_exceptions=True)
