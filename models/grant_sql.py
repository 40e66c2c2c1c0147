"""The SQL of a grant: its alternatives, each of which is all of its tests; TRUE or FALSE.

Importing this gives every kind of test its SQL.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Exists,
    FromClause,
    and_,
    case,
    cast,
    false,
    null,
    or_,
    true,
)

from models import member_sql, row_sql
from models.condition_sql import UNTRANSLATED, Bool, Place, said, sql
from models.constants import number
from models.ways import Way, least, most_shared
from policy import member_tests, row_tests
from policy.conditions import Test
from policy.errors import StartUpError
from policy.grant import Alternative, Grant

TRANSLATIONS = {member_tests: member_sql, row_tests: row_sql}


def opened(grant: Grant, place: Place) -> Bool:
    """Give TRUE exactly where the grant opens the row."""
    return some_hold((way.tests for way in grant.alternatives), place)


def opened_by(grant: Grant, place: Place) -> ColumnElement[int]:
    """Give the number of the provision that opens the row, most specific first, else NULL."""
    return first_of(grant.alternatives, place)


def first_of(ways: Iterable[Alternative], place: Place) -> ColumnElement[int]:
    """Give the number of the first of these ways that is open, else NULL."""
    first: dict[frozenset[Test], Alternative] = {}
    for way in ways:
        first.setdefault(frozenset(way.tests), way)
    told = {test: said(test, place) for test in frozenset[Test]().union(*first)}
    effort = {test: rows_asked(expression) for test, expression in told.items()}
    easy_first = [tuple(sorted(way.tests, key=effort.__getitem__)) for way in first.values()]
    cases = [
        (_all(tests, told), number(way.number))
        for tests, way in zip(easy_first, first.values(), strict=True)
    ]
    return case(*cases, else_=null()) if cases else cast(null(), BigInteger)


def some_hold(ways: Iterable[Iterable[Test]], place: Place) -> Bool:
    """Give TRUE exactly where all tests of some way hold, each test said as seldom as may be.

    What asks for fewer rows is said first: AND and OR end where they are settled.
    """
    fewest = least(ways)
    told = {test: said(test, place) for test in {test for way in fewest for test in way}}
    effort = {test: rows_asked(expression) for test, expression in told.items()}
    easy_first = [tuple(sorted(way, key=effort.__getitem__)) for way in fewest]
    return _either(easy_first, told, effort)


def _either(ways: Sequence[Way], told: Mapping[Test, Bool], effort: Mapping[Test, int]) -> Bool:
    if len(ways) == 1:
        return _all(ways[0], told)
    shared = most_shared(ways)
    if shared is None:
        each = sorted(ways, key=lambda way: _least_effort([way], effort))
        return or_(false(), *(_either([way], told, effort) for way in each))
    inside = [tuple(test for test in way if test != shared) for way in ways if shared in way]
    outside = [way for way in ways if shared not in way]
    with_it = and_(told[shared], _either(inside, told, effort))
    if not outside:
        return with_it
    without = _either(outside, told, effort)
    if _least_effort(outside, effort) < _least_effort(inside, effort) + effort[shared]:
        return or_(without, with_it)
    return or_(with_it, without)


def _all(way: Way, told: Mapping[Test, Bool]) -> Bool:
    return and_(true(), *(told[test] for test in way))


def _least_effort(ways: Iterable[Way], effort: Mapping[Test, int]) -> int:
    return min(sum(effort[test] for test in way) for way in ways)


def rows_asked(expression: Bool) -> int:
    """Give how many times an expression asks whether there is a row."""
    asked, parts = 0, [expression]
    while parts:
        part: Any = parts.pop()
        asked += isinstance(part, Exists)
        if not isinstance(part, ColumnClause | FromClause):  # which lead to whole tables
            parts += part.get_children()
    return asked


def kinds_of_test() -> list[type[Test]]:
    """Give every kind of test that policy defines."""
    found = (each for module in TRANSLATIONS for each in vars(module).values())
    kinds = (each for each in found if isinstance(each, type))
    return [kind for kind in kinds if issubclass(kind, Test) and kind not in get_args(Test)]


def check_translations() -> None:
    """Raise StartUpError if some kind of test has no SQL: a condition is never dropped."""
    missing = [kind.__name__ for kind in kinds_of_test() if sql.dispatch(kind) is UNTRANSLATED]
    if missing:
        names = ", ".join(missing)
        raise StartUpError(
            f"no SQL for the tests {names}: write it in models/member_sql.py or models/row_sql.py"
        )
