"""Stored values as an answer shows them: what a driver gives, in GraphQL's words."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLOutputType,
    GraphQLScalarType,
    get_nullable_type,
)
from orjson import Fragment
from sqlalchemy import Boolean
from sqlalchemy.types import TypeEngine

from models.types import Instant, Words, instant

AS_THEY_ARE = frozenset({"String", "ID", "Int", "Date", "EmailAddress", "GeoPoint"})
"""Scalars that JSON writes as the driver gives them: of days, both engines' are written alike."""

Conversion = Callable[[Any], Any] | Mapping[Any, Any] | None
"""How a raw value is shown: by a function, which is given no None, by a table, or as it is."""


class Named(dict[Any, Any]):
    """Words as they are stored, with the names that the schema gives them."""

    def __missing__(self, word: Any) -> Any:
        # INVARIANT: the word is a stored value: no message holds it.
        raise ValueError("a stored word is none of the schema's")


TRUTH = Named({None: None, 0: False, 1: True})


def conversion(column: TypeEngine[Any], kind: GraphQLOutputType, dialect: str) -> Conversion:
    """Give how a column of this type is shown as a field of that. Raises NotImplementedError."""
    match column, get_nullable_type(kind):
        case Words(), GraphQLList():
            return Fragment  # which is stored as the answer has it
        case Instant(), GraphQLScalarType(name="DateTime") as scalar:
            return _instant(scalar)
        case Boolean(), GraphQLScalarType(name="Boolean"):
            return None if dialect == "postgresql" else TRUTH
        case _, GraphQLEnumType(values=values):
            names = {_word(value.value): name for name, value in values.items()}
            return Named({None: None, **names})
        case _, GraphQLScalarType(name=name) if name in AS_THEY_ARE:
            return None
    raise NotImplementedError(f"{column!r} as {kind}")


def _instant(kind: GraphQLScalarType) -> Callable[[int], Any]:
    shown = kind.coerce_output_value

    def convert(count: int) -> Any:
        return shown(instant(count))

    return convert


def _word(value: Any) -> Any:
    """Give what is stored of a word that the schema's enum holds."""
    return getattr(value, "value", value)
