"""The kinds of test a decision comes down to, each over facts of a member and a stored value.

A test whose facts stand on the value's row is a row test: it knows what it reads as on a relation
that does not carry the fact (`without_fact`), and it can be left free (`freed`), which asks whether
*some* row could pass.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from policy.facts import MemberFacts, ValueFacts
from policy.vocabulary import Code, ConsentState, RowFact, Stage


@dataclass(frozen=True, slots=True)
class MemberTest:
    """A test that reads facts of the member alone."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        raise NotImplementedError

    def settled(self, facts: frozenset[RowFact]) -> "bool | Test":
        return self

    def freed(self) -> "bool | Test":
        return self


@dataclass(frozen=True, slots=True)
class RowTest:
    """A test that reads facts of the value's row."""

    fact: ClassVar[RowFact | None] = None
    without_fact: ClassVar[bool] = False

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        raise NotImplementedError

    def settled(self, facts: frozenset[RowFact]) -> "bool | Test":
        """Settle the test on a relation that does not carry its fact."""
        return self if self.fact is None or self.fact in facts else self.without_fact

    def freed(self) -> "bool | Test":
        return True


Test = MemberTest | RowTest


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the rule: what must hold, and the code where it does not.

    `test` is a bool where request and catalogue settle it. `stage` is None for the gates that come
    before any provision. A `code` can be the one that a consent's own state gives.
    """

    stage: Stage | None
    code: "Code | StateCode"
    test: bool | Test

    def failure(self, member: MemberFacts, value: ValueFacts, at: datetime) -> Code | None:
        """Give the code if the condition fails, None if it holds."""
        test = self.test
        if test if isinstance(test, bool) else test.holds(member, value, at):
            return None
        return self.code if isinstance(self.code, Code) else self.code.of(member)

    def settled(self, facts: frozenset[RowFact]) -> "Condition":
        """Give the condition as it stands on a relation that carries these facts."""
        test = self.test if isinstance(self.test, bool) else self.test.settled(facts)
        return self if test is self.test else Condition(self.stage, self.code, test)


_STATE_CODES = {
    ConsentState.REFUSED: Code.CONSENT_REFUSED,
    ConsentState.WITHDRAWN: Code.CONSENT_WITHDRAWN,
    ConsentState.SUSPENDED: Code.STOP_REQUEST,
    ConsentState.DEEMED: Code.CONSENT_OUTDATED,
    ConsentState.GRANTED: Code.CONSENT_OUTDATED,
}


@dataclass(frozen=True, slots=True)
class StateCode:
    """Why an item does not stand: its state says so; a consented one has expired (3.7-3)."""

    item: str

    def of(self, member: MemberFacts) -> Code:
        standing = member.items.get(self.item)
        missing = Code.CONSENT_MISSING
        return _STATE_CODES.get(standing.state, missing) if standing else missing
