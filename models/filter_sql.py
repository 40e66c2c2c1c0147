"""The SQL of a filter: what it compares is open to the caller, in every leaf, negated or not.

INVARIANT: `not` is pushed down to the leaves, and a leaf holds its grant, so that a withheld value,
a missing value and no value at all satisfy exactly the same filters.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from models.among import among_bound
from models.condition_sql import Bool
from models.criteria import Either, Every, Filter, Leaf, Not, Op, SomeRow
from models.tables import column_of
from models.types import TEXT
from models.view import View, cell_open, exists_row, row_open

LAST_POINT = "\U0010ffff"
"""A noncharacter behind every character: texts that start alike lie before it."""

_POSITIVE = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.IS_NULL: Op.NOT_NULL}
"""An operator that negates, and what it negates."""


class Cell(NamedTuple):
    """One field of a row: whether it is open, and the stored value."""

    open: Bool
    column: ColumnElement[Any]


Cells = Callable[[str], Cell]


class position_in(GenericFunction[int]):  # noqa: N801 (the name of an SQL function)
    """Where in a text a text begins, from 1; 0 if nowhere. Case-sensitive, without wildcards."""

    inherit_cache = True


@compiles(position_in, "sqlite")
def _(element: position_in, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(position_in, "postgresql")
def _(element: position_in, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


def normal(where: Filter, *, negated: bool = False) -> Filter:
    """Give the same filter with `not` at leaves and rows alone (De Morgan)."""
    match where:
        case Every(parts):
            within = tuple(normal(part, negated=negated) for part in parts)
            return Either(within) if negated else Every(within)
        case Either(parts):
            within = tuple(normal(part, negated=negated) for part in parts)
            return Every(within) if negated else Either(within)
        case Not(part):
            return normal(part, negated=not negated)
        case Leaf(path, op, operand) if op in _POSITIVE:
            return normal(Leaf(path, _POSITIVE[op], operand), negated=not negated)
        case Leaf():
            return Not(where) if negated else where
        case _:
            some = SomeRow(where.relation, normal(where.of))
            return Not(some) if negated else some


def needs_an_opening(where: Filter) -> bool:
    """Whether a filter in normal form holds only where one of the values it names is open."""
    match where:
        case Every(parts):
            return any(needs_an_opening(part) for part in parts)
        case Either(parts):
            return all(needs_an_opening(part) for part in parts)
        case Not():
            return False
        case _:
            return True


def raw_cells(view: View) -> Cells:
    """Give cells as they are stored, each with its grant."""

    def cell(path: str) -> Cell:
        return Cell(cell_open(view, path), column_of(path))

    return cell


def matches(view: View, where: Filter, cells: Cells | None = None) -> Bool:
    """Give TRUE exactly where a filter in normal form holds; FALSE or NULL elsewhere."""
    cells = cells or raw_cells(view)
    match where:
        case Every():
            parts = list(_parts(where))
            leaves = [part for part in parts if isinstance(part, Leaf)]
            held = (_holds(leaf, cells(leaf.path).column) for leaf in leaves)
            grants = {view.grants.access_class(leaf.path): leaf.path for leaf in leaves}
            opened = (cells(path).open for path in grants.values())
            rest = (matches(view, part, cells) for part in parts if not isinstance(part, Leaf))
            return and_(true(), *held, *opened, *rest)
        case Either(parts):
            return or_(false(), *(matches(view, part, cells) for part in parts))
        case Leaf():
            return _compared(where, cells)
        case Not(part):
            # INVARIANT: NOT of what could be NULL would tell a missing value from another.
            return ~func.coalesce(matches(view, part, cells), false())
        case _:
            passing = row_matches(view, where.relation, where.of)
            return exists_row(view.standing, where.relation, passing)


def _parts(where: Every) -> Iterator[Filter]:
    """Give all that must hold, without nesting: the grant of an access class is then said once."""
    for part in where.parts:
        if isinstance(part, Every):
            yield from _parts(part)
        else:
            yield part


def row_matches(view: View, relation: str, where: Filter) -> Bool:
    """Whether a row is open and passes a filter in normal form.

    What needs one of the row's values to be open says so itself: then it is not said again.
    """
    within = matches(view, where)
    return within if needs_an_opening(where) else and_(row_open(view, relation), within)


def _compared(leaf: Leaf, cells: Cells) -> Bool:
    cell = cells(leaf.path)
    return and_(cell.open, _holds(leaf, cell.column))


def _holds(leaf: Leaf, column: ColumnElement[Any]) -> Bool:
    operand: BindParameter[Any] = bindparam(
        leaf.operand or None, type_=column.type, unique=not leaf.operand
    )
    match leaf.op:
        case Op.EQ:
            return column == operand
        case Op.IN:
            return among_bound(column, leaf.operand)
        case Op.LT:
            return column < operand
        case Op.LTE:
            return column <= operand
        case Op.GT:
            return column > operand
        case Op.GTE:
            return column >= operand
        case Op.CONTAINS:
            return position_in(column, operand) > 0
        case Op.STARTS_WITH:
            # the range is what an index can serve
            within = and_(column >= operand, column < operand + literal(LAST_POINT, TEXT))
            return and_(within, func.substr(column, 1, func.length(operand)) == operand)
        case _:
            return column.is_not(None)
