"""Counting the SQL statements that read members' data."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.watch import reads_personal_columns, shown


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect every statement that reads tables with personal columns."""
    statements: list[str] = []

    def look(statement: str, _redacted: bool) -> None:  # noqa: FBT001 (as it is shown)
        if reads_personal_columns(statement):
            statements.append(statement)

    with shown(look):
        yield statements
