"""Which purposes a company can have at all: those for which some provision in force names it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from policy.catalogue import Catalogue
from policy.prospects import prospects
from policy.situation import Question
from policy.vocabulary import CompanyKind

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
    return tuple(
        key
        for key in catalogue.purposes
        if _names(catalogue, Question(company, on_behalf_of, key, "", at))
    )


def parties_named(catalogue: Catalogue, purpose: str, at: datetime) -> Sequence[Party]:
    """Everybody for whom this purpose could open something now, in the catalogue's order."""
    return [
        (company, controller)
        for company, controller in parties(catalogue, at)
        if _names(catalogue, Question(company, controller, purpose, "", at))
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


def _names(catalogue: Catalogue, question: Question) -> bool:
    """Whether the purpose is in a processor's contract, and some provision names both."""
    within = _contracted(catalogue, question.company, question.on_behalf_of, question.at)
    listed = within is None or question.purpose in within
    return listed and bool(prospects(catalogue, question))


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
