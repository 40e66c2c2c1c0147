"""What one caller may see of one member, by the decision: nothing of the SQL under test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from models.tables import RELATIONS
from policy.decide import Rule, rule
from policy.events import Event
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker, Grants
from policy.requester import Requester, Role
from policy.situation import Question, Situation
from policy.standing import fold
from policy.vocabulary import FOREVER, SUBJECT_REQUEST
from tests.lives import Life, Row
from tests.real import CATALOGUE, STORED

PROVENANCE = ("acquired_by", "source", "channel", "acquired_at")
PATHS = {
    relation: [path for path in STORED if CATALOGUE.fields[path].relation == relation]
    for relation in RELATIONS
}
GRANTS = Grants(CATALOGUE)

Cells = Mapping[str, tuple[int, Any]]
"""Path of an open cell → the number of the provision that opens it, and its value."""


@dataclass(frozen=True)
class Caller:
    """Who asks, and for what: a company, a processor, or a member about themself."""

    company: str | None
    on_behalf_of: str | None
    purpose: str
    member: str | None = None

    @property
    def requester(self) -> Requester:
        role = Role.SERVICE if self.company else Role.MEMBER
        subject = self.member or "a-caller"
        return Requester(role, subject, self.company, self.on_behalf_of, (), FOREVER)

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of its token."""
        if self.company is None:
            return {"sub": self.member, "role": "member", "company": None, "purposes": None}
        return {
            "sub": "a-caller",
            "company": self.company,
            "on_behalf_of": self.on_behalf_of,
            "purposes": [self.purpose],
        }

    def question(self, path: str, at: datetime) -> Question:
        alone = self.company is None
        return Question(self.company, self.on_behalf_of, self.purpose, path, at, alone)


def themself(member: str) -> Caller:
    return Caller(None, None, SUBJECT_REQUEST, member)


@dataclass(frozen=True)
class SeenRow:
    """An open row: its provenance and its open cells."""

    key: str
    provenance: Sequence[Any]
    cells: Cells


@dataclass(frozen=True)
class Sight:
    """All that a caller could get to know of a visible member, one way or another."""

    cells: Cells
    lists: Mapping[str, Sequence[SeenRow]]
    """Relation → its open rows by key; a relation of which no row could be open is missing."""
    accounts: frozenset[str]
    """Account ids under which the caller finds the member."""


@dataclass(frozen=True)
class Eyes:
    """One caller at one instant."""

    caller: Caller
    now: datetime

    def sees(self, life: Life | None) -> Sight | None:
        """Give what is visible of a member; None if the member is not."""
        facts = _facts(life.events, self.now) if life is not None else None
        if life is None or facts is None or not facts.known:
            return None
        if self.caller.member not in {None, life.key}:
            return None
        found = self._open_rows(life, facts)
        cells = self.open_cells(life, life.account) if life.account else {}
        if not life.account or not (cells or any(found.values())):
            return None
        could = _could_open(self.caller, life.events, self.now)
        lists = {name: rows for name, rows in found.items() if name in could}
        assert all(name in lists for name, rows in found.items() if rows)
        return Sight(cells, lists, self._accounts(facts))

    def open_cells(self, life: Life, row: Row) -> Cells:
        """Give the open cells of one row, null ones too."""
        if self.caller.member not in {None, life.key}:
            return {}
        numbers = self._numbers(life.events, row.relation, row.stored.value)
        return {path: (number, row.value(path)) for path, number in numbers.items()}

    def _numbers(
        self, events: tuple[Event, ...], relation: str, value: ValueFacts
    ) -> Mapping[str, int]:
        return _numbers(self.caller, events, relation, value, self.now)

    def _open_rows(self, life: Life, facts: MemberFacts) -> Mapping[str, Sequence[SeenRow]]:
        found: dict[str, list[SeenRow]] = {relation: [] for relation in RELATIONS if relation}
        for row in sorted(life.all_rows(facts), key=lambda row: row.key):
            if cells := self.open_cells(life, row):
                provenance = [row.columns[name] for name in PROVENANCE]
                found[row.relation].append(SeenRow(row.key, provenance, cells))
        return found

    def _accounts(self, facts: MemberFacts) -> frozenset[str]:
        link = facts.links.get(self.caller.on_behalf_of or self.caller.company or "")
        linked = link is not None and link.linked_at is not None and link.linked_at <= self.now
        return frozenset({link.account_id or ""} if link is not None and linked else ())


@cache
def _facts(events: tuple[Event, ...], now: datetime) -> MemberFacts:
    return fold(events, now, CATALOGUE)


@cache
def _could_open(caller: Caller, events: tuple[Event, ...], now: datetime) -> frozenset[str]:
    """The relations of which some row could be open, its own facts left free."""
    asker = Asker(caller.company, caller.on_behalf_of, caller.company is None)
    facts, nothing = _facts(events, now), ValueFacts("")
    found = set()
    for relation, paths in PATHS.items():
        grants = (GRANTS.grant(asker, caller.purpose, path, now) for path in paths)
        if any(grant.freed().opened_by(facts, nothing, now) for grant in grants):
            found.add(relation)
    return frozenset(found)


@cache
def _numbers(
    caller: Caller, events: tuple[Event, ...], relation: str, value: ValueFacts, now: datetime
) -> Mapping[str, int]:
    """The number of the provision that opens each field that is open."""
    facts, of_class = _facts(events, now), dict[str, int | None]()
    for path in map(GRANTS.access_class, PATHS[relation]):
        if path not in of_class:
            stated = _rule(caller, path, value.acquired_by, value.service, now)
            of_class[path] = _number(stated, facts, value, now)
    numbers = {path: of_class[GRANTS.access_class(path)] for path in PATHS[relation]}
    return {path: number for path, number in numbers.items() if number is not None}


@cache
def _rule(caller: Caller, path: str, acquirer: str, service: str | None, now: datetime) -> Rule:
    """What it takes for all values of one origin; ways that the request itself closes are out."""
    stated = rule(Situation(CATALOGUE, caller.question(path, now), acquirer, service))
    ways = (w for w in stated.candidates if all(c.test is not False for c in w.conditions))
    return Rule(stated.gates, tuple(ways))


def _number(stated: Rule, member: MemberFacts, value: ValueFacts, now: datetime) -> int | None:
    """As `decide` walks the rule."""
    if any(gate.failure(member, value, now) for gate in stated.gates):
        return None
    for way in stated.candidates:
        if not any(condition.failure(member, value, now) for condition in way.conditions):
            return way.number
    return None


def forget() -> None:
    """Let go of what was worked out about members who are gone."""
    for kept in (_facts, _could_open, _numbers, _rule):
        kept.cache_clear()
