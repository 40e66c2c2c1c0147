"""The catalogue: who exists, what may be asked, which documents permit it. All of it dated."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from policy.companies import Company, ProcessorContract, Service, Succession
from policy.documents import Document, Item, Provision
from policy.vocabulary import (
    FOREVER,
    NEVER,
    CategoryClass,
    CompanyKind,
    ConsentLevel,
    Interval,
    Label,
    RowFact,
    Veto,
)


@dataclass(frozen=True, slots=True)
class Category:
    """A data category of domain.md 2.2: a label, not a store (S54)."""

    key: str
    name: Label
    kind: CategoryClass
    parent: str | None
    trace: tuple[str, ...]
    own_purposes: bool = True
    """Whether a provision may open it for purposes of the recipient's own (Q13)."""


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
    sensitive: bool = False
    """Whether a provision may open sensitive data for it (S74)."""

    def falls_under(self, purpose: str, at: datetime) -> bool:
        """Whether it is the purpose, or a child of it registered by `at` (S14)."""
        return self.key == purpose or (self.parent == purpose and self.registered_at <= at)


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
            if provision.active:
                table.setdefault((provision.document, provision.version), []).append(provision)
        return {at: tuple(rows) for at, rows in table.items()}

    def provisions_of(self, document: str, version: str) -> tuple[Provision, ...]:
        """The active provisions that this version of the document holds."""
        return self._provisions_of.get((document, version), ())

    @cached_property
    def needed_together(self) -> Mapping[frozenset[str], int]:
        """Items that provisions need together → the lowest number of these provisions."""
        numbers: dict[frozenset[str], int] = {}
        for row in sorted(self.provisions, key=lambda row: row.number):
            if row.items:
                numbers.setdefault(frozenset(row.items), row.number)
        return numbers

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
        every = self.purposes.values()
        return frozenset(each.key for each in every if each.falls_under(purpose, at))

    @cached_property
    def kinds_reserved_for(self) -> frozenset[CompanyKind | None]:
        """The kinds of company of which each has purposes that no other kind has (S45)."""
        return frozenset(each.reserved_for for each in self.purposes.values())

    @cached_property
    def epochs(self) -> tuple[datetime, ...]:
        """Each instant, ascending, at which something dated in the catalogue changes."""
        return tuple(sorted(set(self._dates())))

    def epoch(self, at: datetime) -> tuple[datetime, datetime]:
        """[start, end) of the interval around `at` within which nothing dated changes."""
        position = bisect_right(self.epochs, at)
        start = self.epochs[position - 1] if position else NEVER
        return start, self.epochs[position] if position < len(self.epochs) else FOREVER

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
