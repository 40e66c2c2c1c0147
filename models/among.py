"""Many values in one condition, as one parameter: the text of the statement stays the same."""

from collections.abc import Collection, Sequence
from typing import Any, Self

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    TableValuedAlias,
    Text,
    bindparam,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


class Several(TypeDecorator[Sequence[Any]]):
    """Values of one type as one parameter: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.each) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        stored = self.each.dialect_impl(dialect).bind_processor(dialect)
        return orjson.dumps(list(map(stored, value)) if stored else value).decode()


class is_among(GenericFunction[bool]):  # noqa: N801 (the name of an SQL function)
    """Whether a value is one of several that one parameter holds."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """It is a condition already: held against TRUE, no index would serve it."""
        return self


@compiles(is_among, "sqlite")
def _(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    value, several = (compiler.process(each, **kw) for each in element.clauses)
    return f"{value} IN (SELECT value FROM json_each({several}))"  # noqa: S608 (bound)


@compiles(is_among, "postgresql")
def _(element: is_among, compiler: SQLCompiler, **kw: Any) -> str:
    value, several = (compiler.process(each, **kw) for each in element.clauses)
    return f"{value} = ANY ({several})"


def among_bound(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether the column is one of the values that are bound, as a list, under this name."""
    return is_among(column, bindparam(name, type_=Several(column.type)))


def among(column: ColumnElement[Any], values: Collection[int | str]) -> ColumnElement[bool]:
    """Whether the column is one of these numbers or texts."""
    return is_among(column, bindparam(None, sorted(values), type_=Several(column.type)))


def each_of(connection: AsyncConnection, numbers: Collection[int]) -> TableValuedAlias:
    """These numbers as a table to join with; its one column is `value`."""
    wanted = sorted(numbers)
    if connection.dialect.name == "postgresql":
        given = bindparam(None, wanted, type_=ARRAY(BigInteger))
        return func.unnest(given).table_valued("value").render_derived()
    return _each(wanted)


def _each(wanted: Collection[int | str]) -> TableValuedAlias:
    return func.json_each(orjson.dumps(wanted).decode()).table_valued("value")
