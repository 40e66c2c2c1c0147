"""What many grants ask of a member's other rows, asked once: whether they stopped, agreed, linked.

A grant is judged for each access class, and for each row below a member; what it asks of the
member is mostly the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import FromClause, Label, Subquery

from models.condition_sql import Facts, Place, sql
from models.constants import number
from models.grant_sql import rows_asked
from models.judged import Statement
from models.member_sql import NeverStopped
from models.view import ACCOUNT, View
from policy.conditions import MemberTest, Test
from policy.grant import Alternative
from policy.member_tests import NotStopped

Asked = Iterable[Iterable[Alternative]]
"""The ways of each expression that will be judged."""


def asked_again(view: View, asked: Asked, for_each_row: Asked = ()) -> Sequence[MemberTest]:
    """Give the tests of a member that look at other rows, and are asked more than once."""
    counts: Counter[MemberTest] = Counter()
    for times, expressions in ((1, asked), (2, for_each_row)):
        for ways in expressions:
            every: set[Test] = {test for way in ways for test in way.tests}
            counts.update({test: times for test in every if isinstance(test, MemberTest)})
    of_stops = [test for test in counts if isinstance(test, NotStopped)]
    place = view.place(ACCOUNT)
    again = [
        test
        for test, times in counts.items()
        if times > 1 and test not in of_stops and _asks_rows(test, place)
    ]
    never = [NeverStopped()] if sum(counts[test] for test in of_stops) > 1 else []
    return [*again, *never]


@lru_cache(maxsize=2048)
def _asks_rows(test: MemberTest, place: Place) -> bool:
    return rows_asked(sql(test, place)) > 0


def fact_columns(view: View, tests: Sequence[MemberTest]) -> Sequence[Label[bool]]:
    """Ask each of these tests, under a name of its own."""
    place = view.place(ACCOUNT)
    named = zip(names_of_facts(tests), tests, strict=True)
    return [sql(test, place).label(name) for name, test in named]


def names_of_facts(tests: Sequence[MemberTest]) -> Sequence[str]:
    return [f"fact {place}" for place in range(len(tests))]


def facts_in(rows: FromClause, tests: Sequence[MemberTest]) -> Facts:
    """Give these facts as columns of rows that hold them, and the standing's columns."""
    named = zip(names_of_facts(tests), tests, strict=True)
    return Facts(rows, {test: rows.c[name] for name, test in named})


def kept_apart(statement: Statement, name: str) -> Subquery:
    """Keep a planner from asking again for each mention what the statement asked once.

    The rows stay in order, and none is read before it is wanted.
    """
    return statement.offset(number(0)).subquery(name)
