"""The real catalogue with versions to come: what a clock walks through."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from policy.catalogue import Catalogue
from policy.documents import Provision, Version
from policy.vocabulary import Interval, Label
from tests.acting import DAY, START
from tests.real import CATALOGUE

Change = Callable[[Provision], Provision]


def as_it_is(row: Provision) -> Provision:
    return row


def wider(row: Provision) -> Provision:
    """B-2 with the category of example 32; every other row as it is."""
    if row.key != "B-2":
        return row
    return replace(row, categories={**row.categories, "insurance_contract": None})


def with_version(
    catalogue: Catalogue,
    document: str,
    at: datetime,
    change: Change = as_it_is,
    *,
    material: bool = True,
) -> Catalogue:
    """The catalogue with one version more of the document, in force from then on."""
    its = catalogue.documents[document]
    *earlier, last = its.versions
    ended = replace(last, in_force=Interval(last.in_force.start, at))
    text = Label(f"{at} 改定", f"revised {at}")
    newer = Version(str(at.date()), at, Interval(at), text, material=material)
    rows = [row for row in catalogue.provisions if row.version == last.key]
    carried = [replace(change(row), version=newer.key) for row in rows if row.document == document]
    asked = [item for item in catalogue.items.values() if item.document == document]
    items = {
        item.key: replace(item, version_bits={**item.version_bits, newer.key: bit})
        for item, bit in zip(asked, free_bits(catalogue), strict=False)
    }
    return replace(
        catalogue,
        version=f"{catalogue.version} {document} {newer.key}",
        documents={
            **catalogue.documents,
            document: replace(its, versions=(*earlier, ended, newer)),
        },
        items={**catalogue.items, **items},
        provisions=(*catalogue.provisions, *carried),
    )


def free_bits(catalogue: Catalogue) -> Iterator[int]:
    """Numbers of the standing that no item has, in rising order."""
    taken = {
        bit
        for item in catalogue.items.values()
        for bit in (item.explicit_bit, *item.version_bits.values(), *item.reach_bits.values())
    }
    return (bit for bit in range(63) if bit not in taken)


def _editions() -> Catalogue:
    revised = with_version(CATALOGUE, "DOC_A", START + 8 * DAY, material=False)
    revised = with_version(revised, "DOC_B", START + 10 * DAY, wider)
    revised = with_version(revised, "DOC_A", START + 16 * DAY)
    return with_version(revised, "DOC_B", START + 24 * DAY, material=False)


EDITIONS = _editions()
"""From START on: A is edited, B widened, A renewed, B edited, eight days or so from one another."""
