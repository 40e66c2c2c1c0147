"""What the SQL of a test stands on: where it is judged, what it binds, how its kind is told.

INVARIANT: an expression made here is TRUE or FALSE. It reads NOT NULL columns, or a nullable one
inside COALESCE(..., FALSE), and asks by EXISTS for rows that may be absent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch

from sqlalchemy import ColumnElement, FromClause, Table, bindparam, exists, select

from models import tables
from models.constants import number
from models.tables import fact_column
from models.types import TEXT, Instant
from policy.catalogue import Catalogue
from policy.conditions import Test
from policy.vocabulary import YEAR, RowFact

NOW = bindparam("now", type_=Instant())
A_YEAR_AGO = bindparam("a_year_ago", type_=Instant())
SUBJECT = bindparam("subject", type_=TEXT)

Bool = ColumnElement[bool]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Rows that hold their member's standing, and which of some tests the member passes.

    What many grants ask of a member's other rows is asked once: each answer is a column.
    """

    rows: FromClause
    passed: Mapping[Test, ColumnElement[bool]]
    said: dict[tuple[Test, FromClause], ColumnElement[bool]] = field(default_factory=dict)
    """What was said beside them already, of which row: a statement says most of it many times."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a grant is judged: a row of a relation beside its member's standing."""

    relation: str
    row: FromClause
    catalogue: Catalogue
    facts: Facts | None = None

    @property
    def standing(self) -> FromClause:
        return tables.STANDING if self.facts is None else self.facts.rows

    def passed(self, test: Test) -> Bool | None:
        """Give what is known of a test already, None for nothing."""
        return None if self.facts is None else self.facts.passed.get(test)

    @property
    def member_key(self) -> ColumnElement[str]:
        key: ColumnElement[str] = self.standing.c.member_key
        return key

    def fact(self, fact: RowFact) -> ColumnElement[object]:
        """Give the row's column for a fact of its relation."""
        return self.row.c[fact_column(self.relation, fact).key]

    def any_row(self, table: Table, *wheres: Bool) -> Bool:
        """Whether the member has a row like that."""
        return any_row(table, self.standing, *wheres, row=self.row)


def any_row(
    table: FromClause, standing: FromClause, *wheres: Bool, row: FromClause = tables.ACCOUNT
) -> Bool:
    """Whether the member of a standing has a row like that, looked for by key, member by member.

    PostgreSQL would join what has no OFFSET, or read the whole table beforehand, and a page far
    behind then read every row of the table up to there.
    """
    looked_for = select(number(1)).where(table.c.member_key == standing.c.member_key, *wheres)
    return exists(looked_for.limit(number(1)).offset(number(0)).correlate(row, standing))


def parameters(at: datetime, subject: str | None) -> dict[str, object]:
    """Give the values that every statement of a read binds."""
    return {"now": at, "a_year_ago": at - YEAR, "subject": subject or ""}


@singledispatch
def sql(test: object, place: Place) -> Bool:
    """Give the SQL of one test."""
    raise NotImplementedError(f"{type(test).__name__} at {place.relation}")


def said(test: Test, place: Place) -> Bool:
    """Give what is known of a test, or else its SQL."""
    facts = place.facts
    if facts is None:
        return sql(test, place)
    known = facts.passed.get(test)
    if known is not None:
        return known
    key = test, place.row
    found = facts.said.get(key)
    if found is None:
        found = facts.said[key] = sql(test, place)
    return found


UNTRANSLATED = sql.dispatch(object)
"""What the SQL of a test is that nobody has written."""


def any_bit(place: Place, numbers: Iterable[int]) -> Bool:
    """Whether the member's standing has one of these bits."""
    mask = sum(1 << number for number in numbers)
    return place.standing.c.bits.bitwise_and(number(mask)) != number(0)
