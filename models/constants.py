"""Words, numbers and dates of the catalogue, written out in SQL.

What a caller or a member says is bound, never written. The catalogue is not theirs, and it bounds
the number of texts; binding what is known would cost each request its hundreds of parameters.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BinaryExpression, Boolean, ColumnElement, false, literal_column
from sqlalchemy.sql.operators import in_op, not_in_op

from models.types import TEXT, Instant, microseconds


def word(value: str) -> ColumnElement[str]:
    """Write a key of the catalogue."""
    return literal_column(_quoted(value), TEXT)


def number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger())


def date(value: datetime) -> ColumnElement[datetime]:
    return literal_column(str(microseconds(value)), Instant())


def among(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of some keys of the catalogue."""
    listed = ", ".join(map(_quoted, sorted(words)))
    if not listed:
        return false()
    # One text: of an expression for each word, a plan would be full.
    return BinaryExpression(column, literal_column(f"({listed})"), in_op, Boolean(), not_in_op)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
