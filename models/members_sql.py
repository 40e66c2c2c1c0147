"""What a statement shows of members: their values, what opens each, and the lists below them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    ScalarSelect,
    Subquery,
    func,
    or_,
    select,
    true,
)

from models import tables
from models.catalogue_store import live_versions
from models.condition_sql import Bool
from models.criteria import Below, Every, Listing, RowsBelow, SomeRow, leaves, some_rows
from models.facts_sql import (
    asked_again,
    fact_columns,
    facts_in,
    kept_apart,
    names_of_facts,
)
from models.filter_sql import normal, row_matches
from models.judged import (
    Column,
    Redacted,
    Statement,
    each_once,
    fenced,
    judgements,
    layout_of,
    marked,
    selected,
)
from models.opened_sql import openings_of
from models.order_sql import Ordered
from models.rows_below import ListBelow
from models.tables import RELATIONS
from models.view import (
    Paths,
    View,
    cell_open,
    cell_opened_by,
    could_open,
    could_ways,
    every_way,
    row_open,
    row_opened_by,
)
from policy.conditions import MemberTest

Counts = tuple[Below, ...]
Lists = tuple[RowsBelow, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class RedactedMembers(Redacted):
    """Members, and lists of rows below them.

    Where an engine has rows as values, those of list number n stand in the member's tuple as
    `rows n`; elsewhere NULL stands there, and they come from statements of their own.
    """

    alone: Statement
    """The same in a snapshot of its own: last in each tuple which versions of the catalogue are
    live in it (catalogue_store), which a tuple of nothing else tells where nobody is found."""
    lists: tuple[ListBelow, ...]
    brief: Callable[[], Statement] | None = None
    """Makes `alone` without asking all that could make the one member visible: it tells of nobody
    where none of the values selected is open, and of the member, who is visible then, where one is.
    """
    wide: bool = False
    """Whether many more members may have to be looked at than are told of."""


class Members:
    """What a statement about members shows of them."""

    def __init__(  # noqa: PLR0913, PLR0917 (what members can be asked for)
        self, view: View, paths: Paths, below: Counts, used: Paths, lists: Lists, listing: Listing
    ) -> None:
        self.view, self.paths, self.below = view, paths, below
        self.lists, self.listing = lists, listing
        self.order: Paths = tuple(sort.path for sort in listing.order)
        self.shown: Paths = each_once(paths, used, self.order)
        told, read = (each.relation for each in below), (each.relation for each in lists)
        self.relations: Paths = each_once(told, read)
        self.known = self._asked_again()
        self.per_member: Sequence[str] = ()
        """What a member's tuple tells of the rows below."""

    def _asked_again(self) -> Sequence[MemberTest]:
        view = self.view
        asked = [view.grant(path).alternatives for path in view.classes(self.shown)]
        asked += [tuple(could_ways(view, relation)) for relation in self.relations]
        asked += [tuple(every_way(view))]
        met = (some.relation for some in some_rows(self.listing.where))
        counted = (each.relation for each in self.below if each.counted is not None)
        below = each_once(met, counted, (each.relation for each in self.lists))
        return asked_again(view, asked, [tuple(view.ways(relation)) for relation in below])

    def seen(
        self, *which: Bool, led: FromClause = tables.ACCOUNT, order: Sequence[Any] = ()
    ) -> Subquery:
        """Give the values as stored of these members, their standing, and what is known of them."""
        account, standing = tables.ACCOUNT, tables.STANDING
        both = account.join(standing, standing.c.member_key == account.c.member_key)
        if led is not account:
            both = led.join(both, account.c.member_key == led.c.member_key)
        values = [tables.column_of(path) for path in self.shown]
        statement = select(*standing.c, *values, *fact_columns(self.view, self.known))
        return kept_apart(statement.select_from(both).where(*which).order_by(*order), "seen")

    def judged(self, seen: Subquery, which: Callable[[View], Bool] | None = None) -> Statement:
        """Judge every cell once, inside the engine, of these of the members."""
        view = self.view.beside(facts_in(seen, self.known))
        per_member = dict(self._per_member(view))
        self.per_member = tuple(per_member)
        statement = (
            select(*(seen.c[name] for name in self._carried()))
            .add_columns(*(column.label(name) for name, column in per_member.items()))
            .add_columns(*judgements(view, self.shown, seen))
        )
        return statement if which is None else statement.where(which(view))

    def some_value_open(self, view: View) -> Bool:
        """Whether a value that is selected is open."""
        return or_(*(cell_open(view, path) for path in view.classes(self.shown)))

    def _carried(self) -> Sequence[str]:
        """Name what the lists below need to know of their member."""
        if not self.lists:
            return ("member_key", "last_seq")
        return (*tables.STANDING.c.keys(), *names_of_facts(self.known))

    def redacted(
        self, judged: Statement, total: ColumnElement[int] | None = None
    ) -> RedactedMembers:
        """Let out what was judged open, in order; beside it how many members there are."""
        found = fenced(self.view, judged)
        names = ("member_key", "last_seq", *self.per_member)
        columns: list[Column] = [(name, found.rows.c[name]) for name in names]
        columns += found.columns(self.paths, self.shown)
        columns += found.sorted_by(self.order)
        lists = tuple(self._lists_below(found.rows))
        columns += [(f"rows {number}", each.within) for number, each in enumerate(lists)]
        values = [found.redacted(path) for path in self.order]
        order = tuple(Ordered(self.listing, values, found.rows.c.member_key).order())
        live, counted = live_versions().label("live"), []
        if total is not None:
            counted.append(total.label("total"))
        main = _beside(found.rows, columns, counted) if counted else selected(columns)
        alone = _beside(found.rows, columns, [*counted, live])
        return RedactedMembers(
            marked(main.order_by(*order)),
            layout_of([*columns, *((each.name, each) for each in counted)]),
            marked(alone.order_by(*order)),
            lists,
            wide=total is not None or self.listing.where != Every() or bool(self.order),
        )

    def _lists_below(self, found: FromClause) -> Iterator[ListBelow]:
        """Give each list, whose rows may stand in the tuples of what was found."""
        for number, each in enumerate(self.lists):
            outer = self.view.beside(facts_in(found, self.known))
            yield ListBelow(self.view, outer, number, each)

    def _per_member(self, view: View) -> Iterator[Column]:
        """Give per list below if it could be open, and its length; what was looked at for that."""
        for relation in self.relations:
            yield f"could {relation}", could_open(view, relation)
        for number, each in enumerate(self.below):
            if each.counted is not None:
                passing = row_matches(view, each.relation, normal(each.counted))
                yield f"total {number}", _of_member(view, each.relation, func.count(), passing)
                some = SomeRow(each.relation, each.counted)
                yield from _looked_at(view, f"counted {number}", some)
        for number, some in enumerate(some_rows(self.listing.where)):
            yield from _looked_at(view, f"some {number}", some)


def _looked_at(view: View, name: str, some: SomeRow) -> Iterator[Column]:
    """Give what opened its open rows, and in them each access class of what it names; whose.

    All of them: that none is like that, or how many are, is told of them too.
    """
    fields = (leaf.path for leaf in leaves(some.of))
    opened_by = {name: row_opened_by(view, some.relation)}
    opened_by |= {f"{name} {path}": cell_opened_by(view, path) for path in view.classes(fields)}
    looked_at = row_open(view, some.relation)
    for each, number in opened_by.items():
        openings = openings_of(number, RELATIONS[some.relation].c)
        yield each, _of_member(view, some.relation, openings, looked_at)


def _beside(
    found: FromClause, columns: Sequence[Column], single: Sequence[Label[Any]]
) -> Statement:
    """Select columns of what was found, and beside each tuple, or none, some single values."""
    values = select(*single).subquery("beside")
    named = [*columns, *((each.name, values.c[each.name]) for each in single)]
    return selected(named).select_from(values.outerjoin(found, true()))


def _of_member(view: View, relation: str, what: ColumnElement[T], where: Bool) -> ScalarSelect[T]:
    """Give an aggregate over the member's rows of a relation."""
    table, standing = RELATIONS[relation], view.standing
    return (
        select(what)
        .select_from(table)
        .where(table.c.member_key == standing.c.member_key, where)
        .correlate(standing)
        .scalar_subquery()
    )
