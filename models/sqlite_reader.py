"""Reads on SQLite: each in one hop to a thread, on a connection that nobody else uses meanwhile."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import URL

from models.engines import file_at, pragmas
from models.postgresql import BUSY_SECONDS
from models.query import Binds
from models.reader import Read, Reader, Row, members_with, with_rows
from models.rows_below import MEMBERS


class SqliteReader(Reader):
    """So many connections at most, each opened by the first read that finds none idle."""

    def __init__(self, url: URL, connections: int) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(connections, "sekisho-read")
        self._permits = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []
        self._closed = False

    async def _read(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        await self._permits.acquire()
        connection = self._idle.pop() if self._idle else _Connection(self._url)
        try:
            hop = self._threads.submit(connection.read, read, binds, size)
        except BaseException:
            self._give_back(connection)
            raise
        try:
            rows = await asyncio.wrap_future(hop)
        except asyncio.CancelledError:
            self._stop(connection, hop)
            raise
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)
        return rows

    def _stop(self, connection: "_Connection", hop: Future[Sequence[Row]]) -> None:
        """Let nobody wait for the rest. The connection is another's when the thread is done."""
        loop = asyncio.get_running_loop()
        connection.interrupt()
        hop.add_done_callback(lambda _: loop.call_soon_threadsafe(self._give_back, connection))

    def _give_back(self, connection: "_Connection") -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)
        self._permits.release()

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False)


class _Connection:
    """A connection to the file that lies where the URL says."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._file: tuple[int, int] | None = None
        self._driver: sqlite3.Connection | None = None

    def read(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        """Read in one snapshot: that of the statement, or of a transaction around several."""
        driver = self._opened()
        if not read.apart:
            return driver.execute(read.alone.text, read.alone.arguments(binds)).fetchall()
        driver.execute("BEGIN")
        try:
            return self._with_lists(driver, read, binds, size)
        finally:
            driver.rollback()  # there is nothing to commit

    def _with_lists(
        self, driver: sqlite3.Connection, read: Read, binds: Binds, size: int | None
    ) -> Sequence[Row]:
        rows: Sequence[Row]
        rows = driver.execute(read.alone.text, read.alone.arguments(binds)).fetchall()
        for each in read.apart:
            if keys := members_with(each, read.key, rows, size):
                arguments = each.query.arguments({**binds, MEMBERS: keys})
                below = driver.execute(each.query.text, arguments).fetchall()
                rows = with_rows(each, read.key, rows, below)
        return rows

    def _opened(self) -> sqlite3.Connection:
        """Give the driver's connection, another one if the file it read is no longer there."""
        if self._driver is None or self._file != file_at(self._url):
            self.close()
            self._driver = sqlite3.connect(
                self._url.database or "",
                timeout=BUSY_SECONDS,
                isolation_level=None,
                cached_statements=512,
                check_same_thread=False,
            )
            for pragma in pragmas(read_only=True):
                self._driver.execute(f"PRAGMA {pragma}")
            self._file = file_at(self._url)
        return self._driver

    def interrupt(self) -> None:
        if self._driver is not None:
            self._driver.interrupt()

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None
