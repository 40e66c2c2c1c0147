"""The numbers a catalogue gives: standing bits and provision numbers, each given once, for good."""

from collections.abc import Iterable, Iterator, Mapping

from policy.catalogue import Catalogue
from policy.documents import Item
from policy.draft import Draft
from policy.source import Finding, Node

Given = tuple[str, int, Node]
"""What a number stands for, the number, and where it is given."""


def numbers_of(catalogue: Catalogue) -> dict[str, int]:
    """What each number stands for → the number: what later catalogues are held against.

    Whoever stores it keeps what earlier ones gave: `{**earlier, **numbers_of(catalogue)}`.
    """
    bits = {owner: bit for item in catalogue.items.values() for owner, bit, _ in _bits(item)}
    return bits | {f"provision:{row.key}": row.number for row in catalogue.provisions}


def _bits(item: Item) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """What each bit stands for, the bit, and where it stands in the item."""
    for version, bit in item.version_bits.items():
        yield f"bit:{item.key}@{version}", bit, ("version_bits", version)
    yield f"bit:{item.key} explicit", item.explicit_bit, ("explicit_bit",)
    for reach, bit in item.reach_bits.items():
        yield f"bit:{item.key} {reach.lower()}", bit, ("reach_bits", reach)


def number_findings(draft: Draft, earlier: Mapping[str, int]) -> Iterator[Finding]:
    """Say where a number is given twice, has moved, is used again or is lost."""
    retired = {"bit": draft.retired_bits, "provision": draft.retired_numbers}
    given = {"bit": [*_given_bits(draft)], "provision": [*_given_numbers(draft)]}
    for kind, numbers in given.items():
        before = {owner: n for owner, n in earlier.items() if owner.startswith(f"{kind}:")}
        free = max([0, *before.values(), *retired[kind], *(n for _, n, _ in numbers)]) + 1
        yield from _twice(numbers, free)
        yield from _against(before, numbers, free)
        for owner, number, node in numbers:
            if number in retired[kind]:
                message = f"number {number} is retired, it cannot become that of {owner!r}"
                yield node.finding(message, f"Give it a new one, {free} or above")
        if not draft.findings:
            gone = before.keys() - {owner for owner, _, _ in numbers}
            file, section = _RETIRED[kind]
            for owner in sorted(name for name in gone if before[name] not in retired[kind]):
                message = f"{owner!r} is gone, and with it the number {before[owner]}"
                remedy = f"Add {before[owner]} to `{section}`"
                yield draft.files[file].at(section).finding(message, remedy)


_RETIRED = {
    "bit": ("documents.yaml", "retired_bits"),
    "provision": ("provisions.yaml", "retired_numbers"),
}


def _twice(numbers: Iterable[Given], free: int) -> Iterator[Finding]:
    """One owner has one number, and one number has one owner."""
    owners: dict[int, str] = {}
    held: dict[str, int] = {}
    for owner, number, node in numbers:
        if owners.setdefault(number, owner) != owner:
            message = f"number {number} is that of {owners[number]!r} already"
            yield node.finding(message, f"Give {owner!r} a new one, {free} or above")
        elif held.setdefault(owner, number) != number:
            message = f"{owner!r} has the number {held[owner]} already"
            yield node.finding(message, f"Write {held[owner]} here too")


def _against(before: Mapping[str, int], numbers: Iterable[Given], free: int) -> Iterator[Finding]:
    """Nothing moves, and nothing takes what was another's."""
    owners = {number: owner for owner, number in before.items()}
    for owner, number, node in numbers:
        if before.get(owner, number) != number:
            message = f"the number of {owner!r} moved from {before[owner]} to {number}"
            yield node.finding(message, f"Put {before[owner]} back")
        elif owners.get(number, owner) != owner:
            message = f"number {number} was that of {owners[number]!r}"
            yield node.finding(message, f"Give {owner!r} a new one, {free} or above")


def _given_bits(draft: Draft) -> Iterator[Given]:
    for entry in draft.documents:
        for index, item in enumerate(entry.value.items):
            for owner, bit, path in _bits(item):
                yield owner, bit, entry.node.at("items", index, *path)


def _given_numbers(draft: Draft) -> Iterator[Given]:
    for entry in draft.provisions:
        row = entry.value[0]
        yield f"provision:{row.key}", row.number, entry.node.at("number")
