"""One case before the reference rule: a question, a member's past, a value, and plain readings."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from policy.catalogue import Catalogue, Purpose
from policy.catalogue import Field as Datum
from policy.companies import Company
from policy.documents import Document, Version
from policy.events import Event, EventKind
from policy.facts import ValueFacts
from policy.vocabulary import GroupTie, IdStatus, Interval


class Asked(Protocol):
    """The question as `policy.decide.Question` puts it."""

    @property
    def company(self) -> str | None: ...
    @property
    def on_behalf_of(self) -> str | None: ...
    @property
    def purpose(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def subject_self(self) -> bool: ...


@dataclass(frozen=True)
class Case:
    """What the quantifiers range over: c, p, f, t, v, the catalogue, and m's events up to t."""

    catalogue: Catalogue
    question: Asked
    past: tuple[Event, ...]
    """In order of time; at the same time, in order of recording (3.7-3)."""
    value: ValueFacts

    @property
    def t(self) -> datetime:
        return self.question.at

    @property
    def p(self) -> Purpose:
        return self.catalogue.purposes[self.question.purpose]

    @property
    def f(self) -> Datum:
        return self.catalogue.fields[self.question.field]

    @property
    def c(self) -> str:
        """Who asks; a member is no company."""
        return self.question.company or ""

    @property
    def controller(self) -> str:
        """c': for whom c asks (step 4)."""
        return self.question.on_behalf_of or self.c

    @property
    def o(self) -> str:
        """Who acquired v; it never changes (S77)."""
        return self.value.acquired_by

    @property
    def h(self) -> str:
        """The custodian: o, followed through the successions effective at t (S26, 3.7-2)."""
        holder = self.o
        for move in sorted(self.catalogue.successions, key=lambda move: move.effective_at):
            if move.effective_at <= self.t and move.predecessor == holder:
                holder = move.successor
        return holder

    @property
    def categories(self) -> frozenset[str]:
        """cats(v)."""
        return frozenset(self.f.categories)

    @property
    def deleted(self) -> bool:
        """m.DELETED: the account was closed."""
        return any(event.kind is EventKind.ACCOUNT_CLOSED for event in self.past)

    def company(self, key: str) -> Company:
        return self.catalogue.companies[key]

    def last(
        self, kinds: Collection[EventKind], about: Callable[[Event], bool] = lambda _: True
    ) -> Event | None:
        """The latest event of these kinds about this matter: the latest record counts (3.7-8)."""
        return next((e for e in reversed(self.past) if e.kind in kinds and about(e)), None)


def holds(interval: Interval, at: datetime) -> bool:
    """Intervals are [from, to) (3.7-1)."""
    return interval.start <= at < interval.end


def tie_of(company: Company, at: datetime) -> GroupTie:
    return next((tie for tie, when in company.ties if holds(when, at)), GroupTie.NONE)


def id_status_of(company: Company, at: datetime) -> IdStatus:
    return next((status for status, when in company.id_status if holds(when, at)), IdStatus.NONE)


def version_in_force(document: Document, at: datetime) -> Version | None:
    return next((v for v in document.versions if holds(v.in_force, at)), None)
