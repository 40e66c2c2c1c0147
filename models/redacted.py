"""The redacted relation: members and their rows as one caller may see them, redacted in SQL.

It is the only reader of tables that hold personal columns. A personal column leaves the database
only as CASE WHEN <grant of its access class> THEN column END, and every other clause is built on
grants too, so a withheld value, row or member never enters the process.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
)

from models import tables
from models.columns import path_of
from models.grant_sql import NOW, Bool, Place, opened, opened_by
from models.tables import RELATIONS
from models.types import TEXT
from policy.grant import Asker, Grant, Grants
from policy.vocabulary import RowFact

AFTER = bindparam("after", type_=TEXT)
LIMIT = bindparam("limit", type_=BigInteger())
MEMBERS = bindparam("members", expanding=True, type_=TEXT)
ACCOUNT_ID = bindparam("account_id", type_=TEXT)
MEMBER = bindparam("member", type_=TEXT)

ROW_PROVENANCE = ("row_key", "acquired_by", "source", "channel", "acquired_at")
ACCOUNT = ""


Paths = tuple[str, ...]

_statements = lru_cache(maxsize=512)
"""Statements are made once for a view and a selection; a view of another epoch is another view."""


@dataclass(frozen=True, slots=True)
class View:
    """Through whose eyes: the asker, the purpose, and any instant of the epoch it holds for."""

    grants: Grants
    asker: Asker
    purpose: str
    at: datetime
    office: str | None = None
    """A privacy officer's company ("*" = the group's office): members resolve, all is withheld."""

    def grant(self, path: str) -> Grant:
        return self.grants.grant(self.asker, self.purpose, path, self.at)

    def place(self, relation: str) -> Place:
        return Place(relation, RELATIONS[relation], self.grants.catalogue)

    def classes(self, paths: Iterable[str]) -> list[str]:
        """Give the access classes of these fields, each once, in order."""
        return list(dict.fromkeys(self.grants.access_class(path) for path in paths))


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where in the tuples of one redacted select."""

    positions: Mapping[str, int]

    def of(self, row: Sequence[object], name: str) -> object:
        """Give the value that stands under this name in a tuple of the select."""
        return row[self.positions[name]]


Column = tuple[str, ColumnElement[Any]]
Redacted = tuple[Select[*tuple[Any, ...]], Layout]


def fields_of(relation: str) -> tuple[str, ...]:
    """Give the paths of the personal columns that the relation's table holds."""
    paths = (path_of(column) for column in RELATIONS[relation].columns)
    return tuple(path for path in paths if path is not None)


CHILDREN = tuple(relation for relation in RELATIONS if relation != ACCOUNT)


@_statements
def member_by_key(view: View, paths: Paths, lists: Paths) -> Redacted:
    """Select one visible member by key. Binds `member`."""
    return _members(view, paths, lists, tables.ACCOUNT.c.member_key == MEMBER)


@_statements
def member_by_account(view: View, company: str, paths: Paths, lists: Paths) -> Redacted:
    """Select the visible member behind a company's own account id. Binds `account_id`."""
    link = tables.LINK
    linked = exists().where(
        link.c.member_key == tables.ACCOUNT.c.member_key,
        link.c.company == company,
        link.c.account_id == ACCOUNT_ID,
        link.c.linked_at <= NOW,
    )
    return _members(view, paths, lists, linked)


@_statements
def page_of_members(view: View, paths: Paths, lists: Paths) -> Redacted:
    """Select visible members by key behind a position. Binds `after` ("" = start) and `limit`."""
    return _members(view, paths, lists, tables.ACCOUNT.c.member_key > AFTER, LIMIT)


@_statements
def rows_of_members(view: View, relation: str, paths: Paths) -> Redacted:
    """Select the open rows of members, numbered per member. Binds `members`, `after`, `limit`."""
    table, standing = RELATIONS[relation], tables.STANDING
    number = func.row_number().over(partition_by=table.c.member_key, order_by=table.c.row_key)
    judged = (
        select(*_raw(relation, paths), *_judged(view, relation, paths), number.label("n"))
        .join_from(table, standing, standing.c.member_key == table.c.member_key)
        .where(table.c.member_key.in_(MEMBERS), table.c.row_key > AFTER)
        .where(row_open(view, relation))
        .subquery()
    )
    columns: list[Column] = [(name, judged.c[name]) for name in ("member_key", *ROW_PROVENANCE)]
    columns += _redacted(view, judged, paths)
    statement = _select(columns).where(judged.c.n <= LIMIT)
    return marked(statement.order_by(judged.c.member_key, judged.c.row_key)), _layout(columns)


def row_open(view: View, relation: str) -> Bool:
    """A row is open iff at least one of its personal fields is."""
    place = view.place(relation)
    classes = view.classes(fields_of(relation))
    return or_(false(), *(opened(view.grant(path), place) for path in classes))


def visible(view: View) -> Bool:
    """A member is visible iff at least one scalar or row is open to the caller."""
    if view.office is not None:
        return _known_to(view, view.office)
    standing, ways = tables.STANDING, [row_open(view, ACCOUNT)]
    for relation in CHILDREN:
        table = RELATIONS[relation]
        if any(view.grant(path).alternatives for path in fields_of(relation)):
            of_member = table.c.member_key == standing.c.member_key
            row = exists().where(of_member, row_open(view, relation))
            ways.append(row.correlate(standing, tables.ACCOUNT))
    return or_(*ways)


def could_open(view: View, relation: str) -> Bool:
    """Whether some row of the relation could be open for the member, its own facts left free."""
    place = view.place(ACCOUNT)
    classes = view.classes(fields_of(relation))
    return or_(false(), *(opened(view.grant(path).freed(), place) for path in classes))


def _members(
    view: View,
    paths: Paths,
    lists: Paths,
    which: Bool,
    limit: BindParameter[int] | None = None,
) -> Redacted:
    account, standing = tables.ACCOUNT, tables.STANDING
    could = [could_open(view, relation).label(f"could {relation}") for relation in lists]
    judged = (
        select(*_raw(ACCOUNT, paths), standing.c.last_seq, *could)
        .add_columns(*_judged(view, ACCOUNT, paths))
        .join_from(account, standing, standing.c.member_key == account.c.member_key)
        .where(which, visible(view))
        .order_by(account.c.member_key)
        .limit(limit)
        .subquery()
    )
    names = ("member_key", "last_seq", *(each.name for each in could))
    columns: list[Column] = [(name, judged.c[name]) for name in names]
    columns += _redacted(view, judged, paths)
    return marked(_select(columns).order_by(judged.c.member_key)), _layout(columns)


def _raw(relation: str, paths: Paths) -> list[ColumnElement[Any]]:
    """Give the columns that the judging select hands to the redacting one, inside the engine."""
    table = RELATIONS[relation]
    kept = ("member_key",) if relation == ACCOUNT else ("member_key", *ROW_PROVENANCE)
    return [*(table.c[name] for name in kept), *(_column(path).label(path) for path in paths)]


def _judged(view: View, relation: str, paths: Paths) -> list[ColumnElement[Any]]:
    """Give, per access class, the number of the opening provision: judged once per row."""
    place = view.place(relation)
    classes = view.classes(paths)
    return [opened_by(view.grant(path), place).label(f"why {path}") for path in classes]


def _redacted(view: View, judged: Subquery, paths: Paths) -> Iterator[Column]:
    """Give those numbers, and each column only where the grant of its access class holds."""
    for path in view.classes(paths):
        yield f"why {path}", judged.c[f"why {path}"]
    for path in paths:
        why = judged.c[f"why {view.grants.access_class(path)}"]
        yield path, case((why.is_not(None), judged.c[path]), else_=null())


def _column(path: str) -> ColumnElement[Any]:
    relation, _, name = path.rpartition(".")
    return tables.column_of(relation, name)


def _known_to(view: View, office: str) -> Bool:
    """Members with data or a link at the officer's company; the group's office knows all.

    Data there is what the company acquired and still holds, what it took over, and, for a
    merchant, what was given for an order with it.
    """
    catalogue = view.grants.catalogue
    held = {each for each in catalogue.companies if catalogue.custodian(each, view.at) == office}
    if office == "*" or held & (catalogue.relations[ACCOUNT].acquirers or frozenset()):
        return true()
    standing, link = tables.STANDING, tables.LINK
    ways = [exists().where(link.c.member_key == standing.c.member_key, link.c.company == office)]
    for relation in CHILDREN:
        row = RELATIONS[relation].c
        there: list[Bool] = [row.acquired_by.in_(sorted(held))]
        if RowFact.MERCHANT in catalogue.relations[relation].facts:
            there.append(row.merchant == office)
        ways.append(exists().where(row.member_key == standing.c.member_key, or_(*there)))
    return or_(*(way.correlate(standing) for way in ways))


def _select(columns: Sequence[Column]) -> Select[*tuple[Any, ...]]:
    return select(*(column.label(f"c{position}") for position, (_, column) in enumerate(columns)))


def marked(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Say that this statement is the redacted relation, to whoever watches statements."""
    return statement.execution_options(redacted=True)


def _layout(columns: Sequence[Column]) -> Layout:
    return Layout({name: position for position, (name, _) in enumerate(columns)})
