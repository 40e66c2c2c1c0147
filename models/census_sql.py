"""The SQL of a census: whose rows pass which tests, told in texts of members' keys.

INVARIANT: what a test asks is what `sql` says of it, as in every read. Only how it is asked of
other rows differs: not member by member, but of all rows of a table at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, FromClause, True_, and_, func, select, true
from sqlalchemy.sql import visitors

from models import tables
from models.condition_sql import Bool, Facts, Place, sql
from models.constants import word
from models.judged import Statement, marked
from models.tables import RELATIONS
from models.view import ACCOUNT, HasRow
from policy.catalogue import Catalogue
from policy.conditions import MemberTest
from policy.row_tests import ConsentedToRow, ContractEnded

BETWEEN = " "
"""What stands between two keys."""
AT_ONCE = 500
"""Columns of one statement: the engines give no more than 1,600."""

_OF_STANDING = (ConsentedToRow, ContractEnded)
"""Tests of a row that look at more of its member's standing than whose it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the rows of a table tell of a test."""

    test: MemberTest
    row: Bool
    """What is asked of each row."""
    passes: bool
    """Whether those pass who have such a row, or else those who have none."""


def members_of() -> Statement:
    """One tuple: how many members there are, and the keys of those who have a standing."""
    account, standing = tables.ACCOUNT, tables.STANDING
    known = standing.join(account, account.c.member_key == standing.c.member_key)
    number = select(func.count()).select_from(account).scalar_subquery()
    return marked(select(number, _keys(standing)).select_from(known))


def keys_of(table: FromClause, told: Sequence[Told]) -> Statement:
    """One tuple: per test, the keys of the members who have such a row, once for each row."""
    columns = (_keys(table).filter(each.row) for each in told)
    return marked(select(*columns).select_from(_beside(table, [each.row for each in told])))


def by_table(
    catalogue: Catalogue, tests: Iterable[MemberTest]
) -> Iterator[tuple[FromClause, Sequence[Told]]]:
    """Give which table's rows tell of which tests, a table again where it tells of many."""
    of_tables: dict[FromClause, list[Told]] = {}
    for test in tests:
        table, told = _asked(catalogue, test)
        of_tables.setdefault(table, []).append(told)
    for table, every in of_tables.items():
        rest = iter(every)
        while some := list(islice(rest, AT_ONCE)):
            yield table, some


def _keys(table: FromClause) -> Any:
    between: Any = word(BETWEEN)
    return func.aggregate_strings(table.c.member_key, between)


@dataclass(frozen=True, slots=True)
class _OfTable(Place):
    """A place where all that a test asks of a member is said of one table's rows together."""

    asked: list[tuple[FromClause, Bool]] = field(default_factory=list)

    @property
    def standing(self) -> FromClause:
        raise _AsksMore

    def any_row(self, table: FromClause, *wheres: Bool) -> Bool:
        self.asked.append((table, and_(true(), *wheres)))
        return true()


class _AsksMore(Exception):
    """A test looks at more than the rows of one table."""


def _asked(catalogue: Catalogue, test: MemberTest) -> tuple[FromClause, Told]:
    """Ask the rows of the one table that the test is about, or else the standings themselves."""
    place = _OfTable(ACCOUNT, tables.ACCOUNT, catalogue, _told_by_rows(test))
    try:
        said = sql(test, place)
        ((table, row),) = place.asked
    except (_AsksMore, ValueError):
        said = sql(test, Place(ACCOUNT, tables.ACCOUNT, catalogue))
        return tables.STANDING, Told(test, said, passes=True)
    return table, Told(test, row, passes=isinstance(said, True_))


def _told_by_rows(test: MemberTest) -> Facts | None:
    """Let rows say themselves whose they are, where that is all that is asked of the standing."""
    if not isinstance(test, HasRow):
        return None
    asked = (each for way in test.ways for each in way)
    if any(isinstance(each, _OF_STANDING) for each in asked):
        return None
    return Facts(RELATIONS[test.relation], {})


def _beside(table: FromClause, rows: Iterable[Bool]) -> FromClause:
    """Give the table, beside each row its member's standing where something looks at it."""
    standing = tables.STANDING
    if table is standing or not any(_looks_at(standing, each) for each in rows):
        return table
    return table.join(standing, standing.c.member_key == table.c.member_key)


def _looks_at(table: FromClause, expression: ColumnElement[Any]) -> bool:
    return any(getattr(part, "table", None) is table for part in visitors.iterate(expression))
