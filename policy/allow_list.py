"""What a token's allow-list of purposes opens, spelled out, and what a company could put on it."""

from datetime import datetime

from policy.catalogue import Catalogue
from policy.companies import Company
from policy.documents import Document, Provision, Version
from policy.scopes import belongs, provides
from policy.vocabulary import CompanyKind, Group, IdStatus

_STAR = "*"
_OWN = "own:"


def expand(allow: tuple[str, ...], catalogue: Catalogue, at: datetime) -> frozenset[str]:
    """Every purpose registered at `at` that the list names.

    `x*` is x and its children, `own:<company>:*` that company's own purposes. What the catalogue
    does not know, a bare `*` included, opens nothing.
    """
    known = {key for key, purpose in catalogue.purposes.items() if purpose.registered_at <= at}
    return frozenset(
        purpose for entry in allow for purpose in _named(entry, catalogue, at) if purpose in known
    )


def _named(entry: str, catalogue: Catalogue, at: datetime) -> frozenset[str]:
    if not entry.endswith(_STAR):
        return frozenset({entry})
    stem = entry.removesuffix(_STAR)
    if stem.startswith(_OWN) and stem.endswith(":"):
        return _own(stem.removeprefix(_OWN).removesuffix(":"), catalogue)
    return catalogue.children(stem, at) if stem else frozenset()


def _own(company: str, catalogue: Catalogue) -> frozenset[str]:
    return frozenset(
        key for key, purpose in catalogue.purposes.items() if company and purpose.owner == company
    )


def every_purpose(company: str, catalogue: Catalogue, at: datetime) -> frozenset[str]:
    """Every purpose for which a provision in force at `at` can mean the company as recipient.

    For a processor, which acts under its contracts alone: those of its contracts.
    """
    asker = catalogue.companies.get(company)
    if asker is None or asker.id_at(at) is IdStatus.PLANNED:
        return frozenset()
    if asker.kind is CompanyKind.PROCESSOR:
        return expand(tuple(_mandated(company, catalogue, at)), catalogue, at)
    named = {
        purpose
        for document in catalogue.documents.values()
        if (version := document.version_at(at)) is not None
        for provision in catalogue.provisions_of(document.key, version.key)
        if _receives(asker, provision, document, catalogue, at)
        for purpose in _listed(provision, version, company, catalogue)
    }
    return expand(tuple(_fitting(named, asker, catalogue)), catalogue, at)


def _mandated(processor: str, catalogue: Catalogue, at: datetime) -> set[str]:
    return {
        purpose
        for contract in catalogue.contracts
        if contract.processor == processor and at in contract.in_force
        for purpose in contract.purposes
    }


def _receives(
    company: Company, provision: Provision, document: Document, catalogue: Catalogue, at: datetime
) -> bool:
    """Whether the company is a recipient; of its own holdings only what it holds at `at`."""
    if not belongs(company, provision.recipients, document, at):
        return False
    return provision.recipients.group is not Group.ITSELF or any(
        provides(catalogue, acquirer, provision.providers, document.key, at)
        for acquirer in catalogue.companies
        if catalogue.custodian(acquirer, at) == company.key
    )


def _listed(
    provision: Provision, version: Version, company: str, catalogue: Catalogue
) -> frozenset[str]:
    """The purposes of the provision, a parent with the children its version knew."""
    purposes = provision.purposes
    families = (catalogue.children(key, version.published_at) for key in purposes.with_children)
    own = _own(company, catalogue) if purposes.own else frozenset()
    return purposes.exact.union(*families) - purposes.but | own


def _fitting(purposes: set[str], company: Company, catalogue: Catalogue) -> set[str]:
    """Leave out what is kept for another kind; a kind with a purpose kept for it has no other."""
    kept_for = {purpose.reserved_for for purpose in catalogue.purposes.values()}
    wanted = company.kind if company.kind in kept_for else None
    return {key for key in purposes if catalogue.purposes[key].reserved_for is wanted}
