"""The SQL of a census: which members pass which tests, told in one text of signs.

INVARIANT: what a test asks is what `sql` says of it, as in every read. Only how it is asked of
other rows differs: not member by member, but of all rows of a table at once, summed up by member.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    false,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from models import tables
from models.condition_sql import Bool, Facts, Place, sql
from models.constants import number
from models.judged import Statement, marked
from models.tables import RELATIONS
from models.view import ACCOUNT, HasRow
from policy.catalogue import Catalogue
from policy.conditions import MemberTest, Test
from policy.row_tests import ConsentedToRow, ContractEnded

TOGETHER = 6
"""So many tests are one sign: a character from "0" on, whose number holds a bit for each."""
FIRST_SIGN = ord("0")

_OF_STANDING = (ConsentedToRow, ContractEnded)
"""Tests of a row that look at more of its member's standing than whose it is."""

Packed = Sequence[tuple[MemberTest, Bool]]
Seat = tuple[int, int]
"""Where a test is found: which of a member's signs, and which bit of it."""


@dataclass(frozen=True, slots=True, eq=False)
class CensusStatement:
    """One tuple: how many members there are, and the signs of each who has a standing."""

    statement: Statement
    seats: Mapping[Test, Seat]
    signs: int
    """How many each member has, one at least."""


def census_of(catalogue: Catalogue, tests: Iterable[MemberTest]) -> CensusStatement:
    """Ask of every member with a standing which of these tests they pass."""
    of_tables, others = _by_table(catalogue, tests)
    account, standing = tables.ACCOUNT, tables.STANDING
    source: FromClause = standing.join(account, account.c.member_key == standing.c.member_key)
    signs: list[ColumnElement[int]] = []
    seats: dict[Test, Seat] = {}
    for table, packed in of_tables.items():
        columns = [_together(each) for each in _sixes(packed)]
        summed = _of_members(table, columns)
        source = source.outerjoin(summed, summed.c.member_key == standing.c.member_key)
        for part, each, column in zip(_sixes(packed), columns, summed.c[1:], strict=True):
            nothing = select(each).select_from(_beside(table, [each])).where(false())
            seats |= {test: (len(signs), bit) for bit, (test, _) in enumerate(part)}
            signs.append(func.coalesce(column, nothing.scalar_subquery()))
    for part in _sixes(others):
        seats |= {test: (len(signs), bit) for bit, (test, _) in enumerate(part)}
        signs.append(_together(part))
    signs = signs or [number(0)]
    members = select(func.count()).select_from(account).scalar_subquery()
    text = in_one_text(as_signs(*(number(FIRST_SIGN) + each for each in signs)))
    return CensusStatement(marked(select(members, text).select_from(source)), seats, len(signs))


@dataclass(frozen=True, slots=True)
class _OfTable(Place):
    """A place where all that a test asks of a member is said of one table's rows together."""

    asked: list[FromClause] = field(default_factory=list)

    @property
    def standing(self) -> FromClause:
        raise _AsksMore

    def any_row(self, table: FromClause, *wheres: Bool) -> Bool:
        self.asked.append(table)
        found = func.max(case((and_(*wheres), number(1)), else_=number(0)))
        return func.coalesce(found, number(0)) == number(1)


class _AsksMore(Exception):
    """A test looks at more than the rows of one table."""


def _by_table(
    catalogue: Catalogue, tests: Iterable[MemberTest]
) -> tuple[Mapping[FromClause, Packed], Packed]:
    """Give the tests that one table answers, by table, and those asked of the member themself."""
    of_tables: dict[FromClause, list[tuple[MemberTest, Bool]]] = {}
    others = []
    for test in tests:
        place = _OfTable(ACCOUNT, tables.ACCOUNT, catalogue, _told_by_rows(test))
        try:
            said = sql(test, place)
        except _AsksMore:
            said = None
        if said is not None and len(set(place.asked)) == 1:
            of_tables.setdefault(place.asked[0], []).append((test, said))
        else:
            others.append((test, sql(test, Place(ACCOUNT, tables.ACCOUNT, catalogue))))
    return of_tables, others


def _told_by_rows(test: MemberTest) -> Facts | None:
    """Let rows say themselves whose they are, where that is all that is asked of the standing."""
    if not isinstance(test, HasRow):
        return None
    asked = (each for way in test.ways for each in way)
    if any(isinstance(each, _OF_STANDING) for each in asked):
        return None
    return Facts(RELATIONS[test.relation], {})


def _sixes(packed: Packed) -> Iterator[Packed]:
    yield from (packed[start : start + TOGETHER] for start in range(0, len(packed), TOGETHER))


def _together(packed: Packed) -> ColumnElement[int]:
    """Give the number that holds a bit for each of a few tests."""
    bits: Iterable[Any] = (
        case((said, number(1 << bit)), else_=number(0)) for bit, (_, said) in enumerate(packed)
    )
    return sum(bits, number(0))


def _of_members(table: FromClause, columns: Sequence[ColumnElement[int]]) -> Any:
    """Sum up a table's rows by member."""
    named = (each.label(f"n{place}") for place, each in enumerate(columns))
    key = table.c.member_key
    return select(key, *named).select_from(_beside(table, columns)).group_by(key).subquery()


def _beside(table: FromClause, columns: Iterable[ColumnElement[int]]) -> FromClause:
    """Give the table, beside each row its member's standing where something looks at it."""
    standing = tables.STANDING
    if not any(_looks_at(standing, each) for each in columns):
        return table
    return table.join(standing, standing.c.member_key == table.c.member_key)


def _looks_at(table: FromClause, expression: ColumnElement[Any]) -> bool:
    return any(getattr(part, "table", None) is table for part in visitors.iterate(expression))


class as_signs(GenericFunction[str]):  # noqa: N801 (the name of an SQL function)
    """The characters with these numbers, one behind the other."""

    inherit_cache = True


class in_one_text(GenericFunction[str]):  # noqa: N801 (the name of an SQL function)
    """The texts of a group, one behind the other."""

    inherit_cache = True


_AT_ONCE = 100
"""A function of SQLite takes so many arguments."""


@compiles(as_signs, "sqlite")
def _(element: as_signs, compiler: SQLCompiler, **kw: Any) -> str:
    every = [compiler.process(number, **kw) for number in element.clauses]
    some = (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
    return " || ".join(f"char({', '.join(each)})" for each in some)


@compiles(as_signs, "postgresql")
def _(element: as_signs, compiler: SQLCompiler, **kw: Any) -> str:
    each = (compiler.process(number, **kw) for number in element.clauses)
    return " || ".join(f"chr(({number})::integer)" for number in each)


@compiles(in_one_text, "sqlite")
def _(element: in_one_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **kw)}, '')"


@compiles(in_one_text, "postgresql")
def _(element: in_one_text, compiler: SQLCompiler, **kw: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **kw)}, '')"
