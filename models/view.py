"""A view: through whose eyes the redacted relation is read, and what is open there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, FromClause, exists, or_, true
from sqlalchemy.types import TypeEngine

from models import tables
from models.columns import path_of
from models.condition_sql import Bool, Facts, Place, any_row, sql
from models.constants import among, word
from models.grant_sql import first_of, opened, opened_by, some_hold
from models.once import once
from models.tables import RELATIONS
from models.ways import Way, least
from policy.conditions import MemberTest, RowTest
from policy.grant import Alternative, Asker, Grant, Grants
from policy.requester import GROUP_OFFICE
from policy.vocabulary import Code, Reason, RowFact

ACCOUNT = ""
CHILDREN = tuple(relation for relation in RELATIONS if relation != ACCOUNT)

Paths = tuple[str, ...]

P = ParamSpec("P")
E = TypeVar("E")


def _expressions(
    make: Callable[Concatenate["View", P], E],
) -> Callable[Concatenate["View", P], E]:
    """Make expressions once for a view; a view of another epoch is another view.

    What is said beside the facts of one statement is said there alone.
    """
    kept: Any = once(256)(make)

    def give(view: "View", /, *args: P.args, **given: P.kwargs) -> E:
        how: Callable[Concatenate[View, P], E] = kept if view.facts is None else make
        return how(view, *args, **given)

    return give


@dataclass(frozen=True, slots=True)
class View:
    """Through whose eyes: the asker, the purpose, and any instant of the epoch it holds for."""

    grants: Grants
    asker: Asker
    purpose: str
    at: datetime
    office: str | None = None
    """A privacy officer's company ("*" = the group's office): members resolve, all is withheld."""
    facts: Facts | None = None
    """Beside which rows this is judged, if not beside the standing itself."""
    _hash: int = field(init=False, repr=False, compare=False)
    """Worked out once: whatever is made for a view is found by it."""

    def __post_init__(self) -> None:
        named = (self.grants, self.asker, self.purpose, self.at, self.office, self.facts)
        object.__setattr__(self, "_hash", hash(named))

    def __hash__(self) -> int:
        return self._hash

    def grant(self, path: str) -> Grant:
        return self.grants.grant(self.asker, self.purpose, path, self.at)

    def reason(self, *paths: str) -> Reason | Code:
        """Give what the caller is told where all of these fields are withheld.

        From members themselves nothing but the law withholds (art. 33(2)).
        """
        if self.asker.subject_self:
            return Code.WITHHELD_BY_LAW
        reasons = {self.grant(path).reason for path in paths}
        return Reason.NOT_OPEN if Reason.NOT_OPEN in reasons else Reason.NOT_PERMITTED

    def place(self, relation: str) -> Place:
        return Place(relation, RELATIONS[relation], self.grants.catalogue, self.facts)

    def beside(self, facts: Facts) -> "View":
        """Give the same eyes, for rows that hold what is known of their members."""
        return replace(self, facts=facts)

    @property
    def standing(self) -> FromClause:
        return self.place(ACCOUNT).standing

    def classes(self, paths: Iterable[str]) -> list[str]:
        """Give the access classes of these fields, each once, in order."""
        return list(dict.fromkeys(self.grants.access_class(path) for path in paths))

    def ways(self, relation: str) -> Iterator[Alternative]:
        """Give every way in which some field of the relation is open."""
        for path in self.classes(fields_of(relation)):
            yield from self.grant(path).alternatives


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where in the tuples of one redacted select, and of which type it is."""

    positions: Mapping[str, int]
    types: Sequence[TypeEngine[Any]] = ()
    """By position."""

    def of(self, row: Sequence[object], name: str) -> object:
        """Give the value that stands under this name in a tuple of the select."""
        return row[self.positions[name]]

    def type_of(self, name: str) -> TypeEngine[Any]:
        """Give the type of the column that has this name."""
        return self.types[self.positions[name]]


def fields_of(relation: str) -> Paths:
    """Give the paths of the personal columns that the relation's table holds."""
    paths = (path_of(column) for column in RELATIONS[relation].columns)
    return tuple(path for path in paths if path is not None)


EVERY_FIELD = tuple(path for relation in RELATIONS for path in fields_of(relation))
"""Each that is stored, the account's own first."""


@_expressions
def cell_open(view: View, path: str) -> Bool:
    """Whether the caller's grant opens this field of the row."""
    return opened(view.grant(path), view.place(path.rpartition(".")[0]))


@_expressions
def cell_opened_by(view: View, path: str) -> ColumnElement[int]:
    """Give the number of the provision that opens this field of the row, else NULL."""
    return opened_by(view.grant(path), view.place(path.rpartition(".")[0]))


@_expressions
def row_open(view: View, relation: str) -> Bool:
    """A row is open iff at least one of its personal fields is."""
    return some_hold((way.tests for way in view.ways(relation)), view.place(relation))


@_expressions
def row_opened_by(view: View, relation: str, judged: Paths = ()) -> ColumnElement[int]:
    """Give the number of a provision that opens some field of the row, else NULL.

    NULL may stand as well where one of the fields `judged` is open: its own number tells.
    """
    known = {frozenset(way.tests) for path in judged for way in view.grant(path).alternatives}
    others = (way for way in view.ways(relation) if frozenset(way.tests) not in known)
    return first_of(others, view.place(relation))


@_expressions
def could_open(view: View, relation: str) -> Bool:
    """Whether some row of the relation could be open for the member, its own facts left free."""
    return some_hold((way.tests for way in could_ways(view, relation)), view.place(ACCOUNT))


def could_ways(view: View, relation: str) -> Iterator[Alternative]:
    """Give every way in which some row of the relation could be open, its own facts left free."""
    for path in view.classes(fields_of(relation)):
        yield from view.grant(path).freed().alternatives


def every_way(view: View) -> Iterator[Alternative]:
    """Give every way in which something of a member is open, whatever it is."""
    for relation in (ACCOUNT, *CHILDREN):
        yield from view.ways(relation)


@_expressions
def visible(view: View) -> Bool:
    """A member is visible iff at least one scalar or row is open to the caller."""
    if view.office is not None:
        return _known_to(view, view.office)
    return some_hold(ways_into(view, EVERY_FIELD), view.place(ACCOUNT))


def ways_into(view: View, paths: Iterable[str]) -> Sequence[Way]:
    """Give conjunctions of tests of a member: one holds iff one of these fields is open.

    What the ways in ask of the member is said once for all relations, not in each.
    """
    rows: dict[tuple[Way, str], list[Way]] = {}
    for path in view.classes(paths):
        relation = view.grant(path).relation
        for way in view.grant(path).alternatives:
            of_row = tuple(test for test in way.tests if isinstance(test, RowTest))
            freed = (test.freed() for test in way.tests)  # what they ask of the member in any case
            of_member = tuple(test for test in freed if not isinstance(test, bool))
            rows.setdefault((of_member, relation), []).append(of_row)
    return [
        of_member if relation == ACCOUNT else (*of_member, HasRow(relation, tuple(least(ways))))
        for (of_member, relation), ways in rows.items()
    ]


@dataclass(frozen=True, slots=True)
class HasRow(MemberTest):
    """Whether the member has a row of the relation that passes one of these conjunctions."""

    relation: str
    ways: tuple[Way, ...]


@sql.register
def _(test: HasRow, place: Place) -> Bool:
    table = RELATIONS[test.relation]
    row = Place(test.relation, table, place.catalogue, place.facts)
    return place.any_row(table, some_hold(test.ways, row))


def exists_row(standing: FromClause, relation: str, *wheres: Bool) -> Bool:
    """Whether the member of this standing has a row of the relation like that."""
    table = RELATIONS[relation]
    return any_row(table, standing, *wheres)


def _known_to(view: View, office: str) -> Bool:
    """Members with data or a link at the officer's company; the group's office knows all.

    Data there is what the company acquired and still holds, what it took over, and, for a
    merchant, what was given for an order with it.
    """
    catalogue = view.grants.catalogue
    held = {each for each in catalogue.companies if catalogue.custodian(each, view.at) == office}
    if office == GROUP_OFFICE or held & (catalogue.relations[ACCOUNT].acquirers or frozenset()):
        return true()
    standing, link = view.standing, tables.LINK
    linked = exists().where(
        link.c.member_key == standing.c.member_key, link.c.company == word(office)
    )
    ways: list[Bool] = [linked.correlate(standing)]
    for relation in CHILDREN:
        row: Any = RELATIONS[relation].c
        there: list[Bool] = [among(row.acquired_by, held)]
        if RowFact.MERCHANT in catalogue.relations[relation].facts:
            there.append(row.merchant == word(office))
        ways.append(exists_row(standing, relation, or_(*there)))
    return or_(*ways)
