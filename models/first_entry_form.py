"""The form in which entries were stored at first: MessagePack by position, always packed.

INVARIANT: nothing is stored in it any more, and it is read for as long as one such entry is kept.
"""

from collections.abc import Iterable
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
    Outcome,
    Use,
)
from models.types import instant

USES = tuple(Use)
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


def decode(body: bytes) -> Entry:
    """The entry of this form. Raises msgspec.DecodeError, or LookupError, for anything else."""
    said = _reader.decode(body)
    names = said.names
    origins = [Origin(*(names[each] for each in origin)) for origin in said.origins]
    opened = [
        ((names[path], USES[use]), Opened(number, None if origin is None else origins[origin]))
        for path, use, number, origin in said.opened
    ]
    sets = [
        Outcome(items_of(opened[each] for each in of), {names[why]: n for why, n in withheld})
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


def items_of(opened: Iterable[tuple[Item, Opened]]) -> dict[Item, frozenset[Opened]]:
    """Each item, with all that opened it."""
    items: dict[Item, set[Opened]] = {}
    for item, each in opened:
        items.setdefault(item, set()).add(each)
    return {item: frozenset(each) for item, each in items.items()}
