"""Documents: versions, the items they ask consent for, and the provisions they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile, islice, takewhile

from policy.vocabulary import (
    CompanyKind,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    Interval,
    Label,
    OpeningAct,
    Reach,
    Requirement,
)


@dataclass(frozen=True, slots=True)
class Item:
    """What a member says yes or no to, with the numbers of its standing bits, never reused."""

    key: str
    document: str
    name: Label
    sensitive: bool
    version_bits: Mapping[str, int]
    explicit_bit: int
    reach_bits: Mapping[Reach, int]
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, published and in force from its date until the next."""

    key: str
    published_at: datetime
    in_force: Interval
    text: Label
    """What is shown; its hash is evidence of a presentation."""
    material: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document of domain.md 2.5."""

    key: str
    name: Label
    mode: DocumentMode
    scope: DocumentScope
    consent: ConsentMode
    publisher: str
    service: str | None
    requires_account_session: bool
    """Counts only from a session of the group's ID, by somebody who has an account (S47, S50)."""
    companions: tuple[str, ...]
    disadvantages: tuple[Label, ...]
    versions: tuple[Version, ...]
    trace: tuple[str, ...]

    def concerns(self, service: str | None) -> bool:
        """Whether it can apply to what a service acquired: one of another service cannot."""
        return self.scope is not DocumentScope.SERVICE or self.service == service

    def version_at(self, at: datetime) -> Version | None:
        return next((version for version in self.versions if at in version.in_force), None)

    def version(self, key: str) -> Version:
        return next(version for version in self.versions if version.key == key)

    def carries_over(self, consented: str) -> Iterator[Version]:
        """Give the editorial versions under which a consent to this version goes on."""
        later = dropwhile(lambda version: version.key != consented, self.versions)
        return takewhile(lambda version: not version.material, islice(later, 1, None))


@dataclass(frozen=True, slots=True)
class Party:
    """A provider or recipient scope, resolved at the time of the question."""

    group: Group
    companies: frozenset[str] = frozenset()
    """For COMPANIES: which."""
    kinds: frozenset[CompanyKind] = frozenset()
    """Narrowed to these kinds; empty = any."""
    but: frozenset[str] = frozenset()
    publisher: bool = False
    """Narrowed to the publisher of the document (DOC_<company>)."""
    other: bool = False
    """Neither the custodian nor the acquirer of the value."""


@dataclass(frozen=True, slots=True)
class PurposeSet:
    """The purposes a provision lists; `own` = those the recipient owns (S25)."""

    exact: frozenset[str]
    with_children: frozenset[str]
    but: frozenset[str]
    own: bool


@dataclass(frozen=True, slots=True)
class Provision:
    """One row of domain.md 2.5, as one version of its document holds it."""

    number: int
    key: str
    document: str
    version: str
    active: bool
    providers: Party
    recipients: Party
    categories: Mapping[str, frozenset[str] | None]
    """Category → the field paths it is narrowed to, or None for the whole category."""
    purposes: PurposeSet
    min_consent: ConsentLevel
    items: tuple[str, ...]
    """The first at `min_consent`, a second at EXPLICIT (domain.md 3.7-3)."""
    requires: tuple[Requirement, ...]
    own_purpose: OpeningAct | None
    sensitive_lists: frozenset[str]
    unknown_age: bool
    """Takes a consent whose giver's age is unknown (A-USE, Q16)."""
    trace: tuple[str, ...]

    def covers(self, category: str, path: str) -> bool:
        if category not in self.categories:
            return False
        fields = self.categories[category]
        return fields is None or path in fields
