"""Queries: statements in the words of a driver, made once, with what each request binds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from models.judged import Statement

Binds = Mapping[str, object]
Arguments = tuple[object, ...] | dict[str, object]
"""In the order of the text on PostgreSQL, by name on SQLite."""

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": pysqlite.dialect(paramstyle="named"),  # each value is bound once
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


@dataclass(frozen=True, slots=True)
class Query:
    """The text of a statement, and how its arguments are made of values by name.

    `arguments` gives each value as the driver takes it, and raises KeyError for one that is
    missing; what else is given is left out.
    """

    text: str
    redacted: bool
    """Whether it is a statement of the redacted relation."""
    arguments: Callable[[Binds], Arguments]


def query_of(statement: Statement, dialect_name: str) -> Query:
    """Compile a statement. Raises ValueError if its text would depend on what is bound."""
    dialect = DIALECTS[dialect_name]
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler) or compiled.post_compile_params:
        raise ValueError("the text of this statement depends on what is bound")
    redacted = bool(statement.get_execution_options().get("redacted"))
    names = compiled.positiontup
    if names is None:
        return Query(compiled.string, redacted, _by_name(compiled, dialect))
    return Query(compiled.string, redacted, _in_order(compiled, dialect, names))


def from_driver(kind: TypeEngine[Any], dialect_name: str) -> Callable[[Any], Any] | None:
    """Give what makes a driver's value one of Python's; None where it is that already."""
    dialect = DIALECTS[dialect_name]
    processor: Callable[[Any], Any] | None
    processor = kind.dialect_impl(dialect).result_processor(dialect, None)
    return processor


Argument = tuple[str, Callable[[Any], Any] | None]


def _in_order(
    compiled: SQLCompiler, dialect: Dialect, names: Sequence[str]
) -> Callable[[Binds], Arguments]:
    each = [_argument(compiled, dialect, name) for name in names]
    own = _own(compiled)

    def arguments(binds: Binds) -> Arguments:
        given = {**own, **binds} if own else binds
        return tuple([given[name] if to is None else to(given[name]) for name, to in each])

    return arguments


def _by_name(compiled: SQLCompiler, dialect: Dialect) -> Callable[[Binds], Arguments]:
    each = [_argument(compiled, dialect, name) for name in compiled.binds]
    own = _own(compiled)

    def arguments(binds: Binds) -> Arguments:
        given = {**own, **binds} if own else binds
        return {name: given[name] if to is None else to(given[name]) for name, to in each}

    return arguments


def _own(compiled: SQLCompiler) -> Binds:
    """Give what the statement itself binds: no word of a caller."""
    return {name: bind.value for name, bind in compiled.binds.items() if not bind.required}


def _argument(compiled: SQLCompiler, dialect: Dialect, name: str) -> Argument:
    """Give the name of a value, and what makes it one of the driver's."""
    return name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
