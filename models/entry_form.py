"""An entry as the ledger stores it: MessagePack by position, each name and set once, then packed.

Packing (zlib, at its fastest) halves a page's entry for a tenth of what making it durable costs.

INVARIANT: what was stored once is read for as long as it is kept. This form begins with zlib's own
byte, 0x28 to 0x78 by the size of the window; another one would begin with another byte, and this
one would still be read.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import msgspec

from models.disclosure import (
    Count,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Opened,
    Origin,
    Outcome,
    Use,
    Way,
)
from models.types import instant, microseconds

T = TypeVar("T")
_FASTEST = 1
_WINDOWS = 10, 15
"""The least and the largest, as powers of two."""
_LONGEST = 64 * 1024 * 1024
"""Bytes of an entry unpacked: far more than any answer fills, and no more than memory has."""
_USES = tuple(Use)
"""INVARIANT: a use keeps its place: stored entries name it by number."""
_NUMBER_OF = {use: number for number, use in enumerate(_USES)}


class _Disclosure(NamedTuple):
    members: dict[str, tuple[int, int]]
    """Key → (last event, number of the set)."""
    disclosed: list[tuple[int, int]]
    withheld: list[tuple[int, int, int]]
    counts: list[tuple[int, list[int], int]]


class _Body(NamedTuple):
    decision_id: str
    at: int
    company: str | None
    on_behalf_of: str | None
    role: str
    subject: str
    purpose: str
    reference: str | None
    policy_version: str
    names: list[str]
    origins: list[tuple[int, int, int]]
    opened: list[tuple[int, int, int, int | None]]
    """(path, use, provision, origin)"""
    sets: list[tuple[list[int], list[tuple[int, int]]]]
    """(what was opened; reason and number of what was withheld)"""
    disclosures: list[_Disclosure]


_reader = msgspec.msgpack.Decoder(_Body)
_writer = msgspec.msgpack.Encoder()


def encode(entry: Entry) -> bytes:
    """The entry as bytes. What members share is written once, and looked into once."""
    said = _Said()
    disclosures = [said.disclosure(each) for each in entry.disclosures]
    sets = list(said.sets)
    opened = [said.told(each) for each in said.opened]
    origins = [said.names_of(each) for each in said.origins]
    body = _writer.encode(
        _Body(
            entry.decision_id,
            microseconds(entry.at),
            entry.company,
            entry.on_behalf_of,
            entry.role,
            entry.subject,
            entry.purpose,
            entry.reference,
            entry.policy_version,
            list(said.names),
            origins,  # type: ignore[arg-type] # three names, as an origin has
            opened,
            sets,  # type: ignore[arg-type] # tuples, which can be told apart
            disclosures,
        )
    )
    return _packed(body)


def decode(body: bytes) -> Entry:
    """The entry that `encode` wrote. Raises msgspec.DecodeError for anything else."""
    said = _unpacked(body)
    names = said.names
    origins = [Origin(*(names[each] for each in origin)) for origin in said.origins]
    opened = [
        ((names[path], _USES[use]), Opened(number, None if origin is None else origins[origin]))
        for path, use, number, origin in said.opened
    ]
    sets = [
        Outcome(_items(opened[each] for each in of), {names[why]: n for why, n in withheld})
        for of, withheld in said.sets
    ]
    return Entry(
        decision_id=said.decision_id,
        company=said.company,
        on_behalf_of=said.on_behalf_of,
        role=said.role,
        subject=said.subject,
        purpose=said.purpose,
        reference=said.reference,
        at=instant(said.at),
        policy_version=said.policy_version,
        disclosures=tuple(
            Disclosure(
                members={
                    key: MemberDisclosure(last_seq, sets[number])
                    for key, (last_seq, number) in each.members.items()
                },
                disclosed={names[path]: number for path, number in each.disclosed},
                withheld={(names[path], names[why]): n for path, why, n in each.withheld},
                counts=tuple(
                    Count(names[entry], tuple(names[path] for path in paths), number)
                    for entry, paths, number in each.counts
                ),
            )
            for each in said.disclosures
        ),
    )


def _packed(body: bytes) -> bytes:
    """Pack it in a window of its size: to make ready the largest one takes longer than to pack."""
    least, largest = _WINDOWS
    window = max(least, min(largest, len(body).bit_length()))
    memory = window - 7  # zlib's own proportion
    packing = zlib.compressobj(_FASTEST, zlib.DEFLATED, window, memory)
    return packing.compress(body) + packing.flush()


def _unpacked(body: bytes) -> _Body:
    packed = zlib.decompressobj()
    try:
        said = packed.decompress(body, _LONGEST)
    except zlib.error as fault:
        raise msgspec.DecodeError(str(fault)) from fault
    if packed.unused_data or not packed.eof:
        raise msgspec.DecodeError("an entry ends where its packing ends, and is no longer than any")
    return _reader.decode(said)


def _items(opened: Iterable[tuple[Item, Opened]]) -> dict[Item, frozenset[Opened]]:
    items: dict[Item, set[Opened]] = {}
    for item, each in opened:
        items.setdefault(item, set()).add(each)
    return {item: frozenset(each) for item, each in items.items()}


class _Numbers(dict[T, int]):
    """Gives each thing a number, in the order of the first asking."""

    def __missing__(self, thing: T) -> int:
        number = self[thing] = len(self)
        return number


@dataclass(slots=True)
class _Said:
    """What is written once, each with its number."""

    names: _Numbers[str] = field(default_factory=_Numbers)
    origins: _Numbers[Origin] = field(default_factory=_Numbers)
    opened: _Numbers[Way] = field(default_factory=_Numbers)
    sets: _Numbers[tuple[tuple[int, ...], tuple[tuple[int, int], ...]]] = field(
        default_factory=_Numbers
    )
    seen: dict[int, int] = field(default_factory=dict)
    """The sets, by the identity of what they were made of, which the entry keeps alive."""

    def disclosure(self, told: Disclosure) -> _Disclosure:
        names = self.names
        return _Disclosure(
            self._members(told.members),
            [(names[path], number) for path, number in told.disclosed.items()],
            [(names[path], names[why], number) for (path, why), number in told.withheld.items()],
            [(names[each.entry], self.names_of(each.fields), each.number) for each in told.counts],
        )

    def told(self, way: Way) -> tuple[int, int, int, int | None]:
        """Give a way in which an item was opened, by numbers."""
        path, use, provision, origin = way
        whose = None if origin is None else self.origins[origin]
        return self.names[path], _NUMBER_OF[use], provision, whose

    def names_of(self, names: Iterable[str]) -> list[int]:
        return [self.names[each] for each in names]

    def _members(self, members: Mapping[str, MemberDisclosure]) -> dict[str, tuple[int, int]]:
        """Give each member's set; a loop without calls, since a page has a hundred members."""
        seen, found = self.seen, dict[str, tuple[int, int]]()
        for key, (last_seq, outcome) in members.items():
            same = id(outcome)
            if same not in seen:
                seen[same] = self._set(outcome)
            found[key] = last_seq, seen[same]
        return found

    def _set(self, outcome: Outcome) -> int:
        opened = sorted([self.opened[each] for each in outcome.ways])
        why = sorted([(self.names[reason], number) for reason, number in outcome.withheld.items()])
        return self.sets[tuple(opened), tuple(why)]
