"""What entries add to the records of provision and receipt (domain.md section 4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from models.disclosure import RETURNED, Entry, Items, MemberDisclosure
from models.ledger_tables import month_of
from models.provenance import KEEPER
from policy.requester import Role

Recorded = Callable[[Entry, str], bool]
"""Whether the law wants what an entry shows of this provider's values on record."""


class Scope(NamedTuple):
    """What the records of one month have in common that differ in their member alone."""

    provider: str
    recipient: str
    via: str
    """The processor that asked, or ""."""
    provision: int
    month: str


class Content(NamedTuple):
    """What was used, for what, and how it had been acquired: (source, channel)."""

    items: frozenset[str]
    purposes: frozenset[str]
    origins: frozenset[tuple[str, str]]

    def __or__(self, other: "Content") -> "Content":
        if self is other or self == other:
            return self
        return Content(
            self.items | other.items,
            self.purposes | other.purposes,
            self.origins | other.origins,
        )


class Moment(NamedTuple):
    """When something was provided, the member's last event by then, and the catalogue's version."""

    at: datetime
    seq: int
    version: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What entries have added to one record."""

    content: Content
    entries: int
    first: Moment
    last: Moment
    statutory: bool

    def __or__(self, other: "Sum") -> "Sum":
        return Sum(
            self.content | other.content,
            self.entries + other.entries,
            min(self.first, other.first),
            max(self.last, other.last),
            self.statutory or other.statutory,
        )


Sums = Mapping[tuple[Scope, str], Sum]
"""(scope, member) → what is added to that record."""


def sums_of(entry: Entry, recorded: Recorded) -> Sums:
    """What the entry adds; nothing where no company was given anything.

    What members read about themselves and what officers read is no provision to anybody.
    """
    if entry.company is None or entry.role not in {Role.SERVICE, Role.ANALYST}:
        return {}
    seen: dict[int, Mapping[Scope, tuple[Content, bool]]] = {}
    sums: dict[tuple[Scope, str], Sum] = {}
    for member, told in members_of(entry).items():
        if id(told.items) not in seen:  # members alike share what was used of them
            seen[id(told.items)] = _parts(entry, told.items, recorded)
        moment = Moment(entry.at, told.last_seq, entry.policy_version)
        for scope, (content, statutory) in seen[id(told.items)].items():
            sums[scope, member] = Sum(content, 1, moment, moment, statutory)
    return sums


def add(sums: dict[tuple[Scope, str], Sum], more: Sums) -> None:
    """Let the first be what both add."""
    for key, each in more.items():
        sums[key] = sums[key] | each if key in sums else each


def members_of(entry: Entry) -> Mapping[str, MemberDisclosure]:
    """What the whole entry used of each member."""
    if len(entry.disclosures) == 1:
        return entry.disclosures[0].members
    whole: dict[str, MemberDisclosure] = {}
    for disclosure in entry.disclosures:
        for member, told in disclosure.members.items():
            before = whole.get(member)
            whole[member] = told if before is None else _both(before, told)
    return whole


def providers_of(items: Items) -> frozenset[str]:
    """Who acquired what was used; the keeper of the accounts, of a member as such."""
    return frozenset(
        KEEPER if each.origin is None else each.origin.acquirer
        for opened in items.values()
        for each in opened
    )


def _both(one: MemberDisclosure, other: MemberDisclosure) -> MemberDisclosure:
    items = {
        item: one.items.get(item, frozenset()) | other.items.get(item, frozenset())
        for item in (*one.items, *other.items)
    }
    return replace(one, last_seq=max(one.last_seq, other.last_seq), items=items)


def _parts(entry: Entry, items: Items, recorded: Recorded) -> Mapping[Scope, tuple[Content, bool]]:
    """What one set of items adds, by scope."""
    used = _used(items)
    recipient = entry.on_behalf_of or entry.company or ""
    via = entry.company or "" if entry.on_behalf_of else ""
    parts = {}
    for (provider, provision), (paths, origins) in used.items():
        scope = Scope(provider, recipient, via, provision, month_of(entry.at))
        content = Content(frozenset(paths), frozenset({entry.purpose}), frozenset(origins))
        parts[scope] = (content, recorded(entry, provider))
    return parts


_Used = dict[tuple[str, int], tuple[set[str], set[tuple[str, str]]]]
"""(provider, provision) → paths and origins."""


def _used(items: Items) -> _Used:
    used: _Used = {}
    for path, provider, provision, origin in _each(items):
        paths, origins = used.setdefault((provider, provision), (set(), set()))
        paths.add(path)
        if origin is not None:
            origins.add(origin)
    # A member or row returned as such goes with what was shown of it, if anything was.
    for provider, provision in [key for key in used if key[1] == RETURNED]:
        others = [number for name, number in used if name == provider and number != RETURNED]
        if others:
            paths, origins = used.pop((provider, provision))
            used[provider, min(others)][0].update(paths)
            used[provider, min(others)][1].update(origins)
    return used


def _each(items: Items) -> Iterator[tuple[str, str, int, tuple[str, str] | None]]:
    for (path, _), opened in items.items():
        for provision, origin in opened:
            number = provision if provision > 0 else RETURNED
            if origin is None:
                yield path, KEEPER, number, None
            else:
                yield path, origin.acquirer, number, (origin.source, origin.channel)


_reader = msgspec.msgpack.Decoder(tuple[list[str], list[str], list[tuple[str, str]]])


def encode(content: Content) -> bytes:
    """The content as bytes: the same for the same content."""
    return msgspec.msgpack.encode([sorted(part) for part in content])


def decode(body: bytes) -> Content:
    """The content that `encode` wrote."""
    items, purposes, origins = _reader.decode(body)
    return Content(frozenset(items), frozenset(purposes), frozenset(origins))
