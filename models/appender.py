"""Writes a batch of entries, on a driver's connection that nobody else uses, in one transaction.

This is what every answer waits for: on SQLite one hop to a thread, on PostgreSQL one round trip.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import URL

from models.postgresql import BUSY_SECONDS, Connection, alone, connect
from models.sqlite_reader import SqliteConnection

COLUMNS = ("segment", "seq", "salt", "body", "link")
_INSERT = f"INSERT INTO ledger_entry ({', '.join(COLUMNS)}) VALUES ({{}})"  # noqa: S608 (our own)

Entries = Sequence[tuple[Any, ...]]
"""Rows of the ledger, by COLUMNS."""


class Appender(ABC):
    """One writer's road to the ledger's entries. A connection on which it fails is given up."""

    @abstractmethod
    async def write(self, entries: Entries) -> None:
        """Make them durable, all or none. Raises whatever fails."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""


def appender_to(url: URL) -> Appender:
    """Give the road to the ledger at this address; it connects with the first entries."""
    return SqliteAppender(url) if url.get_backend_name() == "sqlite" else PostgresAppender(url)


class SqliteAppender(Appender):
    """Into a file."""

    def __init__(self, url: URL) -> None:
        self._thread = ThreadPoolExecutor(1, "sekisho-ledger")
        self._connection = SqliteConnection(url, read_only=False)

    async def write(self, entries: Entries) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._write, entries)

    def _write(self, entries: Entries) -> None:
        try:
            driver = self._connection.opened()
            driver.execute("BEGIN IMMEDIATE")
            driver.executemany(_INSERT.format("?, ?, ?, ?, ?"), entries)
            driver.execute("COMMIT")
        except BaseException:
            self._connection.close()
            raise

    async def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()


class PostgresAppender(Appender):
    """Into a database."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: Connection | None = None

    async def write(self, entries: Entries) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url)
        try:
            async with alone(self._connection):  # else each call is a transaction of its own
                await self._connection.executemany(_INSERT.format("$1, $2, $3, $4, $5"), entries)
        except BaseException:
            self._connection.terminate()
            self._connection = None
            raise

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=BUSY_SECONDS)
