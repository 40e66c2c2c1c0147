"""The database: a snapshot to read in, a transaction to write in, the stamp of its schema."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Connection, Dialect, MetaData, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from models.engines import parse_url, postgresql_engine, sqlite_engine
from models.marks import leave_mark
from models.postgresql_reader import PostgresReader
from models.reader import Reader
from models.replicas import Asked, Missed, Replica, Replicas
from models.sqlite_reader import SqliteReader
from models.tables import METADATA, SCHEMA_STAMP
from models.views import view_texts
from policy.errors import StartUpError

NEW_DATABASE = (
    "Start a new one: name another database in SEKISHO_DATABASE_URL, or remove this one, "
    "then run `sekisho seed`."
)


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
    replicas: Replicas | None = None
    marked: bool = True
    """Whether writes leave marks, by which reads elsewhere know what they see."""

    @classmethod
    def open(cls, url: str, *, connections: int = 8, marked: bool = True) -> Self:
        """Connect lazily, with at most so many readers. Raises StartUpError for a bad URL."""
        parsed = parse_url(url)
        name, dialect = parsed.render_as_string(hide_password=True), parsed.get_backend_name()
        if dialect == "sqlite":
            readers = sqlite_engine(parsed, connections, read_only=True)
            writers = sqlite_engine(parsed, 1, read_only=False)
            reader = SqliteReader(parsed, connections)
            return cls(name, dialect, readers, writers, reader, marked=False)
        writers = postgresql_engine(parsed, connections)
        readers = writers.execution_options(**_SNAPSHOT)
        return cls(
            name, dialect, readers, writers, PostgresReader(parsed, connections), marked=marked
        )

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
        asking = postgresql_engine(self.writers.url, 1)
        primary = asking.execution_options(isolation_level="AUTOCOMMIT")
        each = [_replica(url, connections) for url in parsed]
        return replace(self, replicas=Replicas(Asked(primary), each, missed))

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

    async def create_tables(self) -> None:
        """Create and stamp the tables of a new database; one that has them must have these.

        Raises StartUpError for a database that holds tables of another schema, or not ours.
        """
        if await self.stamp() is not None:
            await self.check_stamp()
            return
        try:
            async with self.write() as connection:
                await connection.run_sync(_create)
        except DBAPIError as fault:
            raise StartUpError(
                f"{self.name} holds tables that are not Sekisho's. {NEW_DATABASE}"
            ) from fault

    async def stamp(self) -> str | None:
        """The digest of the schema this database was made with; None for a new one.

        Raises StartUpError where the database cannot be reached.
        """
        try:
            async with self.read() as connection:
                return await connection.run_sync(_stamp)
        except (DBAPIError, OSError) as fault:
            raise StartUpError(
                f"Cannot reach {self.name}. Check SEKISHO_DATABASE_URL and that the server runs."
            ) from fault

    async def check_stamp(self) -> None:
        """Raise StartUpError unless the database was made with exactly these tables."""
        stamp = await self.stamp()
        if stamp is None:
            raise StartUpError(f"{self.name} is empty. Run `sekisho seed` to fill it.")
        if stamp != _own_digest(self.writers.dialect):
            raise StartUpError(
                f"{self.name} was made by another version of Sekisho. {NEW_DATABASE}"
            )


_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _replica(url: URL, connections: int) -> Replica:
    engine = postgresql_engine(url, connections).execution_options(**_SNAPSHOT)
    return Replica(url.render_as_string(hide_password=True), engine)


def digest(dialect: Dialect) -> str:
    """SHA-256 of the DDL of all tables and views, in the words of one engine."""
    ddl: list[DDLElement] = []
    for table in METADATA.sorted_tables:
        ddl.append(CreateTable(table))
        ddl += map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))
    made = [*(str(statement.compile(dialect=dialect)) for statement in ddl), *view_texts(dialect)]
    texts = (" ".join(text.split()) for text in made)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


_digests: dict[str, str] = {}


def _own_digest(dialect: Dialect) -> str:
    """The digest of the tables as they are declared; a process works it out once for an engine."""
    if dialect.name not in _digests:
        _digests[dialect.name] = digest(dialect)
    return _digests[dialect.name]


def _create(connection: Connection) -> None:
    METADATA.create_all(connection, checkfirst=False)
    for text in view_texts(connection.dialect):
        connection.exec_driver_sql(text)
    connection.execute(SCHEMA_STAMP.insert().values(id=1, digest=_own_digest(connection.dialect)))


def _stamp(connection: Connection) -> str | None:
    if not inspect(connection).has_table(SCHEMA_STAMP.name):
        return None
    return connection.execute(select(SCHEMA_STAMP.c.digest)).scalar_one_or_none()
