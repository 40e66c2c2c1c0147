"""What left: the entry the ledger keeps of a decision, names and numbers, never a value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

SELF_ACCESS = 0
"""Stands for the provision where the member reads about itself."""
RETURNED = -1
"""Stands for the provision where a member or a row was returned as such."""


class Use(StrEnum):
    """How the result of a request shows something of a personal value."""

    SELECT = "SELECT"
    FILTER = "FILTER"
    ORDER = "ORDER"
    COUNT = "COUNT"

    __hash__ = str.__hash__  # Enum's own is Python code, and every cell of a page asks for it


_Item = tuple[tuple[str, Use], frozenset[int]]
Items = Mapping[tuple[str, Use], frozenset[int]]
"""(field path or relation, use) → the numbers of the provisions that opened it."""


@dataclass(frozen=True, slots=True)
class MemberDisclosure:
    """What was used of one member, whose events were folded up to `last_seq`."""

    last_seq: int
    items: Items


@dataclass(frozen=True, slots=True)
class Count:
    """A number that was told about members together, and the fields whose values it depends on."""

    entry: str
    fields: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The outcome of one personal entry: per member for the ledger, per field for the caller."""

    members: Mapping[str, MemberDisclosure] = field(default_factory=dict)
    disclosed: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[tuple[str, str], int] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    fine: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(field, code): what members are told about themselves; the ledger keeps none of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision: who asked what for, under which policy, and what was disclosed."""

    decision_id: str
    company: str | None
    on_behalf_of: str | None
    role: str
    subject: str
    purpose: str
    reference: str | None
    at: datetime
    policy_version: str
    disclosures: tuple[Disclosure, ...] = ()


def encode(entry: Entry) -> str:
    """The entry as compact JSON, without what has a column of its own."""
    body = {
        "company": entry.company,
        "onBehalfOf": entry.on_behalf_of,
        "role": entry.role,
        "subject": entry.subject,
        "purpose": entry.purpose,
        "reference": entry.reference,
        "policyVersion": entry.policy_version,
        "disclosures": [_plain(disclosure) for disclosure in entry.disclosures],
    }
    return orjson.dumps(body).decode()


def decode(decision_id: str, at: datetime, text: str) -> Entry:
    """The entry that `encode` wrote."""
    body = orjson.loads(text)
    return Entry(
        decision_id=decision_id,
        company=body["company"],
        on_behalf_of=body["onBehalfOf"],
        role=body["role"],
        subject=body["subject"],
        purpose=body["purpose"],
        reference=body["reference"],
        at=at,
        policy_version=body["policyVersion"],
        disclosures=tuple(_disclosure(plain) for plain in body["disclosures"]),
    )


def _plain(disclosure: Disclosure) -> Mapping[str, Any]:
    """Members of a page mostly share their items, so each set of items is written once."""
    sets: dict[frozenset[_Item], int] = {}
    members = {
        key: (member.last_seq, sets.setdefault(frozenset(member.items.items()), len(sets)))
        for key, member in disclosure.members.items()
    }
    return {
        "members": members,
        "items": [_words(items) for items in sets],
        "disclosed": disclosure.disclosed,
        "withheld": [[path, why, n] for (path, why), n in disclosure.withheld.items()],
        "counts": [[count.entry, count.fields, count.number] for count in disclosure.counts],
    }


def _words(items: Iterable[_Item]) -> Sequence[tuple[str, Use, Sequence[int]]]:
    return sorted((path, use, sorted(opening)) for (path, use), opening in items)


def _disclosure(plain: Mapping[str, Any]) -> Disclosure:
    sets = [_read_items(items) for items in plain["items"]]
    return Disclosure(
        members={
            key: MemberDisclosure(last_seq, sets[number])
            for key, (last_seq, number) in plain["members"].items()
        },
        disclosed=plain["disclosed"],
        withheld={(path, why): n for path, why, n in plain["withheld"]},
        counts=tuple(Count(entry, tuple(paths), n) for entry, paths, n in plain["counts"]),
    )


def _read_items(items: Iterable[tuple[str, str, Iterable[int]]]) -> Items:
    return {(path, Use(use)): frozenset(opening) for path, use, opening in items}
