"""A question about values of one acquirer: everything request and catalogue settle about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Self

from policy.catalogue import Catalogue, Field, Purpose
from policy.companies import Company
from policy.conditions import Condition
from policy.documents import Document, Provision
from policy.provided import Provided, in_force
from policy.scopes import provides
from policy.vocabulary import (
    HOME_COUNTRY,
    SUBJECT_REQUEST,
    CompanyKind,
    DocumentMode,
    DocumentScope,
)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for which field, for exactly one stated purpose, and when.

    `company` is None for a member; `subject_self` says that the actor is the member asked about,
    `shown_to_subject` that the member looks on while the company is answered.
    """

    company: str | None
    on_behalf_of: str | None
    purpose: str
    field: str
    at: datetime
    subject_self: bool = False
    shown_to_subject: bool = False

    @property
    def about_oneself(self) -> bool:
        """Whether this is self access (art. 33), which no provision opens."""
        return self.subject_self and self.purpose == SUBJECT_REQUEST


@dataclass(frozen=True, eq=False)
class Situation:
    """The question, put about values that `acquirer` acquired through `service`."""

    catalogue: Catalogue
    question: Question
    acquirer: str
    service: str | None
    addressed: dict[object, tuple[Condition, ...]] = field(default_factory=dict)
    """What each provision takes whatever the field, as far as it was stated."""

    def about(self, question: Question) -> Self:
        """Put the same question about another field: what was worked out for any field stays so."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), question=question)
        vars(other).pop("field", None)
        return other

    @property
    def at(self) -> datetime:
        return self.question.at

    @cached_property
    def field(self) -> Field:
        return self.catalogue.fields[self.question.field]

    @cached_property
    def purpose(self) -> Purpose:
        return self.catalogue.purposes[self.question.purpose]

    @cached_property
    def caller(self) -> Company | None:
        """The requester c, if it is listed now."""
        company = self.catalogue.companies.get(self.question.company or "")
        return company if company is not None and self.at in company.listed else None

    @property
    def purpose_registered(self) -> bool:
        purpose = self.catalogue.purposes.get(self.question.purpose)
        return purpose is not None and purpose.registered_at <= self.at

    @cached_property
    def is_processor(self) -> bool:
        return self.caller is not None and self.caller.kind is CompanyKind.PROCESSOR

    @cached_property
    def controller(self) -> str | None:
        """c': for whom a processor acts, else the requester itself."""
        return self.question.on_behalf_of if self.is_processor else self.question.company

    @cached_property
    def custodian(self) -> str:
        """Who holds the values now: h (S26)."""
        return self.catalogue.custodian(self.acquirer, self.at)

    @cached_property
    def parties(self) -> tuple[Company, ...]:
        """Requester and controller: who would get the value."""
        keys = dict.fromkeys((self.question.company, self.controller))
        found = (self.catalogue.companies.get(key or "") for key in keys)
        return tuple(company for company in found if company is not None)

    @cached_property
    def abroad(self) -> bool:
        """Whether a recipient or processor is outside Japan; an unknown country is."""
        return any(company.country != HOME_COUNTRY for company in self.parties)

    def documents(self) -> Iterator[Document]:
        """Give the documents that can apply: those of other services aside."""
        every = self.catalogue.documents.values()
        return (document for document in every if document.concerns(self.service))

    def provided(self) -> Sequence[Provided]:
        """Give what is in force and has the acquirer among its providers, whatever is asked."""
        every = in_force(self.catalogue, self.at)
        return [each for each in every if each.reaches(self.acquirer, self.service)]

    def replaced(self, document: Document) -> bool:
        """Whether a more specific REPLACE document in force displaces this one (domain.md 3.4)."""
        return any(other.scope > document.scope for other in self._replacing)

    @cached_property
    def _replacing(self) -> Sequence[Document]:
        return [
            other
            for other in self.documents()
            if other.mode is DocumentMode.REPLACE
            and (other.scope is DocumentScope.SERVICE or self._published_by_acquirer(other))
            and other.version_at(self.at) is not None
        ]

    def _published_by_acquirer(self, document: Document) -> bool:
        return document.scope is DocumentScope.COMPANY and document.publisher == self.acquirer

    def provided_by(self, provision: Provision) -> bool:
        """Whether the acquirer is among the provision's providers."""
        return provides(
            self.catalogue, self.acquirer, provision.providers, provision.document, self.at
        )
