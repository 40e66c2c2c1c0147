"""A watch on every SQL statement: personal columns are read by the redacted relation alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from models.columns import path_of
from models.tables import ALL_TABLES
from tests.looking import MARK

PERSONAL_TABLES = sorted(
    table.name for table in ALL_TABLES if any(path_of(column) for column in table.columns)
)
_TAKES = re.compile(r"\b(?:select|returning)\b", re.IGNORECASE)
_NAMES = re.compile(rf"\b(?:{'|'.join(PERSONAL_TABLES)})\b")


def reads_personal_columns(statement: str) -> bool:
    """Whether a statement could take anything out of a table that holds personal columns."""
    if statement.startswith("CREATE VIEW"):
        return False
    return bool(_TAKES.search(statement) and _NAMES.search(statement))


@contextmanager
def watching() -> Iterator[list[str]]:
    """Collect the statements that read personal columns without being the redacted relation."""
    strays: list[str] = []

    def look(  # noqa: PLR0913, PLR0917 (SQLAlchemy's signature)
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        options = context.execution_options if context is not None else {}
        allowed = options.get("redacted") or MARK in statement
        if reads_personal_columns(statement) and not allowed:
            strays.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield strays
    finally:
        event.remove(Engine, "before_cursor_execute", look)
