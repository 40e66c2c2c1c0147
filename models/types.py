"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_BY_CODE_POINT = Text(collation="C")

TEXT: TypeEngine[str] = Text().with_variant(_BY_CODE_POINT, "postgresql")
"""Text that compares by code point on both engines."""

SEQUENCE: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""A BIGINT primary key the engine numbers (SQLite numbers INTEGER keys only)."""


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises ValueError for a time without a zone."""
    if at.utcoffset() is None:
        message = "a time without a zone cannot be stored: give an aware one, in UTC"
        raise ValueError(message)
    return (at - EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """The aware time that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC, stored as BIGINT microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class Words(TypeDecorator[Sequence[str]]):
    """A list of strings, stored as the text of a compact JSON array."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _BY_CODE_POINT if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(list(value)).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else orjson.loads(value)
