"""A watch on every SQL statement: personal columns are read by the redacted relation alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from models.columns import path_of
from models.tables import METADATA
from tests.looking import MARK

PERSONAL_TABLES = sorted(
    table.name
    for table in METADATA.tables.values()
    if any(path_of(column) for column in table.columns)
)
_NAMES = "|".join(PERSONAL_TABLES)
_READS = re.compile(rf'\b(?:from|join)\s+(?:\w+\.)?"?(?:{_NAMES})"?\b', re.IGNORECASE)
_DELETES = re.compile(rf'^\s*delete\s+from\s+"?(?:{_NAMES})"?\b', re.IGNORECASE)


def reads_personal_columns(statement: str) -> bool:
    """Whether a statement takes rows out of a table that holds personal columns."""
    writes = _DELETES.match(statement) or not _READS.search(statement)
    return "returning" in statement.lower() if writes and _touches(statement) else not writes


def _touches(statement: str) -> bool:
    return re.search(rf"\b(?:{_NAMES})\b", statement) is not None


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
