"""The catalogue: who exists, what may be asked, which documents permit it. All of it dated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from policy.vocabulary import (
    TICK,
    YEAR,
    CategoryClass,
    CompanyKind,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    GroupTie,
    IdStatus,
    Interval,
    Label,
    OpeningAct,
    Reach,
    Requirement,
    RowFact,
    Veto,
)


@dataclass(frozen=True, slots=True)
class Measures:
    """Equivalent measures of a recipient abroad (art. 28, regulation 16), good for 365 days."""

    basis: str
    reviewed_at: datetime
    suspended_at: datetime | None = None

    @property
    def interval(self) -> Interval:
        """When they hold: reviewed at most 365 days ago and not suspended."""
        end = self.reviewed_at + YEAR + TICK
        return Interval(self.reviewed_at, min(end, self.suspended_at or end))


@dataclass(frozen=True, slots=True)
class Company:
    """A party of domain.md 2.1. `country` is "" where it is unknown."""

    key: str
    name: Label
    kind: CompanyKind
    country: str
    address: str
    representative: str
    contact_point: str
    listed: Interval
    ties: tuple[tuple[GroupTie, Interval], ...]
    insurance_group: tuple[Interval, ...]
    adopts: Mapping[str, tuple[Interval, ...]]
    """Document key → when this company is "we" of that document (S2)."""
    id_status: tuple[tuple[IdStatus, Interval], ...]
    measures: Measures | None
    trace: tuple[str, ...]

    def tie(self, at: datetime) -> GroupTie:
        return next((tie for tie, when in self.ties if at in when), GroupTie.NONE)

    def id_at(self, at: datetime) -> IdStatus:
        return next((status for status, when in self.id_status if at in when), IdStatus.NONE)

    def insures(self, at: datetime) -> bool:
        return any(at in when for when in self.insurance_group)

    def adopted(self, document: str, at: datetime) -> bool:
        return any(at in when for when in self.adopts.get(document, ()))


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a company; using it is use of a 対象サービス (S3)."""

    key: str
    owner: str
    kind: str
    name: Label
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A data category of domain.md 2.2: a label, not a store (S54)."""

    key: str
    name: Label
    kind: CategoryClass
    parent: str | None
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A row type below `Member`; the relation "" is the account itself."""

    name: str
    acquirers: frozenset[str] | None
    """Who can have acquired its values; None = any company."""
    facts: frozenset[RowFact]


@dataclass(frozen=True, slots=True)
class Field:
    """One stored value, named by its path from Member, with its categories (domain.md 2.3)."""

    path: str
    categories: tuple[str, ...]
    restricted: frozenset[str]
    relation: str
    by_kind: bool
    """The rule judges the row's `kind` (healthRecords), so the sensitive list is a row test."""
    until_screened: bool
    """Counts as sensitive until its row is marked screened (Q19)."""
    withheld_from_subject: bool
    """Withheld from the member too, art. 33(2) (Q15)."""
    trace: tuple[str, ...]

    @property
    def name(self) -> str:
        """The field's name within its relation."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class SensitiveList:
    """An enumerated list of sensitive items (S75): kinds of a row type, or field paths."""

    key: str
    kinds: frozenset[str]
    fields: frozenset[str]
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purpose:
    """A registered purpose (domain.md 2.4). An own purpose has an owner and a family, no parent."""

    key: str
    name: Label
    parent: str | None
    registered_at: datetime
    """For own purposes: their publication. Unknown before it."""
    min_consent: ConsentLevel
    limited: bool
    """One of retention_limited*: what remains after deletion or lapse (S18)."""
    reserved_for: CompanyKind | None
    """Open to this kind of company alone, and that kind to nothing else (S45)."""
    vetoes: frozenset[Veto]
    owner: str | None
    service: str | None
    version: str | None
    family: str | None
    trace: tuple[str, ...]


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

    def version_at(self, at: datetime) -> Version | None:
        return next((version for version in self.versions if at in version.in_force), None)

    def version(self, key: str) -> Version:
        return next(version for version in self.versions if version.key == key)


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


@dataclass(frozen=True, slots=True)
class ProcessorContract:
    """A mandate of a controller to a processor (S31)."""

    processor: str
    controller: str
    fields: frozenset[str]
    purposes: frozenset[str]
    in_force: Interval
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """Custody of everything `predecessor` held moves at `effective_at` (S26, art. 27(5)(ii))."""

    predecessor: str
    successor: str
    effective_at: datetime
    trace: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All of it, parsed and consistent. `version` is the hash of its content."""

    version: str
    companies: Mapping[str, Company]
    services: Mapping[str, Service]
    categories: Mapping[str, Category]
    relations: Mapping[str, Relation]
    fields: Mapping[str, Field]
    sensitive_lists: Mapping[str, SensitiveList]
    purposes: Mapping[str, Purpose]
    documents: Mapping[str, Document]
    items: Mapping[str, Item]
    provisions: tuple[Provision, ...]
    contracts: tuple[ProcessorContract, ...] = ()
    successions: tuple[Succession, ...] = ()
    designated_countries: frozenset[str] = field(default_factory=frozenset)
    """EEA and UK: no art. 28 consent needed."""

    @cached_property
    def _provisions_of(self) -> Mapping[tuple[str, str], tuple[Provision, ...]]:
        table: dict[tuple[str, str], list[Provision]] = {}
        for provision in self.provisions:
            table.setdefault((provision.document, provision.version), []).append(provision)
        return {at: tuple(rows) for at, rows in table.items()}

    def provisions_of(self, document: str, version: str) -> tuple[Provision, ...]:
        """The active provisions that this version of the document holds."""
        rows = self._provisions_of.get((document, version), ())
        return tuple(row for row in rows if row.active)

    @cached_property
    def provision_keys(self) -> Mapping[int, str]:
        """Provision number → id."""
        return {provision.number: provision.key for provision in self.provisions}

    def custodian(self, acquirer: str, at: datetime) -> str:
        """Who holds what `acquirer` acquired, followed through successions effective at `at`."""
        holder = acquirer
        for move in sorted(self.successions, key=lambda move: move.effective_at):
            if move.predecessor == holder and move.effective_at <= at:
                holder = move.successor
        return holder

    def children(self, purpose: str, at: datetime) -> frozenset[str]:
        """The purpose and its children registered by `at` (S14)."""
        return frozenset(
            p.key
            for p in self.purposes.values()
            if p.key == purpose or (p.parent == purpose and p.registered_at <= at)
        )

    @cached_property
    def epochs(self) -> tuple[datetime, ...]:
        """Each instant, ascending, at which something dated in the catalogue changes."""
        return tuple(sorted(set(self._dates())))

    def _dates(self) -> Iterator[datetime]:
        for interval in self._intervals():
            yield interval.start
            yield interval.end
        for purpose in self.purposes.values():
            yield purpose.registered_at
        for document in self.documents.values():
            yield from (version.published_at for version in document.versions)
        for move in self.successions:
            yield move.effective_at

    def _intervals(self) -> Iterator[Interval]:
        for company in self.companies.values():
            yield company.listed
            yield from company.insurance_group
            yield from (when for _, when in company.ties)
            yield from (when for _, when in company.id_status)
            for intervals in company.adopts.values():
                yield from intervals
            if company.measures:
                yield company.measures.interval
        for document in self.documents.values():
            yield from (version.in_force for version in document.versions)
        yield from (contract.in_force for contract in self.contracts)
