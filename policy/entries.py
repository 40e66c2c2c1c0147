"""The shape of each entry of the catalogue: which keys it has, and what each of them holds."""

import re
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TypeVar

from policy.catalogue import Category, Field, Relation, SensitiveList
from policy.companies import Company, Measures, ProcessorContract, Service, Succession
from policy.shape import (
    Optional,
    Reader,
    Refused,
    blank_or,
    choice,
    flag,
    key,
    listing,
    mapping,
    moment,
    optional_list,
    optional_set,
    pattern,
    record,
    ref,
    setting,
    text,
    whole,
)
from policy.vocabulary import (
    FOREVER,
    CategoryClass,
    CompanyKind,
    GroupTie,
    IdStatus,
    Interval,
    Label,
    RowFact,
)

E = TypeVar("E", bound=Enum)

label = record(Label, ja=text, en=text)
country = pattern(re.compile(r"[A-Z]{2}"), "a country of two letters")
source_row = re.compile(r"S([1-9]|[1-7]\d|8[0-4])|V\d{1,2}b?|Q\d{1,2}|INF|REC")
trace = listing(pattern(source_row, "a row of the sources"), least=1)
bit = whole(0, 62)
"""A standing is one signed 64-bit number."""
number = whole(1, 32767)
"""What opened a cell is one small integer."""


def _interval(from_: datetime, to: datetime) -> Interval:
    if to <= from_:
        raise Refused("it ends before it begins", "Let `to` be later than `from`")
    return Interval(from_, to)


no_adoption: dict[str, tuple[Interval, ...]] = {}
until = Optional(moment, FOREVER)
interval = record(_interval, from_=moment, to=until)


def dated(name: str, words: type[E]) -> Reader[tuple[E, Interval]]:
    """A word under this name, and when it held."""
    word = {name: choice(words)}
    return record(
        lambda from_, to, **read: (read[name], _interval(from_, to)), **word, from_=moment, to=until
    )


measures = record(
    Measures,
    basis=text,
    reviewed_at=moment,
    suspended_at=Optional(moment, None),
)

company = record(
    Company,
    key=key,
    name=label,
    kind=choice(CompanyKind),
    country=blank_or(country),
    address=text,
    representative=text,
    contact_point=text,
    listed=interval,
    ties=optional_list(dated("tie", GroupTie)),
    insurance_group=optional_list(interval),
    adopts=Optional(mapping(ref("document"), listing(interval)), no_adoption),
    id_status=optional_list(dated("status", IdStatus)),
    measures=Optional(measures, None),
    trace=trace,
)

succession = record(
    Succession,
    predecessor=ref("company"),
    successor=ref("company"),
    effective_at=moment,
    trace=trace,
)

service = record(
    Service,
    key=key,
    owner=ref("company"),
    kind=pattern(re.compile("main|ancillary|app|tool"), "a kind of service"),
    name=label,
    trace=trace,
)

category = record(
    Category,
    key=key,
    name=label,
    kind=choice(CategoryClass),
    parent=Optional(ref("category"), None),
    own_purposes=Optional(flag, True),
    trace=trace,
)


def any_or(reader: Reader[frozenset[str]]) -> Reader[frozenset[str] | None]:
    """The word for "no limit", or a limit."""
    return lambda node, reading: None if node.value in ("any", "all") else reader(node, reading)


relation = record(
    Relation,
    name=blank_or(key),
    acquirers=any_or(setting(ref("company"))),
    facts=setting(choice(RowFact)),
)


def _field(path: str, **rest: object) -> Field:
    make: Callable[..., Field] = Field
    return make(path=path, relation=path.rpartition(".")[0], **rest)


field = record(
    _field,
    path=key,
    categories=listing(ref("category"), least=1),
    restricted=optional_set(ref("category")),
    by_kind=Optional(flag, False),
    until_screened=Optional(flag, False),
    withheld_from_subject=Optional(flag, False),
    trace=trace,
)

sensitive_list = record(
    SensitiveList,
    key=key,
    kinds=optional_set(key),
    fields=optional_set(ref("field")),
    trace=trace,
)

contract = record(
    ProcessorContract,
    processor=ref("company"),
    controller=ref("company"),
    fields=setting(ref("field")),
    purposes=setting(ref("purpose", "own purpose")),
    in_force=interval,
    trace=trace,
)
