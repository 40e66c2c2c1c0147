"""Reads what a synthetic population is made of (seeds/population.yaml), strictly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from policy.catalogue import Catalogue
from policy.events import EventKind
from policy.shape import (
    Optional,
    Reader,
    Reading,
    Unreadable,
    choice,
    each,
    flag,
    key,
    listing,
    mapping,
    moment,
    optional_list,
    pattern,
    record,
    ref,
    text,
    whole,
)
from policy.source import Node
from server.catalogue_files import nodes_of
from server.happenings import known_to
from server.population_dice import Weighted
from server.world_file import WorldError


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of a thousand; what each one means stands beside it in the file."""

    without_events: int
    closed: int
    child: int
    youth: int
    guardian: int
    age_unknown: int
    renewed: int
    linked: int
    unlinked: int
    relinked: int
    used: int
    mail_wish: int
    mail_wanted: int
    ads_opt_out: int
    ads_again: int
    stop: int
    stop_lifted: int
    overseas: int
    overseas_withdrawn: int
    incident: int
    incident_closed: int
    notified: int
    account_session: int
    dated_consent: int
    lapsed: int
    insured_only: int
    screened: int
    anonymous: int
    kept_briefly: int


Story = tuple[EventKind, ...]
"""How an item of consent fares with a member, step by step."""


@dataclass(frozen=True, slots=True)
class Clientele:
    """The share of the members who are customers of a company; an insurer has products."""

    company: str
    service: str
    share: int
    products: tuple[str, ...]
    pays: bool
    lends: bool


@dataclass(frozen=True, slots=True)
class Good:
    """Something to buy."""

    name: str
    price: int


@dataclass(frozen=True, slots=True)
class Seller:
    """Who acquires an order, for which merchant or service, and what is sold there."""

    company: str
    weight: int
    goods: tuple[Good, ...]
    merchant: str | None
    service: str | None
    books: bool


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture, with its cities and the first digits of their postal codes."""

    name: str
    weight: int
    area_code: str
    cities: tuple[tuple[str, str], ...]


WORDS = (
    "ad_technologies",
    "ad_triggers",
    "ads",
    "answers",
    "banks",
    "buildings",
    "bureaus",
    "card_brands",
    "cashbacks",
    "claim_kinds",
    "connections",
    "coupons",
    "diagnoses",
    "domains",
    "employers",
    "fraud_kinds",
    "identity_documents",
    "informants",
    "inquiries",
    "means",
    "pages",
    "payment_methods",
    "plans",
    "points",
    "questions",
    "receipt_bases",
    "referrers",
    "relationships",
    "reviews",
    "searches",
    "segments",
    "systems",
    "third_parties",
    "user_agents",
)
ODDS = (
    "channels",
    "claim_statuses",
    "ekyc_statuses",
    "genders",
    "grades",
    "order_statuses",
    "reservation_statuses",
)
"""What there must be words for; of the second kind some are likelier than others."""

Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mix:
    """All that members are drawn from. Nothing happens at `until` or later."""

    until: datetime
    shares: Shares
    keeper: str
    points: str
    asked_at_sign_up: str
    consents: Mapping[str, Weighted[Story]]
    customers: tuple[Clientele, ...]
    orders: int
    sellers: Weighted[Seller]
    senders: tuple[str, ...]
    countries: tuple[str, ...]
    purposes: tuple[str, ...]
    stopping: tuple[str, ...]
    restrained: tuple[str, ...]
    incidents: tuple[str, ...]
    health: Words
    words: Words
    odds: Mapping[str, Weighted[str]]
    prefectures: Weighted[Prefecture]


def load_mix(path: Path, catalogue: Catalogue) -> Mix:
    """What this file says, in the catalogue's ids.

    Raises WorldError naming everything wrong, or CatalogueError if it is no YAML.
    """
    node = nodes_of({path.name: path.read_text("utf-8")})[path.name]
    reading = Reading(known_to(catalogue))
    try:
        return _MIX(node, reading)
    except Unreadable:
        raise WorldError(reading.findings) from None


_weight = whole(1, 1_000_000)
_share = whole(0, 1000)
_digits = pattern(re.compile(r"0\d{1,3}"), "an area code")
_postal = pattern(re.compile(r"\d{3}"), "the first digits of a postal code")


def _weighted(node: Node, reading: Reading) -> Weighted[str]:
    return Weighted.of(mapping(text, _weight)(node, reading))


def _story(node: Node, reading: Reading) -> Story:
    steps = (Node(word, node.file, node.line) for word in text(node, reading).split())
    return each(choice(EventKind), steps, reading)


def _stories(node: Node, reading: Reading) -> Weighted[Story]:
    return Weighted.of(mapping(_story, _weight)(node, reading))


def _by_weight(reader: Reader[Any]) -> Reader[Any]:
    entries = listing(reader, 1)
    return lambda node, reading: Weighted.of({e: e.weight for e in entries(node, reading)})


def _cities(node: Node, reading: Reading) -> tuple[tuple[str, str], ...]:
    return tuple(mapping(text, _postal)(node, reading).items())


_GOOD = record(Good, name=text, price=whole(1, 10_000_000))
_SELLER = record(
    Seller,
    company=ref("company"),
    weight=_weight,
    goods=listing(_GOOD, 1),
    merchant=Optional(ref("company"), None),
    service=Optional(ref("service"), None),
    books=Optional(flag, False),
)
_CLIENTELE = record(
    Clientele,
    company=ref("company"),
    service=ref("service"),
    share=_share,
    products=optional_list(text),
    pays=Optional(flag, False),
    lends=Optional(flag, False),
)
_PREFECTURE = record(Prefecture, name=text, weight=_weight, area_code=_digits, cities=_cities)
_MIX = record(
    Mix,
    until=moment,
    keeper=ref("company"),
    points=ref("service"),
    asked_at_sign_up=ref("item"),
    shares=record(Shares, **{share.name: _share for share in fields(Shares)}),
    consents=mapping(ref("item"), _stories),
    customers=listing(_CLIENTELE),
    orders=whole(0, 100),
    sellers=_by_weight(_SELLER),
    senders=listing(ref("company"), 1),
    countries=listing(text, 1),
    purposes=listing(ref("purpose"), 1),
    stopping=listing(ref("company"), 1),
    restrained=listing(ref("category"), 1),
    incidents=listing(ref("company"), 1),
    health=mapping(key, listing(text, 1)),
    words=record(dict, **dict.fromkeys(WORDS, listing(text, 1))),
    odds=record(dict, **dict.fromkeys(ODDS, _weighted)),
    prefectures=_by_weight(_PREFECTURE),
)
