"""Versions that may come out in the middle of a life: which catalogue is the next one after which.

Two documents come out anew, twice each, in any order; every order gives each version its own bits.
Document A is edited, then renewed: less here, more there. Document B is widened, with a provision
that rests on two items together, and then edited.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from models.catalogue_store import StoredCatalogue
from policy.catalogue import Catalogue
from policy.documents import Provision
from policy.meeting import Meeting
from policy.numbers import numbers_of
from tests.acting import DAY, START
from tests.editions import Change, as_it_is, wider, with_version
from tests.real import CATALOGUE

Editions = tuple[int, int]
"""How many versions of A and of B have come out by now."""

EDITIONS = ("DOC_A", "DOC_B")
LAST = 2
NEW_ROW = "B-9"


def renewed(row: Provision) -> Provision:
    """A-4-1-2 with means of payment, and without logins."""
    if row.key != "A-4-1-2":
        return row
    kept = {key: fields for key, fields in row.categories.items() if key != "login"}
    return replace(row, categories={**kept, "payment": None})


COMING: Mapping[str, tuple[tuple[int, Change, bool], ...]] = {
    "DOC_A": ((2, as_it_is, False), (6, renewed, True)),
    "DOC_B": ((3, wider, True), (7, as_it_is, False)),
}
"""Of each document: in how many days, with what change, and whether that is a material one."""


@cache
def published(editions: Editions) -> Catalogue:
    """The catalogue in which so many versions have come out."""
    found = CATALOGUE
    for document, count in zip(EDITIONS, editions, strict=True):
        for days, change, material in COMING[document][:count]:
            found = with_version(found, document, START + days * DAY, change, material=material)
            if change is wider:
                found = _with_new_row(found)
    items = {
        item.key: replace(
            item, version_bits={v: BITS.get((item.key, v), b) for v, b in item.version_bits.items()}
        )
        for item in found.items.values()
    }
    return replace(found, items=items, version=f"{CATALOGUE.version[:8]} {editions}")


def _with_new_row(catalogue: Catalogue) -> Catalogue:
    """B-9 opens means of payment to whom both items are given for, as B-2 does its own."""
    last = catalogue.documents["DOC_B"].versions[-1].key
    like = next(r for r in catalogue.provisions if (r.key, r.version) == ("B-2", last))
    number = max(row.number for row in catalogue.provisions) + 1
    categories = {"payment": None}
    items = ("B.group", "B.use")
    new = replace(like, key=NEW_ROW, number=number, items=items, categories=categories)
    return replace(catalogue, provisions=(*catalogue.provisions, new))


def _bits() -> Mapping[tuple[str, str], int]:
    items = CATALOGUE.items.values()
    given = {
        bit
        for item in items
        for bit in (*item.version_bits.values(), item.explicit_bit, *item.reach_bits.values())
    }
    free = (bit for bit in range(63) if bit not in given)
    return {
        (item.key, str((START + days * DAY).date())): next(free)
        for document in EDITIONS
        for days, _, _ in COMING[document]
        for item in items
        if item.document == document
    }


BITS = _bits()


def after(editions: Editions, document: str) -> Editions | None:
    """What comes next of a document; None where nothing does."""
    a, b = editions
    next_one = (a + 1, b) if document == "DOC_A" else (a, b + 1)
    return None if max(next_one) > LAST else next_one


def stored(catalogue: Catalogue) -> StoredCatalogue:
    return StoredCatalogue(catalogue.version, {}, numbers_of(catalogue))


@cache
def meeting(active: Editions, coming: Editions) -> Meeting:
    """By what is answered while the second one is being applied."""
    return Meeting(published(active), [published(coming)])
