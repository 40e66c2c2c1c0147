"""Tests over facts of the value's row: where it comes from, what it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from policy.conditions import RowTest, Test
from policy.facts import MemberFacts, ValueFacts
from policy.member_tests import ConsentedTo
from policy.vocabulary import FOREVER, RowFact


@dataclass(frozen=True, slots=True)
class LoggedIn(RowTest):
    """The device event was linked by a login (S12)."""

    fact: ClassVar[RowFact | None] = RowFact.LINK_STATE
    without_fact: ClassVar[bool] = True

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.linked


@dataclass(frozen=True, slots=True)
class ContractRuns(RowTest):
    """The value belongs to no contract, or to one that is known and has not lapsed (S70)."""

    fact: ClassVar[RowFact | None] = RowFact.CONTRACT
    without_fact: ClassVar[bool] = True

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        lapse_at = value.contract.lapse_at if value.contract else FOREVER
        return lapse_at is not None and at < lapse_at


@dataclass(frozen=True, slots=True)
class Retained(RowTest):
    """The value's retention has not ended (S17)."""

    fact: ClassVar[RowFact | None] = RowFact.RETENTION
    without_fact: ClassVar[bool] = True

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return at < value.retention_until


@dataclass(frozen=True, slots=True)
class AcquiredBy(RowTest):
    """One of these companies acquired the value (S77); every row says who did."""

    companies: frozenset[str]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.acquired_by in self.companies


@dataclass(frozen=True, slots=True)
class OfService(RowTest):
    """One of these services acquired the value (`None` = a service no document singles out)."""

    fact: ClassVar[RowFact | None] = RowFact.SERVICE
    services: frozenset[str]
    others: frozenset[str] | None
    """If given, any service but these passes as well."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        service = value.service or ""
        return service in self.services or (self.others is not None and service not in self.others)


@dataclass(frozen=True, slots=True)
class RowCompanyIs(RowTest):
    """The row is about this company: its own link, its own mail preference."""

    fact: ClassVar[RowFact | None] = RowFact.ROW_COMPANY
    company: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.row_company == self.company


@dataclass(frozen=True, slots=True)
class Listed(RowTest):
    """The row's kind stands in one of these sensitive lists (S75)."""

    fact: ClassVar[RowFact | None] = RowFact.KIND
    lists: frozenset[str]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not self.lists.isdisjoint(value.lists)


@dataclass(frozen=True, slots=True)
class Screened(RowTest):
    """Free text was screened for sensitive content (Q19)."""

    fact: ClassVar[RowFact | None] = RowFact.SCREENED

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.screened


@dataclass(frozen=True, slots=True)
class ConsentedToRow(RowTest):
    """As ConsentedTo, where the row must also pass what the consented version asks of rows."""

    item: str
    scopes: tuple[tuple[str, tuple[RowTest, ...]], ...]
    """(version, the tests its own row of the provision leaves open)"""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        standing = member.items.get(self.item)
        return standing is not None and any(
            version == standing.version and all(test.holds(member, value, at) for test in tests)
            for version, tests in self.scopes
        )

    def settled(self, facts: frozenset[RowFact]) -> bool | Test:
        scopes = []
        for version, tests in self.scopes:
            left = [test.settled(facts) for test in tests]
            if False not in left:
                scopes.append((version, tuple(test for test in left if isinstance(test, RowTest))))
        return consented_to(self.item, scopes)

    def freed(self) -> bool | Test:
        return ConsentedTo(self.item, frozenset(version for version, _ in self.scopes))


def consented_to(item: str, scopes: Sequence[tuple[str, tuple[RowTest, ...]]]) -> Test:
    """Give the test of the consented version, a row test only where some version asks of rows."""
    if any(tests for _, tests in scopes):
        return ConsentedToRow(item, tuple(scopes))
    return ConsentedTo(item, frozenset(version for version, _ in scopes))


@dataclass(frozen=True, slots=True)
class Ordered(RowTest):
    """The value's order is with this merchant and placed (S30)."""

    fact: ClassVar[RowFact | None] = RowFact.MERCHANT
    merchant: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        placed = value.placed_at is not None and value.placed_at <= at
        return value.merchant == self.merchant and placed


@dataclass(frozen=True, slots=True)
class ContractEnded(RowTest):
    """The value belongs to a contract, and that has lapsed or the account is closed (S70)."""

    fact: ClassVar[RowFact | None] = RowFact.CONTRACT

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        if value.contract is None:
            return False
        lapsed = value.contract.lapse_at is not None and value.contract.lapse_at <= at
        return lapsed or member.closed


@dataclass(frozen=True, slots=True)
class AcquisitionConsented(RowTest):
    """The member consented to this sensitive value being acquired (art. 20(2))."""

    fact: ClassVar[RowFact | None] = RowFact.ACQUISITION_CONSENT

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.acquisition_consent_at is not None and value.acquisition_consent_at <= at
