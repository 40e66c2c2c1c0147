"""What entries add to the records of provision and receipt (domain.md section 4)."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from models.disclosure import RETURNED, Entry, Items, MemberDisclosure, Origin
from models.ledger_tables import month_of
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
    """What was used, for what, how it had been acquired, and under which law."""

    items: tuple[str, ...]
    purpose: str
    origins: tuple[tuple[str, str], ...]
    """(source, channel)"""
    version: str
    """Of the catalogue."""
    statutory: bool


class Part(NamedTuple):
    """What one entry adds of one member."""

    member: str
    seq: int
    """The member's last event by then."""
    contents: Mapping[Scope, Content]
    """By the record that it is added to. Members alike share it."""


def parts_of(entry: Entry, recorded: Recorded) -> Iterator[Part]:
    """What the entry adds; nothing where no company was given anything.

    What members read about themselves and what officers read is no provision to anybody.
    """
    if entry.company is None or entry.role not in {Role.SERVICE, Role.ANALYST}:
        return
    seen: dict[int, Mapping[Scope, Content]] = {}
    for member, told in members_of(entry).items():
        contents = seen.get(id(told.items))
        if contents is None:
            contents = seen[id(told.items)] = _contents(entry, told.items, recorded)
        yield Part(member, told.last_seq, contents)


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
    """Who acquired what was used. What is of no origin was provided by nobody."""
    return frozenset(
        each.origin.acquirer
        for opened in items.values()
        for each in opened
        if each.origin is not None
    )


def _both(one: MemberDisclosure, other: MemberDisclosure) -> MemberDisclosure:
    items = {
        item: one.items.get(item, frozenset()) | other.items.get(item, frozenset())
        for item in (*one.items, *other.items)
    }
    return MemberDisclosure.of(max(one.last_seq, other.last_seq), items)


def _contents(entry: Entry, items: Items, recorded: Recorded) -> Mapping[Scope, Content]:
    """What one set of items adds, by scope."""
    recipient = entry.on_behalf_of or entry.company or ""
    via = entry.company or "" if entry.on_behalf_of else ""
    contents = {}
    for (provider, provision), (paths, origins) in _used(items, recipient).items():
        contents[Scope(provider, recipient, via, provision, month_of(entry.at))] = Content(
            tuple(sorted(paths)),
            entry.purpose,
            tuple(sorted(origins)),
            entry.policy_version,
            bool(origins) and recorded(entry, provider),
        )
    return contents


_Key = tuple[str, int]
"""(provider, provision)"""
_Used = dict[_Key, tuple[set[str], set[tuple[str, str]]]]
"""Paths, and the origins of what was used at them."""


def _used(items: Items, recipient: str) -> _Used:
    """What was used, by whose it was and what opened it.

    What is of no origin (a member or a list as such, consents) was provided by nobody, and none
    of the providers is to hear of it. Where there is nothing else it is the recipient's own.
    """
    used: _Used = {}
    for path, provision, origin in _of_origin(items):
        paths, origins = used.setdefault((origin.acquirer, provision), (set(), set()))
        paths.add(path)
        origins.add((origin.source, origin.channel))
    return used or {(recipient, RETURNED): ({path for path, _ in items}, set())}


def _of_origin(items: Items) -> Iterator[tuple[str, int, Origin]]:
    for (path, _), opened in items.items():
        for provision, origin in opened:
            if origin is not None:
                yield path, provision if provision > 0 else RETURNED, origin


class _Body(NamedTuple):
    items: tuple[str, ...]
    purpose: str
    origins: tuple[tuple[str, str], ...]
    version: str


_reader = msgspec.msgpack.Decoder(_Body)


def encode(content: Content) -> bytes:
    """All but whether it is statutory, as bytes: the same for the same content."""
    return msgspec.msgpack.encode(_Body(*content[:-1]))


def decode(body: bytes, *, statutory: bool) -> Content:
    """The content that `encode` wrote."""
    return Content(*_reader.decode(body), statutory)
