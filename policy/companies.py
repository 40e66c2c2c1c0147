"""The parties: companies with all that is dated about them, services, mandates, successions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.vocabulary import TICK, YEAR, CompanyKind, GroupTie, IdStatus, Interval, Label


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
