"""The SQL of a census: whose rows pass which tests, told in texts of members' keys.

INVARIANT: what a test asks is what `sql` says of it, as in every read. Only how it is asked of
other rows differs: not member by member, but of all rows of a table at once. Of standings each
member has one, so no key is told again for them: a digit per member says how some tests come out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product, repeat
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    False_,
    FromClause,
    True_,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)

from models import tables
from models.condition_sql import Bool, Facts, Place, sql
from models.constants import number, word
from models.judged import Statement, marked
from models.tables import RELATIONS
from models.types import TEXT
from models.view import ACCOUNT, HasRow
from policy.catalogue import Catalogue
from policy.conditions import MemberTest
from policy.row_tests import ConsentedToRow, ContractEnded

T = TypeVar("T")

BETWEEN = " "
"""What stands between two keys."""
TOGETHER = 5
"""Tables that one statement reads. Each statement has to wait for its turn, and who reads what was
told waits for the whole of it."""
AT_ONCE = 300
"""Questions about a table at once: of a statement the engines give no more than 1,600 columns."""
IN_A_DIGIT = 3
"""Answers that one digit tells, each by a bit."""

_OF_STANDING = (ConsentedToRow, ContractEnded)
"""Tests of a row that look at more of its member's standing than whose it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Who has a row like that in the table."""

    table: FromClause
    row: Bool
    of_standing: bool = False
    """Whether it looks at the standing beside the row."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A test, as what it makes of the answers to some questions."""

    questions: Sequence[Question]
    passing: Sequence[tuple[bool, ...]]
    """The answers about a member, in the order of the questions, with which the test is passed."""


def members_of(standings: Sequence[Question]) -> Statement:
    """One tuple: how many members there are, the keys of those who have a standing, and digits.

    INVARIANT: one pass makes all of its texts, so they tell of the members in one order.
    """
    account, standing = tables.ACCOUNT, tables.STANDING
    known = standing.join(account, account.c.member_key == standing.c.member_key)
    everybody = select(func.count()).select_from(account).scalar_subquery()
    told = [func.aggregate_strings(_digit(part), _text("")) for part in by_digit(standings)]
    return marked(select(everybody, _keys(standing), *told).select_from(known))


def by_digit(standings: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """Give what one digit tells of a member. Bits being few, so are the tests of a standing."""
    return at_most(IN_A_DIGIT, standings)


def _digit(part: Sequence[Question]) -> ColumnElement[str]:
    bits = (case((each.row, number(1 << bit)), else_=number(0)) for bit, each in enumerate(part))
    return cast(sum(bits, number(0)), TEXT)


def keys_of(parts: Iterable[Sequence[Question]]) -> Statement:
    """One tuple, of some tables: per question, the members who have such a row, once for each row.

    Each table is read by itself, to one row of texts; these rows stand side by side.
    """
    return marked(select(*(text for part in parts for text in _of_table(part).subquery().c)))


def _of_table(questions: Sequence[Question]) -> Statement:
    table = questions[0].table
    keys = _keys(table)
    columns = [keys.filter(each.row) for each in questions]
    if any(each.of_standing for each in questions):
        standing = tables.STANDING
        table = table.join(standing, standing.c.member_key == table.c.member_key)
    return select(*columns).select_from(table)


def by_table(questions: Iterable[Question]) -> Iterator[Sequence[Question]]:
    """Give what is asked of each table, in parts where that is much."""
    of_tables: dict[FromClause, list[Question]] = {}
    for question in questions:
        of_tables.setdefault(question.table, []).append(question)
    for every in of_tables.values():
        yield from at_most(AT_ONCE, every)


def at_most(size: int, every: Sequence[T]) -> Iterator[Sequence[T]]:
    """Give these in parts of so many."""
    return (every[start : start + size] for start in range(0, len(every), size))


def _keys(table: FromClause) -> Any:
    return func.aggregate_strings(table.c.member_key, _text(BETWEEN))


def _text(value: str) -> Any:
    return word(value)


_THERE: Bool = literal_column("there", Boolean())
"""That there is such a row, before it is supposed that there is or is not."""
_ALONE: Mapping[bool, Bool] = {True: _THERE, False: ~_THERE}
"""All that most tests say: that there is one such row, or none."""


@dataclass(frozen=True, slots=True)
class _Supposed(Place):
    """A place where it is supposed which rows there are, so as to see what a test makes of that."""

    of_standing: bool = False
    """Whether rows are told by more of the standing than whose they are."""
    answers: Iterator[Bool] = field(default_factory=lambda: repeat(_THERE))
    questions: list[Question] = field(default_factory=list)

    @property
    def standing(self) -> FromClause:
        raise _AsksMore

    def any_row(self, table: FromClause, *wheres: Bool) -> Bool:
        self.questions.append(Question(table, and_(true(), *wheres), self.of_standing))
        return next(self.answers)


class _AsksMore(Exception):
    """A test looks at more than which rows there are."""


def rows_alone() -> Mapping[str, Facts]:
    """Let the rows of each relation say themselves whose they are."""
    return {relation: Facts(table, {}) for relation, table in RELATIONS.items()}


def asked(catalogue: Catalogue, test: MemberTest, rows: Mapping[str, Facts]) -> Asked:
    """Ask which rows there are, or else the standings themselves."""
    of_standing = isinstance(test, HasRow) and not _told_by_rows(test)
    facts = rows[test.relation] if isinstance(test, HasRow) and not of_standing else None
    place = _Supposed(ACCOUNT, tables.ACCOUNT, catalogue, facts, of_standing)
    try:
        said = sql(test, place)
    except _AsksMore:
        standing = sql(test, Place(ACCOUNT, tables.ACCOUNT, catalogue))
        return Asked([Question(tables.STANDING, standing)], [(True,)])
    for answer, alone in _ALONE.items():
        if said.compare(alone):
            return Asked(place.questions, [(answer,)])
    every = product((True, False), repeat=len(place.questions))
    return Asked(place.questions, [each for each in every if _passes(test, place, each)])


def _passes(test: MemberTest, place: _Supposed, answers: Iterable[bool]) -> bool:
    supposed = (true() if each else false() for each in answers)
    said = sql(test, replace(place, answers=supposed, questions=[]))
    return _OPPOSITE[type(~said)]  # which takes off what AND and OR wrap around it


_OPPOSITE: Mapping[type, bool] = {False_: True, True_: False}


def _told_by_rows(test: HasRow) -> bool:
    """Whether no more is asked of the standing than whose the rows are."""
    asked = (each for way in test.ways for each in way)
    return not any(isinstance(each, _OF_STANDING) for each in asked)
