"""Which purposes a company can have at all: those for which some provision in force names it."""

from datetime import datetime
from itertools import islice

from policy.catalogue import Catalogue
from policy.documents import Document, Provision
from policy.provisions import conditions
from policy.situation import Question, Situation
from policy.vocabulary import CompanyKind


def purposes_naming(
    catalogue: Catalogue, company: str, on_behalf_of: str | None, at: datetime
) -> tuple[str, ...]:
    """Every purpose that could open something to this company now, in the catalogue's order.

    A processor's are those of its contracts that its controller has.
    """
    within = _contracted(catalogue, company, on_behalf_of, at)
    return tuple(
        key
        for key, purpose in catalogue.purposes.items()
        if purpose.registered_at <= at
        and (within is None or key in within)
        and _is_named(catalogue, Question(company, on_behalf_of, key, "", at))
    )


def _contracted(
    catalogue: Catalogue, company: str, on_behalf_of: str | None, at: datetime
) -> frozenset[str] | None:
    """Give the purposes of a processor's contracts with its controller; None for others."""
    known = catalogue.companies.get(company)
    if known is None or known.kind is not CompanyKind.PROCESSOR:
        return None
    return frozenset(
        purpose
        for contract in catalogue.contracts
        if (contract.processor, contract.controller) == (company, on_behalf_of)
        and at in contract.in_force
        for purpose in contract.purposes
    )


def _is_named(catalogue: Catalogue, question: Question) -> bool:
    """Whether some provision lists recipient and purpose, whatever the value."""
    return any(
        _lists(Situation(catalogue, question, acquirer, document.service), document, provision)
        for document in catalogue.documents.values()
        if (version := document.version_at(question.at))
        for provision in catalogue.provisions_of(document.key, version.key)
        for acquirer in catalogue.companies
    )


def _lists(situation: Situation, document: Document, provision: Provision) -> bool:
    """Whether it passes the first two stages, which look at no field."""
    if not situation.provided_by(provision):
        return False
    recipient, purpose = islice(conditions(situation, document, provision), 2)
    return recipient.test is not False and purpose.test is not False
