"""The kinds of test a decision can come down to, each over facts of one member and one stored value.

A test whose facts stand on the value's row is a row test: it knows what it reads as on a relation
that does not carry the fact (`without_fact`), and it can be left free (`freed`), which asks whether
*some* row could pass.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from policy.facts import ItemStanding, MemberFacts, ValueFacts
from policy.vocabulary import (
    FOREVER,
    YEAR,
    Code,
    ConsentLevel,
    ConsentState,
    OpeningAct,
    Reach,
    RowFact,
    Stage,
)


@dataclass(frozen=True, slots=True)
class MemberTest:
    """A test that reads facts of the member alone."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        raise NotImplementedError

    def freed(self) -> "bool | Test":
        return self


@dataclass(frozen=True, slots=True)
class RowTest:
    """A test that reads facts of the value's row."""

    fact: ClassVar[RowFact | None] = None
    without_fact: ClassVar[bool] = False

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        raise NotImplementedError

    def freed(self) -> "bool | Test":
        return True


Test = MemberTest | RowTest


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the rule: what must hold, and the code where it does not.

    `test` is a bool where request and catalogue settle it. `stage` is None for the gates that come
    before any provision; `code` None stands for the code of the consent's own state.
    """

    stage: Stage | None
    code: Code | None
    test: bool | Test

    def failure(self, member: MemberFacts, value: ValueFacts, at: datetime) -> Code | None:
        """Give the code if the condition fails, None if it holds."""
        if isinstance(self.test, bool):
            holds = self.test
        else:
            holds = self.test.holds(member, value, at)
        if holds:
            return None
        if self.code is None and isinstance(self.test, Stands):
            return self.test.code(member, at)
        return self.code


# --- gates -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known(MemberTest):
    """The member has a standing; without one everything is closed."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.known


@dataclass(frozen=True, slots=True)
class Self(MemberTest):
    """The member is who asks; the question says so, the statement binds the key."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Active(MemberTest):
    """The account is not closed (S18)."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return at < member.closed_at


@dataclass(frozen=True, slots=True)
class Deleted(MemberTest):
    """The account is closed (A-RET)."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.closed_at <= at


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


# --- vetoes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotStopped(MemberTest):
    """No art. 35 stop at any of these companies for any of these categories or for all."""

    companies: frozenset[str]
    categories: frozenset[str]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not any(
            company in self.companies and (category == "*" or category in self.categories)
            for company, category in member.stops
        )


@dataclass(frozen=True, slots=True)
class MailWanted(MemberTest):
    """Mail of this sender is recorded as wanted (S35; mail is opt-in)."""

    sender: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.mail.get(self.sender) is True


@dataclass(frozen=True, slots=True)
class MailNotRefused(MemberTest):
    """Mail of this sender is not recorded as unwanted."""

    sender: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.mail.get(self.sender) is not False


@dataclass(frozen=True, slots=True)
class AdsAllowed(MemberTest):
    """The member has not opted out of advertising."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not member.ads_opt_out


# --- where the value comes from ------------------------------------------------------------------


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


# --- consent -------------------------------------------------------------------------------------

_STATE_CODES = {
    ConsentState.REFUSED: Code.CONSENT_REFUSED,
    ConsentState.WITHDRAWN: Code.CONSENT_WITHDRAWN,
    ConsentState.SUSPENDED: Code.STOP_REQUEST,
    ConsentState.DEEMED: Code.CONSENT_OUTDATED,
    ConsentState.GRANTED: Code.CONSENT_OUTDATED,
}
_NONE = ItemStanding()


@dataclass(frozen=True, slots=True)
class Stands(MemberTest):
    """The item is consented to, and its term is not over."""

    item: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        standing = member.items.get(self.item, _NONE)
        consented = standing.state in {ConsentState.DEEMED, ConsentState.GRANTED}
        return consented and at < standing.valid_until

    def code(self, member: MemberFacts, at: datetime) -> Code:
        """Why it does not stand: its state says so; a consented one has expired."""
        state = member.items.get(self.item, _NONE).state
        return _STATE_CODES.get(state, Code.CONSENT_MISSING)


@dataclass(frozen=True, slots=True)
class Reaches(MemberTest):
    """The consent event, by age and guardian, carries at least one of these reaches (Q16)."""

    item: str
    reaches: frozenset[Reach]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not self.reaches.isdisjoint(member.items.get(self.item, _NONE).reaches)


@dataclass(frozen=True, slots=True)
class Explicit(MemberTest):
    """The item was granted, not deemed."""

    item: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.items.get(self.item, _NONE).level >= ConsentLevel.EXPLICIT


@dataclass(frozen=True, slots=True)
class ConsentedTo(MemberTest):
    """The consented version is one whose own row reaches as far (domain.md 3.7-4)."""

    item: str
    versions: frozenset[str]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.items.get(self.item, _NONE).version in self.versions


@dataclass(frozen=True, slots=True)
class ConsentedToListed(RowTest):
    """As ConsentedTo where the row's kind must also stand in that version's sensitive lists."""

    fact: ClassVar[RowFact | None] = RowFact.KIND
    item: str
    scopes: tuple[tuple[str, frozenset[str]], ...]
    """(version, its lists)"""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        consented = member.items.get(self.item, _NONE).version
        return any(
            version == consented and not lists.isdisjoint(value.lists)
            for version, lists in self.scopes
        )

    def freed(self) -> bool | Test:
        return ConsentedTo(self.item, frozenset(version for version, _ in self.scopes))


# --- conditions a provision carries ----------------------------------------------------------------


def _live_use(member: MemberFacts, company: str, at: datetime) -> datetime | None:
    """When the ID was last used there, if at most 365 days ago and not followed by an unlink."""
    link = member.links.get(company)
    used_at = link.used_at if link else None
    return used_at if used_at is not None and at <= used_at + YEAR else None


@dataclass(frozen=True, slots=True)
class Linked(MemberTest):
    """A link stands, or the ID was used there in the last 365 days (S23, Q7)."""

    company: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        link = member.links.get(self.company)
        stands = link is not None and link.linked_at is not None
        return stands or _live_use(member, self.company, at) is not None


@dataclass(frozen=True, slots=True)
class Used(MemberTest):
    """The ID was used there in the last 365 days; a mere link is not use (S51)."""

    company: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return _live_use(member, self.company, at) is not None


@dataclass(frozen=True, slots=True)
class Ordered(RowTest):
    """The value's order is with this merchant and placed (S30)."""

    fact: ClassVar[RowFact | None] = RowFact.MERCHANT
    merchant: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        placed = value.placed_at is not None and value.placed_at <= at
        return value.merchant == self.merchant and placed


@dataclass(frozen=True, slots=True)
class IncidentOpen(MemberTest):
    """An incident about the member is registered for this company and open (S68)."""

    company: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return self.company in member.incidents


@dataclass(frozen=True, slots=True)
class ContractEnded(RowTest):
    """The value belongs to a contract, and that has lapsed or the account is closed (S70)."""

    fact: ClassVar[RowFact | None] = RowFact.CONTRACT

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        if value.contract is None:
            return False
        lapsed = value.contract.lapse_at is not None and value.contract.lapse_at <= at
        return lapsed or member.closed_at <= at


@dataclass(frozen=True, slots=True)
class AcquisitionConsented(RowTest):
    """The member consented to this sensitive value being acquired (art. 20(2))."""

    fact: ClassVar[RowFact | None] = RowFact.ACQUISITION_CONSENT

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return value.acquisition_consent_at is not None and value.acquisition_consent_at <= at


@dataclass(frozen=True, slots=True)
class Published(MemberTest):
    """The own purpose was published before the opening act, or the member was told since (Q13)."""

    purpose: str
    published_at: datetime
    act: OpeningAct
    company: str
    item: str | None

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        acts = [member.notified.get(self.purpose)]
        if self.act is OpeningAct.CONSENT:
            acts.append(member.items.get(self.item or "", _NONE).consented_at)
        else:
            acts.append(_live_use(member, self.company, at))
        if self.act is OpeningAct.LINK and self.company in member.links:
            acts.append(member.links[self.company].linked_at)
        return any(act is not None and self.published_at <= act for act in acts)


@dataclass(frozen=True, slots=True)
class OverseasConsented(MemberTest):
    """The member explicitly consented to provision to this country (art. 28)."""

    country: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return self.country in member.overseas


def settled_by(condition: Condition, facts: frozenset[RowFact]) -> Condition:
    """Settle a row test whose fact the relation does not carry."""
    test = condition.test
    if isinstance(test, RowTest) and test.fact is not None and test.fact not in facts:
        return replace(condition, test=test.without_fact)
    return condition
