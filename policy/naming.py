"""Which purposes a company can have at all: those for which some provision in force names it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from policy.catalogue import Catalogue
from policy.documents import Document, Provision
from policy.provisions import conditions
from policy.scopes import provides
from policy.situation import Question, Situation
from policy.vocabulary import CompanyKind

Opening: TypeAlias = tuple[str, Document, Provision]
"""An acquirer, and a provision in force of this document that provides what it acquired."""
Party: TypeAlias = tuple[str, str | None]
"""A company that asks, and of a processor the controller it asks for."""


def purposes_of(catalogue: Catalogue, company: str, at: datetime) -> tuple[str, ...]:
    """Every purpose that could open something to this company now, whomever it acts for."""
    mandates = (each for each in catalogue.contracts if each.processor == company)
    every = {
        purpose
        for controller in {each.controller for each in mandates} | {None}
        for purpose in purposes_naming(catalogue, company, controller, at)
    }
    return tuple(key for key in catalogue.purposes if key in every)


def purposes_naming(
    catalogue: Catalogue, company: str, on_behalf_of: str | None, at: datetime
) -> tuple[str, ...]:
    """Every purpose that could open something to this company now, in the catalogue's order.

    A processor's are those of its contracts that its controller has.
    """
    openings = tuple(_openings(catalogue, at))
    return tuple(
        key
        for key in catalogue.purposes
        if _names(catalogue, Question(company, on_behalf_of, key, "", at), openings)
    )


def parties_named(catalogue: Catalogue, purpose: str, at: datetime) -> Sequence[Party]:
    """Everybody for whom this purpose could open something now, in the catalogue's order."""
    openings = tuple(_openings(catalogue, at))
    return [
        (company, controller)
        for company, controller in parties(catalogue, at)
        if _names(catalogue, Question(company, controller, purpose, "", at), openings)
    ]


def parties(catalogue: Catalogue, at: datetime) -> Iterator[Party]:
    """Everybody who can ask now: a processor once for each controller it has a contract with."""
    for key, company in catalogue.companies.items():
        if at not in company.listed:
            continue
        if company.kind is not CompanyKind.PROCESSOR:
            yield key, None
            continue
        mandates = (
            each.controller
            for each in catalogue.contracts
            if each.processor == key and at in each.in_force
        )
        yield from ((key, controller) for controller in dict.fromkeys(mandates))


def _names(catalogue: Catalogue, question: Question, openings: Sequence[Opening]) -> bool:
    """Whether the purpose exists by then, is in a processor's contract, and some provision fits."""
    purpose, at = question.purpose, question.at
    within = _contracted(catalogue, question.company, question.on_behalf_of, at)
    return (
        catalogue.purposes[purpose].registered_at <= at
        and (within is None or purpose in within)
        and _is_named(catalogue, question, openings)
    )


def _contracted(
    catalogue: Catalogue, company: str | None, on_behalf_of: str | None, at: datetime
) -> frozenset[str] | None:
    """Give the purposes of a processor's contracts with its controller; None for others."""
    known = catalogue.companies.get(company or "")
    if known is None or known.kind is not CompanyKind.PROCESSOR:
        return None
    return frozenset(
        purpose
        for contract in catalogue.contracts
        if (contract.processor, contract.controller) == (company, on_behalf_of)
        and at in contract.in_force
        for purpose in contract.purposes
    )


def _openings(catalogue: Catalogue, at: datetime) -> Iterator[Opening]:
    for document in catalogue.documents.values():
        version = document.version_at(at)
        for provision in catalogue.provisions_of(document.key, version.key) if version else ():
            for acquirer in catalogue.companies:
                if provides(catalogue, acquirer, provision.providers, document.key, at):
                    yield acquirer, document, provision


def _is_named(catalogue: Catalogue, question: Question, openings: Sequence[Opening]) -> bool:
    """Whether some provision lists recipient and purpose, whatever the value."""
    return any(
        _lists(Situation(catalogue, question, acquirer, document.service), document, provision)
        for acquirer, document, provision in openings
    )


def _lists(situation: Situation, document: Document, provision: Provision) -> bool:
    """Whether it passes the first two stages, which look at no field."""
    recipient, purpose = islice(conditions(situation, document, provision), 2)
    return recipient.test is not False and purpose.test is not False
