"""An entry as the ledger stores it: MessagePack by position, each name and set written once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from models.disclosure import (
    Count,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Opened,
    Origin,
    Use,
)
from models.types import instant, microseconds

_USES = tuple(Use)
"""INVARIANT: a use keeps its place: stored entries name it by number."""


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
    """The entry as bytes."""
    said = _Said()
    disclosures = [said.disclosure(each) for each in entry.disclosures]
    return _writer.encode(
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
            list(said.origins),
            list(said.opened),
            [(list(opened), list(withheld)) for opened, withheld in said.sets],
            disclosures,
        )
    )


def decode(body: bytes) -> Entry:
    """The entry that `encode` wrote. Raises msgspec.DecodeError for anything else."""
    said = _reader.decode(body)
    names = said.names
    origins = [Origin(*(names[each] for each in origin)) for origin in said.origins]
    opened = [
        ((names[path], _USES[use]), Opened(number, None if origin is None else origins[origin]))
        for path, use, number, origin in said.opened
    ]
    sets = [
        (_items(opened[each] for each in of), {names[why]: number for why, number in withheld})
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
                    key: MemberDisclosure(last_seq, *sets[number])
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


def _items(opened: Iterable[tuple[Item, Opened]]) -> dict[Item, frozenset[Opened]]:
    items: dict[Item, set[Opened]] = {}
    for item, each in opened:
        items.setdefault(item, set()).add(each)
    return {item: frozenset(each) for item, each in items.items()}


@dataclass(slots=True)
class _Said:
    """What is written once, each with its number."""

    names: dict[str, int] = field(default_factory=dict)
    origins: dict[tuple[int, int, int], int] = field(default_factory=dict)
    opened: dict[tuple[int, int, int, int | None], int] = field(default_factory=dict)
    sets: dict[tuple[tuple[int, ...], tuple[tuple[int, int], ...]], int] = field(
        default_factory=dict
    )

    def disclosure(self, told: Disclosure) -> _Disclosure:
        return _Disclosure(
            {key: (each.last_seq, self._set(each)) for key, each in told.members.items()},
            [(self._name(path), number) for path, number in told.disclosed.items()],
            [(self._name(path), self._name(why), n) for (path, why), n in told.withheld.items()],
            [
                (self._name(each.entry), self._names(each.fields), each.number)
                for each in told.counts
            ],
        )

    def _set(self, member: MemberDisclosure) -> int:
        opened = tuple(sorted(self._opened(member)))
        withheld = tuple(sorted((self._name(why), n) for why, n in member.withheld.items()))
        return self.sets.setdefault((opened, withheld), len(self.sets))

    def _opened(self, member: MemberDisclosure) -> Iterator[int]:
        for (path, use), opened in member.items.items():
            for each in opened:
                origin = None if each.origin is None else self._origin(each.origin)
                told = (self._name(path), _USES.index(use), each.provision, origin)
                yield self.opened.setdefault(told, len(self.opened))

    def _origin(self, origin: Origin) -> int:
        acquirer, source, channel = (self._name(each) for each in origin)
        return self.origins.setdefault((acquirer, source, channel), len(self.origins))

    def _names(self, names: Sequence[str]) -> list[int]:
        return [self._name(each) for each in names]

    def _name(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))
