"""The database: a snapshot to read in, a transaction to write in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.engines import parse_url, postgresql_engine, sqlite_engine
from models.marks import Asked, leave_mark
from models.paired import PAIRED
from models.postgresql_reader import PostgresReader
from models.reader import WIDE, Reader
from models.replicas import Missed, Replica, Replicas
from models.replicated_reader import ReplicatedReader
from models.sqlite_reader import SqliteReader
from policy.errors import StartUpError


@dataclass(frozen=True, slots=True)
class Database:
    """Where members' data, the event log and the catalogue's versions are kept.

    Two engines: one that can only read, one for writers; and the reader of members. INVARIANT:
    close it, or SQLite's threads outlive their loop.
    """

    name: str
    """The URL without its password, for messages."""
    dialect: str
    """"sqlite" or "postgresql"."""
    readers: AsyncEngine
    writers: AsyncEngine
    reader: Reader
    """Reads members on the driver itself."""
    pairs: asyncio.Semaphore
    """To as many as may take two connections at the same time."""
    replicas: Replicas | None = None
    marked: bool = True
    """Whether writes leave marks, by which reads elsewhere know what they see."""

    @classmethod
    def open(cls, url: str, *, connections: int = 8, marked: bool = True) -> Self:
        """Connect lazily, with at most so many readers. Raises StartUpError for a bad URL."""
        parsed = parse_url(url)
        pairs = asyncio.Semaphore(connections // WIDE)
        name, dialect = parsed.render_as_string(hide_password=True), parsed.get_backend_name()
        if dialect == "sqlite":
            readers = sqlite_engine(parsed, connections, read_only=True)
            writers = sqlite_engine(parsed, 1, read_only=False)
            sqlite = SqliteReader(parsed, connections)
            return cls(name, dialect, readers, writers, sqlite, pairs, marked=False)
        writers = postgresql_engine(parsed, connections)
        readers = writers.execution_options(**_SNAPSHOT)
        reader = PostgresReader(parsed, connections)
        return cls(name, dialect, readers, writers, reader, pairs, marked=marked)

    def followed(self, urls: Sequence[str], missed: Missed, *, connections: int = 8) -> Self:
        """The same, with the replicas at these URLs to read from. Raises StartUpError."""
        if not urls:
            return self
        parsed = [parse_url(url) for url in urls]
        if "sqlite" in {self.dialect, *(each.get_backend_name() for each in parsed)}:
            raise StartUpError(
                "SQLite has no replicas. Leave SEKISHO_REPLICA_URL out, or keep the database in "
                "PostgreSQL."
            )
        url = self.writers.url
        each = [_replica(url, connections) for url in parsed]
        replicas = Replicas(Asked(PostgresReader(url, 1)), each, missed)
        reader = ReplicatedReader(url, connections, replicas)
        return replace(self, reader=reader, replicas=replicas)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one snapshot, taken at its first statement, and cannot write."""
        async with self.readers.connect() as connection:
            yield connection

    @asynccontextmanager
    async def read_anywhere(self) -> AsyncIterator[AsyncConnection]:
        """As `read`, of a replica if one shows all that was acknowledged before this began."""
        async with AsyncExitStack() as opened:
            if self.replicas is not None:
                elsewhere = await opened.enter_async_context(self.replicas.read())
                if elsewhere is not None:
                    yield elsewhere
                    return
            yield await opened.enter_async_context(self.read())

    @asynccontextmanager
    async def read_alone(self) -> AsyncIterator[Sequence[AsyncConnection]]:
        """The one connection of `read_anywhere`."""
        async with self.read_anywhere() as connection:
            yield (connection,)

    @asynccontextmanager
    async def read_paired(self) -> AsyncIterator[Sequence[AsyncConnection]]:
        """As `read_alone`, and a second connection that sees the same, where it can be had.

        INVARIANT: few are read in pairs, so whoever waits for a second one gets it in time.
        """
        if self.replicas is not None or self.pairs.locked():
            async with self.read_alone() as connections:
                yield connections
            return
        async with self.pairs, PAIRED[self.dialect](self.readers) as connections:
            yield connections

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, durable when the block ends, undone when it raises."""
        async with self.writers.begin() as connection:
            yield connection
            if self.marked:
                await leave_mark(connection)

    async def scrub(self, tables: MetaData) -> None:
        """Let nothing of what was deleted from these tables stay behind in the engine's files."""
        async with self.writers.connect() as connection:
            # Outside any transaction, so on the driver; archives and backups are not its to reach.
            driver: Any = (await connection.get_raw_connection()).driver_connection
            if self.dialect == "sqlite":
                await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                await driver.execute("VACUUM " + ", ".join(tables.tables))

    async def close(self) -> None:
        """Close every connection, so that the process can end."""
        await self.reader.close()
        await self.readers.dispose()
        await self.writers.dispose()
        if self.replicas is not None:
            await self.replicas.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _replica(url: URL, connections: int) -> Replica:
    engine = postgresql_engine(url, connections).execution_options(**_SNAPSHOT)
    reader, permits = PostgresReader(url, connections), asyncio.Semaphore(connections)
    return Replica(url.render_as_string(hide_password=True), engine, reader, permits)
