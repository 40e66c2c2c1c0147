"""Reads on SQLite: each in one hop to a thread, on a connection that nobody else uses meanwhile."""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from os import nice

from sqlalchemy import URL

from models.engines import STEP
from models.query import Binds, Query
from models.reader import Read, Reader, Row, members_with, with_rows
from models.rows_below import MEMBERS
from models.sqlite import check_there, file_at, opened

BEHIND = 10
"""How far reads stand back: one that takes long keeps nobody waiting who has little to do."""
_stand_back = partial(nice, BEHIND) if sys.platform == "linux" else None
"""On Linux alone is it a thread that is `nice`; elsewhere it would be the whole process."""


class SqliteReader(Reader):
    """So many connections at most, each opened by the first read that finds none idle."""

    def __init__(self, url: URL, connections: int) -> None:
        super().__init__(connections)
        self._url = url
        self._threads = ThreadPoolExecutor(connections, "sekisho-read", _stand_back)
        self._idle: list[SqliteConnection] = []

    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        connection = self._idle.pop() if self._idle else SqliteConnection(self._url)
        hop = self._threads.submit(connection.read, read, binds, size)
        try:
            rows = await asyncio.wrap_future(hop)
        except BaseException:
            self._afterwards(self._stop(connection, hop))
            raise
        self._idle.append(connection)
        return rows

    async def _stop(self, connection: "SqliteConnection", hop: Future[Sequence[Row]]) -> None:
        """Wait for the end of a read that was given up: before it nobody has the connection."""
        while not (hop.done() or hop.cancel()):
            connection.interrupt()  # which is too early where the thread has not begun
            await asyncio.sleep(STEP)
        self._idle.append(connection)

    async def _leave(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown()


class SqliteConnection:
    """A connection to the file that lies where the URL says."""

    def __init__(self, url: URL, *, read_only: bool = True) -> None:
        self._url = url
        self._read_only = read_only
        self._file: tuple[int, int] | None = None
        self._driver: sqlite3.Connection | None = None

    def read(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        """Read in one snapshot: that of the statement, or of a transaction around several."""
        driver = self.opened()
        if not read.apart:
            return self.fetch(driver, read.alone, binds)
        driver.execute("BEGIN")
        try:
            rows = self.fetch(driver, read.alone, binds)
            for each in read.apart:
                if keys := members_with(each, read.key, rows, size):
                    below = self.fetch(driver, each.query, {**binds, MEMBERS: keys})
                    rows = with_rows(each, read.key, rows, below)
            return rows
        finally:
            driver.rollback()  # there is nothing to commit

    @staticmethod
    def fetch(driver: sqlite3.Connection, query: Query, binds: Binds) -> Sequence[Row]:
        """Give every tuple of one statement."""
        return driver.execute(query.text, query.arguments(binds)).fetchall()

    def opened(self) -> sqlite3.Connection:
        """Give the driver's connection, another one if the file it read is no longer there.

        Raises Unreachable where there is none.
        """
        if self._driver is None or self._file != file_at(self._url):
            self.close()
            check_there(self._url)
            self._driver = opened(self._url, read_only=self._read_only)
            self._file = file_at(self._url)
        return self._driver

    def interrupt(self) -> None:
        if self._driver is not None:
            self._driver.interrupt()

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None
