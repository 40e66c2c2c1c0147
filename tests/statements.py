"""Counting the SQL statements that read members' data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.watch import reads_personal_columns


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect every statement that reads tables with personal columns."""
    statements: list[str] = []

    def look(  # noqa: PLR0913, PLR0917 (SQLAlchemy's signature)
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
    ) -> None:
        if reads_personal_columns(statement):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", look)
