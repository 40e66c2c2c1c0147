"""Reads what happened to a member, as events in order, from a list in a YAML file."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.shape import (
    Optional,
    Reader,
    Reading,
    Unreadable,
    choice,
    flag,
    listing,
    moment,
    record,
    ref,
    text,
)
from policy.source import Node
from policy.vocabulary import FOREVER, AgeGroup


def _items(node: Node, reading: Reading) -> tuple[str, ...]:
    """One item, or a list of them."""
    item = ref("item")
    return (
        (item(node, reading),) if isinstance(node.value, str) else listing(item, 1)(node, reading)
    )


Parts = Mapping[str, Reader[object]]

_ALL: tuple[str, ...] = ()

_COMPANY: Parts = {"company": ref("company")}
_ITEM: Parts = {"item": _items, "version": ref("version")}
_ITEM_ALONE: Parts = {"item": _items}
_CONSENTING: Parts = {
    "age": Optional(choice(AgeGroup), AgeGroup.UNKNOWN),
    "guardian": Optional(flag, False),
}
_CONSENT: Parts = {
    **_ITEM,
    **_CONSENTING,
    "acr": Optional(text, None),
    "valid_until": Optional(moment, FOREVER),
}
_STOP: Parts = {
    **_COMPANY,
    "categories": Optional(listing(ref("category")), _ALL),
}

_PARTS: Mapping[EventKind, Parts] = {
    EventKind.PRESENTED: _ITEM,
    EventKind.DEEMED: _CONSENT,
    EventKind.GRANTED: _CONSENT,
    EventKind.REFUSED: _ITEM,
    EventKind.DEFERRED: _ITEM,
    EventKind.WITHDRAWN: _ITEM,
    EventKind.SUSPENDED: _ITEM_ALONE,
    EventKind.REINSTATED: _ITEM_ALONE,
    EventKind.INVALIDATED: _ITEM_ALONE,
    EventKind.ACCOUNT_OPENED: {},
    EventKind.ACCOUNT_CLOSED: {},
    EventKind.LINKED: {**_COMPANY, "account_id": text},
    EventKind.UNLINKED: _COMPANY,
    EventKind.USED: _COMPANY,
    EventKind.NOTIFIED: {"purpose": ref("purpose")},
    EventKind.MAIL_PREFERENCE: {**_COMPANY, "wanted": flag},
    EventKind.ADS_PREFERENCE: {"wanted": flag},
    EventKind.STOP_REQUESTED: _STOP,
    EventKind.STOP_LIFTED: _STOP,
    EventKind.OVERSEAS_CONSENTED: {"country": text, **_CONSENTING},
    EventKind.OVERSEAS_WITHDRAWN: {"country": text},
    EventKind.INCIDENT_OPENED: _COMPANY,
    EventKind.INCIDENT_CLOSED: _COMPANY,
    EventKind.GUARDIAN_REGISTERED: {"guardian_key": text},
}
"""Kind of event → the parts it carries beside `at` and `kind`, and no others."""

_NOWHERE = Node("", "", 0)


def known_to(catalogue: Catalogue) -> Mapping[str, Mapping[str, Node]]:
    """Every id that a world may name, by kind."""
    versions = {v.key for document in catalogue.documents.values() for v in document.versions}
    ids: Mapping[str, Iterable[str]] = {
        "company": catalogue.companies,
        "service": catalogue.services,
        "category": catalogue.categories,
        "purpose": catalogue.purposes,
        "item": catalogue.items,
        "version": versions,
        "version of item": {
            f"{version} of {item.key}"
            for item in catalogue.items.values()
            for version in item.version_bits
        },
    }
    return {kind: dict.fromkeys(names, _NOWHERE) for kind, names in ids.items()}


def happenings(node: Node, reading: Reading) -> tuple[Event, ...]:
    """A list of events, oldest first; one that lists several items stands for one event of each."""
    found = listing(_happening)(node, reading)
    for earlier, later in pairwise(found):
        if later[0].at < earlier[0].at:
            reading.refuse(
                node, f"{later[0].at} stands after {earlier[0].at}", "Put the oldest event first"
            )
    return tuple(event for events in found for event in events)


def _happening(node: Node, reading: Reading) -> tuple[Event, ...]:
    kinds = choice(EventKind)
    if node.at("kind") is node:
        reading.refuse(node, "the key 'kind' is missing", "Say what happened")
    kind = kinds(node.at("kind"), reading)
    events = record(_events, at=moment, kind=kinds, **_PARTS[kind])(node, reading)
    wrong = [e for e in events if e.item and e.version and not _holds(e.item, e.version, reading)]
    for event in wrong:
        message = f"version {event.version} has no item {event.item}"
        reading.note(node, message, "Name a version that asks for this item")
    if wrong:
        raise Unreadable
    return events


def _holds(item: str, version: str, reading: Reading) -> bool:
    return f"{version} of {item}" in reading.known["version of item"]


def _events(item: tuple[str | None, ...] = (None,), **parts: Any) -> tuple[Event, ...]:
    return tuple(Event(item=name, **parts) for name in item)
