"""Random members as the tables hold them: what happened, where each row came from, every value."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import fact_of, path_of
from models.provenance import KEEPER
from models.tables import CATALOGUE_VERSION, METADATA, RELATIONS
from models.types import Instant, Words
from models.world import ContractRecord, MemberRecord, load
from policy.events import Event
from policy.facts import MemberFacts
from policy.grant import Grants
from policy.vocabulary import RowFact
from tests.dice import Dice
from tests.populations import (
    ACQUIRERS,
    VIEWED,
    Stored,
    columns_of,
    contract_of,
    draw_past,
    viewed,
)
from tests.random_dates import INSTANTS
from tests.random_members import draw_value
from tests.real import CATALOGUE, STORED

ACCOUNT = ""
TEXTS = ("a", "ab", "abc", "b", "B", "%", "a_b", "", "東京", "東京都", "Å")
NUMBERS = (-(2**31), -1, 0, 1, 2, 3, 100, 2**31 - 1)
FEW = (0, 1, 2, 3)
MANY = (1, 3, 4, 5)
SLOTS = 10
"""Rows of one relation that a member can have."""


@dataclass(frozen=True)
class Row:
    """One row: its origin, and the values that the rule does not read."""

    stored: Stored
    cells: tuple[tuple[str, Any], ...]
    """(column, value)"""

    @property
    def relation(self) -> str:
        return self.stored.relation

    @property
    def key(self) -> str:
        return self.stored.key

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        return {**columns_of(CATALOGUE, self.stored), **dict(self.cells)}

    def value(self, path: str) -> Any:
        """What stands in the column of this path."""
        return self.columns[NAMES[path]]


@dataclass(frozen=True)
class Life:
    """One member: all that happened by now, the account if there is one, and the rows."""

    key: str
    events: tuple[Event, ...]
    rows: tuple[Row, ...]

    @property
    def account(self) -> Row | None:
        return next((row for row in self.rows if row.relation == ACCOUNT), None)

    def all_rows(self, facts: MemberFacts) -> Iterator[Row]:
        """The rows below the account, those too that show what happened."""
        yield from (row for row in self.rows if row.relation != ACCOUNT)
        for shown in viewed(self.key, facts):
            at = (
                facts.links[shown.value.row_company or ""].linked_at
                if "account_id" in (shown.shown or {})
                else facts.mail[shown.value.row_company or ""].at
            )
            origin = {"acquired_by": KEEPER, "source": "ACCOUNT", "channel": "SETTINGS"}
            yield Row(shown, tuple({**origin, "acquired_at": at}.items()))

    @property
    def record(self) -> MemberRecord:
        """As the product's own writer takes it."""
        rows: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            rows.setdefault(row.relation, []).append(row.columns)
        (account,) = rows.pop(ACCOUNT, None) or (None,)
        contracts = [contract_of(row.stored) for row in self.rows if row.stored.value.contract]
        return MemberRecord(
            key=self.key,
            account=account,
            rows=rows,
            contracts=[ContractRecord(c["company"], c["no"], c["lapse_at"]) for c in contracts],
            events=sorted(self.events, key=lambda event: event.at),
        )

    def without(self, row: Row) -> "Life":
        return replace(self, rows=tuple(each for each in self.rows if each is not row))

    def with_row(self, row: Row) -> "Life":
        """With this row, in place of the one that has its key."""
        others = [each for each in self.rows if each.key != row.key]
        return replace(self, rows=(*others, row))


@dataclass(frozen=True)
class Drawing:
    """Draws lives of one instant."""

    dice: Dice
    now: datetime

    def life(self, key: str) -> Life:
        """Somebody; one in ten without any event, one in twelve without an account."""
        events = tuple(draw_past(self.dice, CATALOGUE, key, self.now))
        rows = [self.row(key, ACCOUNT, key)] if self.dice.mostly(11) else []
        for relation in WRITTEN:
            most = self.dice.pick(*(MANY if relation in MIXED else FEW))
            slots = self.dice.some(range(SLOTS), most=most, least=0)
            alike = [self.row(key, relation, f"{relation}-{key}-{slot}") for slot in slots]
            rows += self._of_one_origin(alike) if relation in MIXED else alike
        return Life(key, events, tuple(rows))

    def _of_one_origin(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The rows, mostly from where the first comes, so that they are open together."""
        for row in rows:
            first, value = rows[0].stored.value, row.stored.value
            if self.dice.mostly(3):
                value = replace(value, acquired_by=first.acquired_by, service=first.service)
            yield replace(row, stored=replace(row.stored, value=value))

    def row(self, member: str, relation: str, key: str) -> Row:
        value = draw_value(self.dice, CATALOGUE, CATALOGUE.relations[relation], ACQUIRERS)
        if value.contract:
            value = replace(value, contract=replace(value.contract, no=key))
        cells = tuple((column.name, self.cell(column)) for column in FREE[relation])
        return Row(Stored(member, relation, key, value), cells)

    def cell(self, column: Column[Any]) -> object:
        """A value that the column takes; one in six null."""
        pick = self.dice.pick
        if not self.dice.mostly(5):
            return None
        if words := words_of(column):
            return pick(*words)
        match column.type:
            case Instant():
                return pick(*INSTANTS)
            case Date():
                return pick(*INSTANTS).date() + timedelta(days=pick(-9000, 0, 0))
            case Words():
                return self.dice.some(TEXTS, most=3, least=0)
            case BigInteger():
                return pick(*NUMBERS)
            case Boolean():
                return self.dice.mostly(1)
            case _:
                return pick(*TEXTS) + (pick(*TEXTS) if self.dice.mostly(2) else "")


async def settle(connection: AsyncConnection, lives: Sequence[Life], now: datetime) -> None:
    """Replace whoever lives in the database by these."""
    for table in reversed(METADATA.sorted_tables):
        if table is not CATALOGUE_VERSION:
            await connection.execute(delete(table))
    await load(connection, CATALOGUE, [life.record for life in lives], now)


def words_of(column: Column[Any]) -> Sequence[str]:
    """The only words that the column takes; none if it takes any."""
    for constraint in (*column.constraints, *column.table.constraints):
        if (
            isinstance(constraint, CheckConstraint)
            and constraint.name == f"{column.name}_is_a_word"
        ):
            return re.findall("'([^']*)'", str(constraint.sqltext))
    return ()


def _is_free(relation: str, column: Column[Any]) -> bool:
    """Whether the rule never reads the column, so that a withheld value may be any other."""
    ordered = RowFact.MERCHANT in CATALOGUE.relations[relation].facts
    read = fact_of(column) is not None or (ordered and column.name == "at")
    return path_of(column) is not None and not read


WRITTEN = tuple(relation for relation in RELATIONS if relation and relation not in VIEWED)
"""Relations whose rows are written as rows."""
_GRANTS = Grants(CATALOGUE)
_CLASSES = {(path.rpartition(".")[0], _GRANTS.access_class(path)) for path in STORED}
MIXED = {relation for relation, count in Counter(r for r, _ in _CLASSES).items() if count > 1}
"""Relations with fields that are decided apart, so that an open row may hold a withheld value."""
FREE: Mapping[str, Sequence[Column[Any]]] = {
    relation: [column for column in table.columns if _is_free(relation, column)]
    for relation, table in RELATIONS.items()
}
NAMES: Mapping[str, str] = {
    path: column.name
    for table in RELATIONS.values()
    for column in table.columns
    if (path := path_of(column)) is not None
}
"""Path → its column."""
