"""The redacted relation: members and their rows as one caller may see them, redacted in SQL.

It is the only reader of tables that hold personal columns. A personal column leaves the database
only as CASE WHEN <grant of its access class> THEN column END, and every other clause is built on
grants too, so a withheld value, row or member never enters the process.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    func,
    select,
    true,
)

from models import tables
from models.condition_sql import NOW, Bool
from models.constants import word
from models.criteria import Below, Listing, SomeRow, leaves, some_rows
from models.filter_sql import (
    matches,
    normal,
    row_matches,
)
from models.judged import ROW, Column, Judged, fenced, judgements
from models.lead_sql import lead_of
from models.opened_sql import openings_of
from models.order_sql import Ordered
from models.page_sql import LIMIT, chosen, keys_of_page, total_of
from models.tables import RELATIONS
from models.types import TEXT
from models.view import (
    Layout,
    Paths,
    View,
    cell_opened_by,
    could_open,
    row_open,
    row_opened_by,
    visible,
)

MEMBERS = bindparam("members", expanding=True, type_=TEXT)
ACCOUNT_ID = bindparam("account_id", type_=TEXT)
MEMBER = bindparam("member", type_=TEXT)

ROW_PROVENANCE = ("row_key", "acquired_by", "source", "channel", "acquired_at")

Redacted = tuple[Select[*tuple[Any, ...]], Layout]
Lists = tuple[Below, ...]
T = TypeVar("T")

_statements = lru_cache(maxsize=512)
"""Statements are made once for a view and a selection; a view of another epoch is another view."""


@_statements
def member_by_key(view: View, paths: Paths, below: Lists = (), used: Paths = ()) -> Redacted:
    """Select one visible member by key. Binds `member`."""
    return _some_members(view, paths, below, used, tables.ACCOUNT.c.member_key == MEMBER)


@_statements
def members_by_keys(view: View, paths: Paths, below: Lists = (), used: Paths = ()) -> Redacted:
    """Select the visible ones of some members, by key. Binds `members`."""
    return _some_members(view, paths, below, used, tables.ACCOUNT.c.member_key.in_(MEMBERS))


@_statements
def member_by_account(
    view: View, company: str, paths: Paths, below: Lists = (), used: Paths = ()
) -> Redacted:
    """Select the visible member behind a company's own account id. Binds `account_id`."""
    link = tables.LINK
    linked = exists().where(
        link.c.member_key == tables.ACCOUNT.c.member_key,
        link.c.company == word(company),
        link.c.account_id == ACCOUNT_ID,
        link.c.linked_at <= NOW,
    )
    return _some_members(view, paths, below, used, linked)


@_statements
def page_of_members(  # noqa: PLR0913, PLR0917 (what a page of members can be asked for)
    view: View,
    paths: Paths,
    below: Lists,
    listing: Listing,
    used: Paths = (),
    counted: bool = False,  # noqa: FBT001, FBT002 (cached by position)
) -> Redacted:
    """Select a page of the visible members that pass the filter.

    Binds `limit`, the operands, and the position (criteria.Listing). With `counted` each tuple
    carries `total`; an empty page is then one tuple of nothing else.
    """
    where = normal(listing.where)
    members = _Members(view, paths, below, used, listing)
    if listing.order or lead_of(view):
        judged = members.judged(tables.ACCOUNT.c.member_key.in_(keys_of_page(view, listing)))
    else:
        ordered = Ordered(listing, (), tables.ACCOUNT.c.member_key)
        page = members.judged(chosen(view, where), ordered.within())
        judged = page.order_by(*ordered.order()).limit(LIMIT)
    return members.redacted(judged, total_of(view, where) if counted else None)


@_statements
def rows_of_members(
    view: View, relation: str, paths: Paths, listing: Listing, used: Paths = ()
) -> Redacted:
    """Select a page of each member's open rows that pass the filter, and what opened each row.

    Binds `members`, `limit` per member, the operands, and the position (criteria.Listing).
    """
    table, standing = RELATIONS[relation], tables.STANDING
    order = tuple(sort.path for sort in listing.order)
    where, shown = normal(listing.where), _each_once(paths, used, order)
    kept, looked_at = ("member_key", *ROW_PROVENANCE), (leaf.path for leaf in leaves(where))
    judged = fenced(
        view,
        select(*(table.c[name] for name in kept))
        .add_columns(*judgements(view, _each_once(shown, looked_at)))
        .add_columns(row_opened_by(view, relation, shown).label(ROW))
        .join_from(table, standing, standing.c.member_key == table.c.member_key)
        .where(table.c.member_key.in_(MEMBERS), row_open(view, relation)),
    )
    values = [judged.redacted(path) for path in order]
    ordered = Ordered(listing, values, judged.rows.c.row_key)
    number = func.row_number().over(
        partition_by=judged.rows.c.member_key, order_by=list(ordered.order())
    )
    found = select(judged.rows, number.label("n")).where(
        matches(view, where, judged.cell), ordered.within()
    )
    page = Judged(view, found.subquery())
    columns: list[Column] = [(name, page.rows.c[name]) for name in kept]
    columns.append((f"why {relation}", page.why_row(shown)))
    columns += page.columns(paths, shown)
    columns += page.sorted_by(order)
    keys = page.rows.c
    in_order = Ordered(listing, [page.redacted(path) for path in order], keys.row_key)
    statement = _select(columns).where(keys.n <= LIMIT)
    return marked(statement.order_by(keys.member_key, *in_order.order())), _layout(columns)


def marked(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Say that this statement is the redacted relation, to whoever watches statements."""
    return statement.execution_options(redacted=True)


@dataclass(frozen=True, slots=True)
class _Members:
    """What a statement about members shows of them."""

    view: View
    paths: Paths
    below: Lists
    used: Paths
    listing: Listing

    @property
    def order(self) -> Paths:
        return tuple(sort.path for sort in self.listing.order)

    @property
    def shown(self) -> Paths:
        return _each_once(self.paths, self.used, self.order)

    def judged(self, *which: Bool) -> Select[*tuple[Any, ...]]:
        """Judge every cell once, inside the engine, of these members, who must be visible."""
        account, standing = tables.ACCOUNT, tables.STANDING
        return (
            select(account.c.member_key, standing.c.last_seq)
            .add_columns(*(column.label(name) for name, column in self._per_member()))
            .add_columns(*judgements(self.view, self.shown))
            .join_from(account, standing, standing.c.member_key == account.c.member_key)
            .where(*which)
        )

    def redacted(
        self, judged: Select[*tuple[Any, ...]], total: ColumnElement[int] | None = None
    ) -> Redacted:
        """Let out what was judged open, in order; beside it how many members there are."""
        found = fenced(self.view, judged)
        names = ("member_key", "last_seq", *(name for name, _ in self._per_member()))
        columns: list[Column] = [(name, found.rows.c[name]) for name in names]
        columns += found.columns(self.paths, self.shown)
        columns += found.sorted_by(self.order)
        values = [found.redacted(path) for path in self.order]
        order = Ordered(self.listing, values, found.rows.c.member_key).order()
        if total is None:
            return marked(_select(columns).order_by(*order)), _layout(columns)
        count = select(total.label("total")).subquery()
        columns.append(("total", count.c.total))
        statement = _select(columns).select_from(count.outerjoin(found.rows, true()))
        return marked(statement.order_by(*order)), _layout(columns)

    def _per_member(self) -> Iterator[Column]:
        """Give per list below if it could be open, and its length; what was looked at for that."""
        for relation in dict.fromkeys(each.relation for each in self.below):
            yield f"could {relation}", could_open(self.view, relation)
        for number, each in enumerate(self.below):
            if each.counted is not None:
                passing = row_matches(self.view, each.relation, normal(each.counted))
                counted = _of_member(each.relation, func.count(), passing)
                yield f"total {number}", counted
                yield from self._looked_at(
                    f"counted {number}", SomeRow(each.relation, each.counted)
                )
        for number, some in enumerate(some_rows(self.listing.where)):
            yield from self._looked_at(f"some {number}", some)

    def _looked_at(self, name: str, some: SomeRow) -> Iterator[Column]:
        """Give what opened its open rows, and in them each access class of what it names; whose.

        All of them: that none is like that, or how many are, is told of them too.
        """
        view, fields = self.view, (leaf.path for leaf in leaves(some.of))
        opened_by = {name: row_opened_by(view, some.relation)}
        opened_by |= {f"{name} {path}": cell_opened_by(view, path) for path in view.classes(fields)}
        looked_at = row_open(view, some.relation)
        for each, number in opened_by.items():
            openings = openings_of(number, RELATIONS[some.relation].c)
            yield each, _of_member(some.relation, openings, looked_at)


def _some_members(view: View, paths: Paths, below: Lists, used: Paths, which: Bool) -> Redacted:
    members = _Members(view, paths, below, used, Listing())
    return members.redacted(members.judged(which, visible(view)))


def _of_member(relation: str, what: ColumnElement[T], where: Bool) -> ScalarSelect[T]:
    """Give an aggregate over the member's rows of a relation."""
    table, standing = RELATIONS[relation], tables.STANDING
    return (
        select(what)
        .select_from(table)
        .where(table.c.member_key == standing.c.member_key, where)
        .correlate(standing, tables.ACCOUNT)
        .scalar_subquery()
    )


def _each_once(*paths: Iterable[str]) -> Paths:
    return tuple(dict.fromkeys(path for each in paths for path in each))


def _select(columns: Sequence[Column]) -> Select[*tuple[Any, ...]]:
    return select(*(column.label(f"c{position}") for position, (_, column) in enumerate(columns)))


def _layout(columns: Sequence[Column]) -> Layout:
    return Layout({name: position for position, (name, _) in enumerate(columns)})
