"""The catalogue as served, with one of its dates another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from policy.catalogue import Catalogue
from policy.companies import Measures, Succession
from policy.documents import Provision, PurposeSet, Version
from policy.vocabulary import GroupTie, IdStatus, Interval, Label
from tests.instants import FIRST, SECOND
from tests.real import CATALOGUE

BEGIN = datetime.fromisoformat("2019-08-01T00:00:00Z")
WHILE = Interval(FIRST, SECOND)
NEWER = "newer"
FREE_BIT = 60

Change = Callable[[Provision], Provision | None]
"""What a newer version makes of a row of the last one; None drops it."""


def with_company(key: str, **changes: Any) -> Catalogue:
    company = replace(CATALOGUE.companies[key], **changes)
    return replace(CATALOGUE, companies={**CATALOGUE.companies, key: company})


def tied(key: str, *ties: tuple[GroupTie, Interval]) -> Catalogue:
    return with_company(key, ties=ties)


def with_id(key: str, *statuses: tuple[IdStatus, Interval]) -> Catalogue:
    return with_company(key, id_status=statuses)


def measured(**dates: datetime) -> Catalogue:
    """The company in Singapore, with equivalent measures."""
    return with_company("asia_sg", measures=Measures("group rules", **dates))


def registered(key: str, at: datetime, catalogue: Catalogue = CATALOGUE) -> Catalogue:
    purpose = replace(catalogue.purposes[key], registered_at=at)
    return replace(catalogue, purposes={**catalogue.purposes, key: purpose})


def mandated(processor: str, when: Interval) -> Catalogue:
    contracts = (
        replace(each, in_force=when) if each.processor == processor else each
        for each in CATALOGUE.contracts
    )
    return replace(CATALOGUE, contracts=tuple(contracts))


def succeeded(predecessor: str, successor: str, at: datetime) -> Catalogue:
    return replace(CATALOGUE, successions=(Succession(predecessor, successor, at, ()),))


def begun(document: str, at: datetime) -> Catalogue:
    """The catalogue whose document has its first version only then."""
    its = CATALOGUE.documents[document]
    (version,) = its.versions
    first = replace(version, published_at=at, in_force=Interval(at))
    return replace(
        CATALOGUE, documents={**CATALOGUE.documents, document: replace(its, versions=(first,))}
    )


def as_it_is(row: Provision) -> Provision:
    return row


def renewed(
    document: str, at: datetime, change: Change = as_it_is, published_at: datetime | None = None
) -> Catalogue:
    """The catalogue with a newer version of the document, whose rows differ by this change."""
    its = CATALOGUE.documents[document]
    *earlier, last = its.versions
    ended = replace(last, in_force=Interval(last.in_force.start, at))
    text = Label("改定", "revised")
    newer = Version(NEWER, published_at or at, Interval(at), text, material=True)
    rows = (change(row) for row in CATALOGUE.provisions_of(document, last.key))
    carried = (replace(row, version=NEWER) for row in rows if row is not None)
    items = {
        key: replace(item, version_bits={**item.version_bits, NEWER: FREE_BIT})
        if item.document == document
        else item
        for key, item in CATALOGUE.items.items()
    }
    return replace(
        CATALOGUE,
        documents={
            **CATALOGUE.documents,
            document: replace(its, versions=(*earlier, ended, newer)),
        },
        provisions=(*CATALOGUE.provisions, *carried),
        items=items,
    )


def without(key: str) -> Change:
    return lambda row: None if row.key == key else row


def with_category(key: str, category: str) -> Change:
    return lambda row: (
        replace(row, categories={**row.categories, category: None}) if row.key == key else row
    )


def with_purpose(key: str, purpose: str) -> Change:
    purposes = PurposeSet(frozenset({purpose}), frozenset(), frozenset(), own=False)
    return lambda row: replace(row, purposes=purposes) if row.key == key else row
