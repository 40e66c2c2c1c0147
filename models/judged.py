"""Rows of which each cell was judged once, inside the engine; what leaves of them is redacted.

INVARIANT: a personal column leaves these rows only where the grant of its access class holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, null, select
from sqlalchemy.util import LRUCache

from models import tables
from models.filter_sql import Cell
from models.view import Layout, Paths, View, cell_opened_by

Statement = Select[*tuple[Any, ...]]
Column = tuple[str, ColumnElement[Any]]
"""A column under the name that a layout gives it."""
ROW = "why row"
"""What opens a row of which no field that was judged is open."""


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """A statement of the redacted relation, and what stands where in its tuples."""

    main: Statement
    layout: Layout


APART: Mapping[str, Any] = {"compiled_cache": LRUCache[Any, Any](8)}
"""How such a statement is executed through SQLAlchemy, which keeps it whole: it takes a megabyte.

All other statements are small and few, and kept by the engine.
"""


def marked(statement: Statement) -> Statement:
    """Say to whoever watches statements that this is the redacted relation.

    Or that it reads what the rule asks of a row, and no value (`models/row_facts.py`).
    """
    return statement.execution_options(redacted=True)


def selected(columns: Iterable[Column]) -> Statement:
    """Select columns under names that say nothing but where they stand."""
    return select(*(column.label(f"c{number}") for number, (_, column) in enumerate(columns)))


def layout_of(columns: Sequence[Column]) -> Layout:
    """Give the layout of their tuples."""
    positions = {name: number for number, (name, _) in enumerate(columns)}
    return Layout(positions, tuple(column.type for _, column in columns))


def each_once(*paths: Iterable[str]) -> Paths:
    """Give all of these, each once, in order."""
    return tuple(dict.fromkeys(path for each in paths for path in each))


def judgements(view: View, paths: Iterable[str], rows: FromClause) -> Iterator[ColumnElement[Any]]:
    """Give the columns as stored, and per access class the number of the opening provision."""
    paths = tuple(paths)
    for path in paths:
        yield rows.c[tables.column_of(path).key].label(path)
    for path in view.classes(paths):
        yield cell_opened_by(view, path).label(f"why {path}")


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows with their judgements, as a statement hands them on to the one that redacts."""

    view: View
    rows: FromClause

    def why(self, path: str) -> ColumnElement[int]:
        """Give the number of the provision that opens this field of the row, else NULL."""
        number: ColumnElement[int] = self.rows.c[f"why {self.view.grants.access_class(path)}"]
        return number

    def why_row(self, judged: Paths) -> ColumnElement[int]:
        """Give the number of a provision that opens the row: of one of these fields, if any is."""
        return func.coalesce(*(self.why(path) for path in judged), self.rows.c[ROW], null())

    def redacted(self, path: str) -> ColumnElement[Any]:
        """Give a column only where the grant of its access class holds."""
        return case((self.why(path).is_not(None), self.rows.c[path]), else_=null())

    def cell(self, path: str) -> Cell:
        """Give a field as filters take it: whether it is open, and the stored value."""
        return Cell(self.why(path).is_not(None), self.rows.c[path])

    def columns(self, paths: Paths, shown: Paths) -> Iterator[Column]:
        """Give what was shown's judgements, and the values of these paths."""
        for path in self.view.classes(shown):
            yield f"why {path}", self.rows.c[f"why {path}"]
        for path in paths:
            yield path, self.redacted(path)

    def sorted_by(self, order: Paths) -> Iterator[Column]:
        """Give the values that a cursor stands at."""
        for number, path in enumerate(order):
            yield f"by {number}", self.redacted(path)


def fenced(view: View, judged: Statement, name: str = "judged", *, inside: bool = False) -> Judged:
    """Keep the planner from judging a row again wherever its judgement is read.

    `inside` a statement they may depend on its own rows; each such fence needs a name.
    """
    return Judged(view, judged.cte(name, nesting=inside).prefix_with("MATERIALIZED"))
