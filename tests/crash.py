"""Crashing in the middle of a write: at any statement of it, the way each engine can be cut off."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.tables import METADATA

TABLES = tuple(table.name for table in METADATA.sorted_tables)

_ROWS = (
    " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in TABLES)  # noqa: S608
    + " ORDER BY 1, 2"
)

State = Mapping[str, Sequence[Any]]
"""Every row of every table."""


@dataclass
class Crash:
    """Counts the points of what writers do; at one of them the connection is cut off.

    On PostgreSQL the server sees the client vanish; on SQLite the driver reports a broken disk,
    and `killed` keeps the files as a killed process would have left them.
    """

    engine: Engine
    at: int
    """Points lie before and after each statement, and before COMMIT."""
    killed: Path
    points: int = 0
    statements: list[str] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    """The server's processes whose clients vanished."""

    @property
    def came(self) -> bool:
        return self.points > self.at

    def pass_point(self, connection: Connection) -> None:
        self.points += 1
        if self.points - 1 != self.at:
            return
        if self.engine.dialect.name == "sqlite":
            file = Path(str(self.engine.url.database))
            for suffix in ("", "-wal"):
                shutil.copyfile(f"{file}{suffix}", f"{self.killed}{suffix}")
            raise sqlite3.OperationalError("disk I/O error")
        driver: Any = connection.connection.driver_connection
        self.lost.append(driver.get_server_pid())
        driver.terminate()


@contextmanager
def crashing(crash: Crash) -> Iterator[Crash]:
    """Listen to the writers of a database, for as long as one mutation takes."""

    def before(  # noqa: PLR0913, PLR0917 (SQLAlchemy's signature)
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        if writes(connection):
            crash.statements.append(statement)
            crash.pass_point(connection)

    def after(  # noqa: PLR0913, PLR0917 (SQLAlchemy's signature)
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        if writes(connection):
            crash.pass_point(connection)

    def commit(connection: Connection) -> None:
        if writes(connection):
            crash.statements.append("COMMIT")
            crash.pass_point(connection)

    heard: Mapping[str, Callable[..., None]]
    heard = {"before_cursor_execute": before, "after_cursor_execute": after, "commit": commit}
    for name, listener in heard.items():
        event.listen(crash.engine, name, listener)
    try:
        yield crash
    finally:
        for name, listener in heard.items():
            event.remove(crash.engine, name, listener)


def writes(connection: Connection) -> bool:
    """On PostgreSQL readers come from the same engine."""
    return not connection.get_execution_options().get("postgresql_readonly")


async def state_of(database: Database, connection: AsyncConnection) -> State:
    """What a new reader finds, read past all that watches statements."""
    if database.dialect == "sqlite":
        return state_in(Path(str(database.writers.url.database)))
    driver: Any = (await connection.get_raw_connection()).driver_connection
    found = {name: list[str]() for name in TABLES}
    for name, row in await driver.fetch(_ROWS):
        found[name].append(row)
    return found


def state_in(file: Path) -> State:
    """What the next process finds in SQLite's files."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))  # noqa: S608
            for name in TABLES
        }
