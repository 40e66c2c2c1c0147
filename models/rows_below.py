"""Lists below members: a page of each member's open rows that pass a filter, redacted in SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import NullType

from models import tables
from models.among import among_bound
from models.condition_sql import Bool
from models.criteria import Filter, Listing, RowsBelow, leaves
from models.facts_sql import (
    asked_again,
    fact_columns,
    facts_in,
    kept_apart,
)
from models.filter_sql import matches, normal
from models.judged import (
    ROW,
    Column,
    Judged,
    Redacted,
    Statement,
    each_once,
    fenced,
    judgements,
    layout_of,
    marked,
    selected,
)
from models.order_sql import Ordered, limit_of
from models.tables import RELATIONS
from models.view import Layout, Paths, View, row_open, row_opened_by
from policy.conditions import MemberTest

MEMBERS = "members"
ROW_PROVENANCE = ("row_key", "acquired_by", "source", "channel", "acquired_at")


class rows_within(GenericFunction[Any]):  # noqa: N801 (the name of an SQL function)
    """The rows of a statement as one value, where something holds; else NULL.

    Only on an engine that has such values: elsewhere the rows are another statement's, and NULL
    keeps their place. Their statement is made where it is written.
    """

    type = ARRAY(NullType())
    inherit_cache = False  # the rows are no clause of it

    def __init__(self, where: Bool, rows: Callable[[], ScalarSelect[Any]]) -> None:
        super().__init__(where)
        self.rows = rows


@compiles(rows_within, "sqlite")
def _(_element: rows_within, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "NULL"


@compiles(rows_within, "postgresql")
def _(element: rows_within, compiler: SQLCompiler, **kw: Any) -> str:
    (where,) = (compiler.process(each, **kw) for each in element.clauses)
    return f"CASE WHEN {where} THEN ARRAY{compiler.process(element.rows(), **kw)} END"


@dataclass(frozen=True, slots=True, eq=False)
class RedactedRows(Redacted):
    """Rows below members; last in each tuple whose row it is, where they stand by themselves."""

    relation: str


class ListBelow:
    """One of the lists below members. Each engine reads it in one way, and the other is not made.

    `outer` has the eyes of `view`, beside the members in whose tuples the rows may stand.
    """

    def __init__(self, view: View, outer: View, number: int, asked: RowsBelow) -> None:
        self._view, self._outer, self._number, self._asked = view, outer, number, asked
        self.relation = asked.relation

    @cached_property
    def apart(self) -> RedactedRows:
        """The rows of many members, as a statement of their own."""
        asked = self._asked
        return rows_of_members(self._view, self.relation, asked.paths, asked.listing, asked.used)

    @property
    def within(self) -> ColumnElement[Any]:
        """The rows of the member of an outer tuple, as one value in it."""
        could = self._outer.standing.c[f"could {self.relation}"]
        return rows_within(could, lambda: self._of_one[0])

    @property
    def layout_within(self) -> Layout:
        """What stands where in these rows."""
        return self._of_one[1]

    @cached_property
    def _of_one(self) -> tuple[ScalarSelect[Any], Layout]:
        return rows_of_one(self._outer, self._number, self._asked)


def rows_of_members(
    view: View, relation: str, paths: Paths, listing: Listing, used: Paths = ()
) -> RedactedRows:
    """Select a page of each member's open rows that pass the filter, and what opened each row.

    Binds `members`, the limit per member, the operands, and the position (criteria.Listing).
    """
    asked = RowsBelow(relation, paths, listing, used)
    table, standing, known = RELATIONS[relation], tables.STANDING, _asked_again(view, asked)
    statement = select(*standing.c, *fact_columns(view, known))
    theirs = kept_apart(statement.where(among_bound(standing.c.member_key, MEMBERS)), "theirs")
    below = _Below(view.beside(facts_in(theirs, known)), asked)
    of_them = below.judged().join_from(theirs, table, table.c.member_key == theirs.c.member_key)
    judged = fenced(view, of_them)
    ordered = below.ordered(judged)
    number = func.row_number().over(
        partition_by=judged.rows.c.member_key, order_by=list(ordered.order())
    )
    found = select(judged.rows, number.label("n")).where(below.passes(judged), ordered.within())
    page = Judged(view, found.subquery())
    columns = [*below.columns(page), ("member_key", page.rows.c.member_key)]
    statement = selected(columns).where(page.rows.c.n <= limit_of(listing))
    in_order = statement.order_by(page.rows.c.member_key, *below.ordered(page).order())
    return RedactedRows(marked(in_order), layout_of(columns), relation)


def rows_of_one(view: View, number: int, asked: RowsBelow) -> tuple[ScalarSelect[Any], Layout]:
    """Give that page for the member of an outer row, beside which it is judged, as one value."""
    below, table, outer = _Below(view, asked), RELATIONS[asked.relation], view.standing
    mine = below.judged().where(table.c.member_key == outer.c.member_key).correlate(outer)
    judged = fenced(view, mine, f"judged_{number}", inside=True)
    ordered, columns = below.ordered(judged), below.columns(judged)
    rows: ScalarSelect[Any] = (
        select(func.row(*(column for _, column in columns)))
        .where(below.passes(judged), ordered.within())
        .order_by(*ordered.order())
        .limit(limit_of(asked.listing))
        .correlate(outer)
        .scalar_subquery()
    )
    return rows, layout_of([*columns, ("member_key", judged.rows.c.member_key)])


def _asked_again(view: View, asked: RowsBelow) -> Sequence[MemberTest]:
    return asked_again(view, (), [tuple(view.ways(asked.relation))])


class _Below:
    """What a list shows of a member's rows."""

    def __init__(self, view: View, asked: RowsBelow) -> None:
        self.view, self.asked = view, asked
        self.order = tuple(sort.path for sort in asked.listing.order)
        self.where: Filter = normal(asked.listing.where)
        self.shown = each_once(asked.paths, asked.used, self.order)

    def judged(self) -> Statement:
        """Judge every cell of open rows once, inside the engine."""
        view, relation = self.view, self.asked.relation
        table, looked_at = RELATIONS[relation], (leaf.path for leaf in leaves(self.where))
        return (
            select(*(table.c[name] for name in ("member_key", *ROW_PROVENANCE)))
            .add_columns(*judgements(view, each_once(self.shown, looked_at), table))
            .add_columns(row_opened_by(view, relation, self.shown).label(ROW))
            .where(row_open(view, relation))
        )

    def passes(self, judged: Judged) -> Bool:
        return matches(self.view, self.where, judged.cell)

    def ordered(self, judged: Judged) -> Ordered:
        values = [judged.redacted(path) for path in self.order]
        return Ordered(self.asked.listing, values, judged.rows.c.row_key)

    def columns(self, judged: Judged) -> list[Column]:
        """Give what leaves of a row."""
        columns: list[Column] = [(name, judged.rows.c[name]) for name in ROW_PROVENANCE]
        columns.append((f"why {self.asked.relation}", judged.why_row(self.shown)))
        columns += judged.columns(self.asked.paths, self.shown)
        columns += judged.sorted_by(self.order)
        return columns
