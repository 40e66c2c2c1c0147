"""A watch on every SQL statement: personal columns are read by the redacted relation alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from models.columns import path_of
from models.postgresql_reader import PostgresReader
from models.query import Query
from models.sqlite_reader import SqliteConnection
from models.tables import ALL_TABLES
from tests.looking import MARK

PERSONAL_TABLES = sorted(
    table.name for table in ALL_TABLES if any(path_of(column) for column in table.columns)
)
_TAKES = re.compile(r"\b(?:select|returning)\b", re.IGNORECASE)
_NAMES = re.compile(rf"\b(?:{'|'.join(PERSONAL_TABLES)})\b")

Look = Callable[[str, bool], None]
"""Is shown each statement, and whether it says that it is the redacted relation."""


def reads_personal_columns(statement: str) -> bool:
    """Whether a statement could take anything out of a table that holds personal columns."""
    if statement.startswith("CREATE VIEW"):
        return False
    return bool(_TAKES.search(statement) and _NAMES.search(statement))


@contextmanager
def shown(look: Look) -> Iterator[None]:
    """Show every statement that is sent meanwhile, by SQLAlchemy or by a reader."""

    def of_engine(  # noqa: PLR0913, PLR0917 (SQLAlchemy's signature)
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        options = context.execution_options if context is not None else {}
        look(statement, bool(options.get("redacted")))

    on_sqlite, on_postgresql = SqliteConnection.fetch, PostgresReader.sent

    def of_sqlite(driver: Any, query: Query, binds: Any) -> Any:
        look(query.text, query.redacted)
        return on_sqlite(driver, query, binds)

    async def of_postgresql(connection: Any, query: Query, binds: Any) -> Any:
        look(query.text, query.redacted)
        return await on_postgresql(connection, query, binds)

    event.listen(Engine, "before_cursor_execute", of_engine)
    try:
        with (
            patch.object(SqliteConnection, "fetch", staticmethod(of_sqlite)),
            patch.object(PostgresReader, "sent", staticmethod(of_postgresql)),
        ):
            yield
    finally:
        event.remove(Engine, "before_cursor_execute", of_engine)


@contextmanager
def watching() -> Iterator[list[str]]:
    """Collect the statements that read personal columns without being the redacted relation."""
    strays: list[str] = []

    def look(statement: str, redacted: bool) -> None:  # noqa: FBT001 (as it is shown)
        if not (redacted or MARK in statement) and reads_personal_columns(statement):
            strays.append(statement)

    with shown(look):
        yield strays
