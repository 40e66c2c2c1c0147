"""An entry as the ledger stores it: MessagePack by position, each name and set written once.

What members share is looked into once, and of the members themselves there are columns: no object
is made for each of them. A large entry is packed (zlib, at its fastest): PostgreSQL would do so
itself, no quicker and to less effect. Of a small one packing takes more time than room is saved.

INVARIANT: what was stored once is read for as long as it is kept: this form, and that of
`first_entry_form`, which tells no number of its own. Another one would begin with another number.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from operator import sub
from typing import NamedTuple, TypeVar

import msgspec

from models.disclosure import (
    Alike,
    Count,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Members,
    Opened,
    Origin,
    Outcome,
)
from models.first_entry_form import USES, items_of
from models.first_entry_form import decode as first_form
from models.types import instant, microseconds

T = TypeVar("T")
LARGE = 1900
"""Bytes: PostgreSQL keeps a row of up to 2 KB as it is, and each column of a larger one apart."""
_FASTEST = 1
_WINDOWS = 10, 15
"""The least and the largest, as powers of two."""
_LONGEST = 64 * 1024 * 1024
"""Bytes of an entry unpacked: far more than any answer fills, and no more than memory has."""
_MARK = b"\x9e\x02"
"""How this form begins: an array of fourteen parts, of which its number is the first."""
_NUMBER_OF = {use: number for number, use in enumerate(USES)}

Way = tuple[int, int, int, tuple[int, ...]]
"""(use, provision, number of the origin or 0 for none, paths)"""
Set = tuple[tuple[Way, ...], tuple[tuple[int, int], ...]]
"""(what was opened; reason and number of what was withheld)"""
Disclosed = Mapping[str, int]
Withheld = Mapping[tuple[str, str], int]


class _Disclosure(msgspec.Struct, array_like=True, gc=False):
    members: list[str]
    steps: list[int]
    """Each member's last event, as its distance from that of the member before."""
    sets: list[int]
    """Each member's set."""
    disclosed: dict[int, int]
    withheld: list[tuple[int, int, int]]
    """(path, reason, number)"""
    counts: list[tuple[int, list[int], int]]
    """(entry, paths, number)"""


class _Body(msgspec.Struct, array_like=True, gc=False, tag=2):
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
    sets: list[Set]
    disclosures: list[_Disclosure]


_reader = msgspec.msgpack.Decoder(_Body)
_writer = msgspec.msgpack.Encoder()


def encode(entry: Entry) -> bytes:
    """The entry as bytes. What members share is written once, and looked into once."""
    said = _Said()
    disclosures = [said.disclosure(each) for each in entry.disclosures]
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
            list(said.sets),
            disclosures,
        )
    )
    return body if len(body) < LARGE else _packed(body)


def decode(body: bytes) -> Entry:
    """The entry that `encode` wrote, in whichever form.

    Raises msgspec.DecodeError, LookupError or ValueError for anything else.
    """
    said = body if body.startswith(_MARK) else _unpacked(body)
    return _entry(_reader.decode(said)) if said.startswith(_MARK) else first_form(said)


def _entry(said: _Body) -> Entry:
    names = said.names
    origins = None, *(Origin(*(names[each] for each in origin)) for origin in said.origins)
    sets = [
        Outcome(
            items_of(_opened(ways, names, origins)),
            {names[why]: number for why, number in withheld},
        )
        for ways, withheld in said.sets
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
                    for key, last_seq, number in zip(
                        each.members, accumulate(each.steps), each.sets, strict=True
                    )
                },
                disclosed={names[path]: number for path, number in each.disclosed.items()},
                withheld={(names[path], names[why]): n for path, why, n in each.withheld},
                counts=tuple(
                    Count(names[entry], tuple(names[path] for path in paths), number)
                    for entry, paths, number in each.counts
                ),
            )
            for each in said.disclosures
        ),
    )


def _opened(
    ways: Iterable[Way], names: list[str], origins: tuple[Origin | None, ...]
) -> Iterator[tuple[Item, Opened]]:
    for use, provision, origin, paths in ways:
        opened = Opened(provision, origins[origin])
        for path in paths:
            yield (names[path], USES[use]), opened


def _packed(body: bytes) -> bytes:
    """Pack it in a window of its size: to make ready the largest one takes longer than to pack."""
    least, largest = _WINDOWS
    window = max(least, min(largest, len(body).bit_length()))
    memory = window - 7  # zlib's own proportion
    packing = zlib.compressobj(_FASTEST, zlib.DEFLATED, window, memory)
    return packing.compress(body) + packing.flush()


def _unpacked(body: bytes) -> bytes:
    packed = zlib.decompressobj()
    try:
        said = packed.decompress(body, _LONGEST)
    except zlib.error as fault:
        raise msgspec.DecodeError(str(fault)) from fault
    if packed.unused_data or not packed.eof:
        raise msgspec.DecodeError("an entry ends where its packing ends, and is no longer than any")
    return said


class _Numbers(dict[T, int]):
    """Gives each thing a number, in the order of the first asking."""

    def __missing__(self, thing: T) -> int:
        number = self[thing] = len(self)
        return number


class _Shared(NamedTuple):
    """What a disclosure says of its members together: all but the columns."""

    numbers: Mapping[Alike, int]
    """The set of each who are told alike."""
    disclosed: dict[int, int]
    withheld: list[tuple[int, int, int]]


@dataclass(slots=True)
class _Said:
    """What is written once, each with its number."""

    names: _Numbers[str] = field(default_factory=_Numbers)
    origins: _Numbers[Origin] = field(default_factory=_Numbers)
    sets: _Numbers[Set] = field(default_factory=_Numbers)

    def disclosure(self, told: Disclosure) -> _Disclosure:
        names = self.names
        members = told.members if isinstance(told.members, Members) else Members.of(told.members)
        last_seqs, told_of = [*members.last_seqs.values()], [*members.told.values()]
        shared = self._shared(tuple(dict.fromkeys(told_of)), told.disclosed, told.withheld)
        return _Disclosure(
            [*members.told],
            [*map(sub, last_seqs, (0, *last_seqs))],
            [*map(shared.numbers.__getitem__, told_of)],
            shared.disclosed,
            shared.withheld,
            [(names[each.entry], self.names_of(each.fields), each.number) for each in told.counts],
        )

    def names_of(self, names: Iterable[str]) -> list[int]:
        return [self.names[each] for each in names]

    def _shared(
        self, alike: tuple[Alike, ...], disclosed: Disclosed, withheld: Withheld
    ) -> _Shared:
        """Give what the members share. What an entry begins with is known, if another began so."""
        if self.names:
            return self._looked_into(alike, disclosed, withheld)
        key = alike, id(disclosed), id(withheld)
        begun = _begun.get(key)
        if begun is None:
            shared = self._looked_into(alike, disclosed, withheld)
            begun = _Begun((disclosed, withheld), shared, _Said())
            begun.said.begin_as(self)
            if len(_begun) >= _BEGUN_AT_MOST:
                _begun.clear()
            _begun[key] = begun
        else:
            self.begin_as(begun.said)
        return begun.shared

    def begin_as(self, other: "_Said") -> None:
        self.names.update(other.names)
        self.origins.update(other.origins)
        self.sets.update(other.sets)

    def _looked_into(
        self, alike: tuple[Alike, ...], disclosed: Disclosed, withheld: Withheld
    ) -> _Shared:
        names = self.names
        return _Shared(
            {each: self.sets[self._set(each.outcome)] for each in alike},
            {names[path]: number for path, number in disclosed.items()},
            [(names[path], names[why], number) for (path, why), number in withheld.items()],
        )

    def _set(self, outcome: Outcome) -> Set:
        names, origins = self.names, self.origins
        ways = [
            (
                _NUMBER_OF[use],
                provision,
                0 if origin is None else origins[origin] + 1,
                tuple([names[path] for path in paths]),
            )
            for (use, provision, origin), paths in outcome.ways
        ]
        withheld = [(names[reason], number) for reason, number in outcome.withheld.items()]
        return tuple(ways), tuple(sorted(withheld))


class _Begun(NamedTuple):
    """How an entry begins; with the sums it is known by, so that no others are those."""

    sums: tuple[Disclosed, Withheld]
    shared: _Shared
    said: _Said


_begun: dict[tuple[tuple[Alike, ...], int, int], _Begun] = {}
"""By what was told of members, and the identity of the sums: most often those of another entry."""
_BEGUN_AT_MOST = 256
