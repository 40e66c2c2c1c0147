"""What happens to a member, as facts in order: everything else follows from this log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.vocabulary import FOREVER, AgeGroup, Reach


class EventKind(StrEnum):
    """Every fact about a member that the rule reads (design.md section 2)."""

    PRESENTED = "PRESENTED"
    DEEMED = "DEEMED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    DEFERRED = "DEFERRED"
    WITHDRAWN = "WITHDRAWN"
    SUSPENDED = "SUSPENDED"
    REINSTATED = "REINSTATED"
    INVALIDATED = "INVALIDATED"
    ACCOUNT_OPENED = "ACCOUNT_OPENED"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    LINKED = "LINKED"
    UNLINKED = "UNLINKED"
    USED = "USED"
    NOTIFIED = "NOTIFIED"
    MAIL_PREFERENCE = "MAIL_PREFERENCE"
    ADS_PREFERENCE = "ADS_PREFERENCE"
    STOP_REQUESTED = "STOP_REQUESTED"
    STOP_LIFTED = "STOP_LIFTED"
    OVERSEAS_CONSENTED = "OVERSEAS_CONSENTED"
    OVERSEAS_WITHDRAWN = "OVERSEAS_WITHDRAWN"
    INCIDENT_OPENED = "INCIDENT_OPENED"
    INCIDENT_CLOSED = "INCIDENT_CLOSED"
    GUARDIAN_REGISTERED = "GUARDIAN_REGISTERED"


RAKUTEN_ID = "RAKUTEN_ID"
"""The `acr` of a session signed in with the group's ID (S47)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that an event was brought about as the rules ask (domain.md 3.1)."""

    actor: str
    """Who acted: "member:m1", "guardian:m9", "service:card" or "officer:ssi:<sub>"."""
    channel: str | None = None
    language: str | None = None
    content_hash: str | None = None
    """Of the notice that was shown (policy.notice)."""
    shown: tuple[str, ...] = ()
    """The items shown together."""
    disadvantages: int = 0
    """How many disadvantages of a refusal were shown (S82)."""
    service: str | None = None
    """Which service was used for the first time (S6)."""
    reference: str | None = None
    """An officer's decision, or the number of the request it answers."""

    @property
    def role(self) -> str:
        """What the actor acted as."""
        return self.actor.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one member at one instant.

    Which of the optional parts a kind carries: consent kinds `item`, `version` (and `age`,
    `guardian`, `valid_until` for DEEMED and GRANTED); links, uses and incidents `company` (and
    `account_id` for LINKED); NOTIFIED `purpose`; MAIL_PREFERENCE `company` (the sender) and
    `wanted`; ADS_PREFERENCE `wanted`; stops `company` and `categories` (empty = all);
    overseas kinds `country` (and `version`, of the notice that named it); GUARDIAN_REGISTERED
    `guardian_key`. An act through the API carries `evidence`, and a member's the `acr` of the
    session.
    """

    kind: EventKind
    at: datetime
    item: str | None = None
    version: str | None = None
    acr: str | None = None
    age: AgeGroup = AgeGroup.UNKNOWN
    guardian: bool = False
    valid_until: datetime = FOREVER
    company: str | None = None
    account_id: str | None = None
    purpose: str | None = None
    wanted: bool | None = None
    categories: tuple[str, ...] = ()
    country: str | None = None
    evidence: Evidence | None = None
    guardian_key: str | None = None

    @property
    def reaches(self) -> frozenset[Reach]:
        """How far a consent given here carries, by age and guardian at its time (Q16)."""
        if self.guardian or self.age is AgeGroup.ADULT:
            return frozenset({Reach.HOME, Reach.WIDE})
        return _REACH_WITHOUT_GUARDIAN[self.age]


_REACH_WITHOUT_GUARDIAN = {
    AgeGroup.CHILD: frozenset[Reach](),
    AgeGroup.YOUTH: frozenset({Reach.HOME}),
    AgeGroup.UNKNOWN: frozenset({Reach.USE_ONLY}),
}
