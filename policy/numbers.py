"""The numbers a catalogue gives: standing bits and provision numbers, each given once, for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.catalogue import Catalogue, Item
from policy.draft import Draft
from policy.source import Finding, Node


def numbers_of(catalogue: Catalogue) -> dict[str, int]:
    """What each number stands for → the number: what later catalogues are held against.

    Whoever stores it keeps what earlier ones gave: `{**earlier, **numbers_of(catalogue)}`.
    """
    bits = {owner: bit for item in catalogue.items.values() for owner, bit in _bits(item)}
    return bits | {f"provision:{row.key}": row.number for row in catalogue.provisions}


def _bits(item: Item) -> Iterator[tuple[str, int]]:
    for version, bit in item.version_bits.items():
        yield f"bit:{item.key}@{version}", bit
    yield f"bit:{item.key} explicit", item.explicit_bit
    for reach, bit in item.reach_bits.items():
        yield f"bit:{item.key} {reach.lower()}", bit
