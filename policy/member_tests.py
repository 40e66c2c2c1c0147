"""Tests over facts of the member alone: state, vetoes, consent, links."""

from dataclasses import dataclass
from datetime import datetime

from policy.conditions import MemberTest
from policy.facts import ItemStanding, MemberFacts, ValueFacts
from policy.vocabulary import EVERY_CATEGORY, YEAR, ConsentLevel, ConsentState, OpeningAct, Reach

_NONE = ItemStanding()


def _live_use(member: MemberFacts, company: str, at: datetime) -> datetime | None:
    """When the ID was last used there, if at most 365 days ago and not followed by an unlink."""
    link = member.links.get(company)
    used_at = link.used_at if link else None
    return used_at if used_at is not None and at <= used_at + YEAR else None


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
        return not member.closed


@dataclass(frozen=True, slots=True)
class Deleted(MemberTest):
    """The account is closed (A-RET)."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return member.closed


@dataclass(frozen=True, slots=True)
class NotStopped(MemberTest):
    """No art. 35 stop at any of these companies for any of these categories or for all."""

    companies: frozenset[str]
    categories: frozenset[str]

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not any(
            company in self.companies and category in {EVERY_CATEGORY, *self.categories}
            for company, category in member.stops
        )


@dataclass(frozen=True, slots=True)
class MailWanted(MemberTest):
    """Mail of this sender is recorded as wanted (S35; mail is opt-in)."""

    sender: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        wish = member.mail.get(self.sender)
        return wish is not None and wish.wanted


@dataclass(frozen=True, slots=True)
class MailNotRefused(MemberTest):
    """Mail of this sender is not recorded as unwanted."""

    sender: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        wish = member.mail.get(self.sender)
        return wish is None or wish.wanted


@dataclass(frozen=True, slots=True)
class AdsAllowed(MemberTest):
    """The member has not opted out of advertising."""

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return not member.ads_opt_out


@dataclass(frozen=True, slots=True)
class Stands(MemberTest):
    """The item is consented to, and its term is not over."""

    item: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        standing = member.items.get(self.item, _NONE)
        consented = standing.state in {ConsentState.DEEMED, ConsentState.GRANTED}
        return consented and at < standing.valid_until


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
class IncidentOpen(MemberTest):
    """An incident about the member is registered for this company and open (S68)."""

    company: str

    def holds(self, member: MemberFacts, value: ValueFacts, at: datetime) -> bool:
        return self.company in member.incidents


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
