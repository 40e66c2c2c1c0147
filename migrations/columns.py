"""Words in which revisions say what a table holds, the same for both engines.

INVARIANT: revisions that were released rest on these, so none changes; what is new gets a new word.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compares by code point on both engines."""
SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")
"""A key that the engine numbers."""
INSTANT = BigInteger()
"""Microseconds since 1970 in UTC."""
BIG, NUMBER, SMALL, YES_OR_NO, DAY, BYTES = (
    *(BigInteger(), Integer(), SmallInteger(), Boolean(), Date(), LargeBinary()),
)

Kind = TypeEngine[Any]
Part = Sequence[SchemaItem]


def table(op: Operations, name: str, *parts: Part, **options: Any) -> None:
    """Make a table of these parts; the options are the engines' own."""
    op.create_table(name, *chain.from_iterable(parts), **options)


def key(kind: Kind, *names: str) -> Part:
    """Columns of the primary key."""
    numbered = kind is SEQUENCE
    return [
        Column(name, kind, primary_key=True, nullable=False, autoincrement=numbered)
        for name in names
    ]


def always(kind: Kind, *names: str) -> Part:
    """Columns that every row fills."""
    return [Column(name, kind, nullable=False) for name in names]


def maybe(kind: Kind, *names: str) -> Part:
    """Columns that a row may leave empty."""
    return [Column(name, kind) for name in names]


def graphql_int(name: str) -> Part:
    """A number that GraphQL's Int can say; a row may leave it empty."""
    within = f"{name} BETWEEN -2147483648 AND 2147483647"
    return [Column(name, BIG, CheckConstraint(within, name=f"{name}_is_graphql_int"))]


def one_of(name: str, *words: str) -> Part:
    """One of these words; a row may leave it empty."""
    return [Column(name, TEXT, word(name, *words))]


def word(name: str, *words: str) -> CheckConstraint:
    """That the column of this name holds one of these words."""
    listed = ", ".join(f"'{each}'" for each in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_a_word")
