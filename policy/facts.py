"""What the rule reads of a member and of a stored value, at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from policy.vocabulary import FOREVER, ConsentLevel, ConsentState, Reach


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """Where one consent item stands: the fold of its events (domain.md 3.7-3)."""

    state: ConsentState = ConsentState.NONE
    version: str | None = None
    level: ConsentLevel = ConsentLevel.NONE
    reaches: frozenset[Reach] = frozenset()
    consented_at: datetime | None = None
    valid_until: datetime = FOREVER


@dataclass(frozen=True, slots=True)
class Link:
    """The account at one company: a standing link, and the latest use that no unlink followed."""

    linked_at: datetime | None = None
    used_at: datetime | None = None
    unlinked_at: datetime | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether a sender's mail is wanted, and since when that is on record."""

    wanted: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """All facts about one member that a grant can ask for.

    `known` is False where the member has no standing at all: everything reads as closed.
    """

    known: bool = True
    closed_at: datetime = FOREVER
    ads_opt_out: bool = False
    items: Mapping[str, ItemStanding] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    notified: Mapping[str, datetime] = field(default_factory=dict)
    """Own purpose → latest notification of it."""
    mail: Mapping[str, Wish] = field(default_factory=dict)
    """Sender → latest recorded wish."""
    stops: frozenset[tuple[str, str]] = frozenset()
    """(company, category or EVERY_CATEGORY)"""
    overseas: frozenset[str] = frozenset()
    """Countries the member explicitly consented to."""
    incidents: frozenset[str] = frozenset()
    """Companies with an open incident about the member."""

    @property
    def closed(self) -> bool:
        """Whether the closing of the account is among what happened, however clocks differ."""
        return self.closed_at < FOREVER


@dataclass(frozen=True, slots=True)
class Contract:
    """The insurance contract a value belongs to."""

    no: str
    lapse_at: datetime | None = FOREVER
    """None: no such contract row is known, so it neither runs nor has ended."""


@dataclass(frozen=True, slots=True)
class ValueFacts:
    """Provenance of one stored value: what a grant can ask of its row, never the value."""

    acquired_by: str
    service: str | None = None
    contract: Contract | None = None
    merchant: str | None = None
    placed_at: datetime | None = None
    linked: bool = True
    """False for a device event of link state ANONYMOUS (S12)."""
    lists: frozenset[str] = frozenset()
    """Sensitive lists that name the row's kind."""
    acquisition_consent_at: datetime | None = None
    screened: bool = False
    retention_until: datetime = FOREVER
    row_company: str | None = None
