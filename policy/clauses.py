"""The shape of what permits: purposes, documents with their versions and items, provisions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise

from policy.catalogue import Purpose
from policy.documents import Document, Item, Party, Provision, PurposeSet, Version
from policy.entries import any_or, bit, label, number, trace
from policy.shape import (
    Optional,
    Refused,
    choice,
    flag,
    key,
    listing,
    mapping,
    moment,
    optional_list,
    optional_set,
    record,
    ref,
    setting,
    text,
)
from policy.vocabulary import (
    CompanyKind,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    Interval,
    Label,
    OpeningAct,
    Reach,
    Requirement,
    Veto,
)

no_vetoes: frozenset[Veto] = frozenset()


@dataclass(frozen=True, slots=True)
class Registered:
    """A purpose, with the vetoes that it hands to own purposes of its family."""

    purpose: Purpose
    family_vetoes: frozenset[Veto] = no_vetoes


def _registered(family_vetoes: frozenset[Veto], **rest: object) -> Registered:
    make: Callable[..., Purpose] = Purpose
    unowned = dict.fromkeys(("owner", "service", "version", "family"))
    return Registered(make(**unowned, **rest), family_vetoes)


purpose = record(
    _registered,
    key=key,
    name=label,
    parent=Optional(ref("purpose"), None),
    registered_at=moment,
    min_consent=Optional(choice(ConsentLevel), ConsentLevel.NONE),
    limited=Optional(flag, False),
    reserved_for=Optional(choice(CompanyKind), None),
    sensitive=Optional(flag, False),
    vetoes=optional_set(choice(Veto)),
    family_vetoes=optional_set(choice(Veto)),
    trace=trace,
)


def _own(published_at: datetime, **rest: object) -> Registered:
    make: Callable[..., Purpose] = Purpose
    plain = {"parent": None, "limited": False, "reserved_for": None, "vetoes": no_vetoes}
    level = ConsentLevel.NONE
    return Registered(make(registered_at=published_at, min_consent=level, **plain, **rest))


own_purpose = record(
    _own,
    key=key,
    name=label,
    owner=ref("company"),
    service=ref("service"),
    version=text,
    family=ref("purpose"),
    published_at=moment,
    trace=trace,
)


def _version(key: str, published_at: datetime, text: Label, *, material: bool) -> Version:
    return Version(key, published_at, Interval(published_at), text, material)


version = record(_version, key=key, published_at=moment, text=label, material=flag)

item = record(
    partial(Item, document=""),
    key=key,
    name=label,
    sensitive=Optional(flag, False),
    version_bits=mapping(key, bit),
    explicit_bit=bit,
    reach_bits=mapping(choice(Reach), bit),
    trace=trace,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A document with the items that a member answers."""

    document: Document
    items: tuple[Item, ...]


def _in_force(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Each version until the next."""
    *earlier, last = versions
    return (
        *(
            replace(version, in_force=Interval(version.published_at, following.published_at))
            for version, following in pairwise([*earlier, last])
        ),
        last,
    )


def _document(
    key: str, versions: tuple[Version, ...], items: tuple[Item, ...], **rest: object
) -> Signed:
    make: Callable[..., Document] = Document
    document = make(key=key, versions=_in_force(versions), **rest)
    return Signed(document, tuple(replace(item, document=key) for item in items))


document = record(
    _document,
    key=key,
    name=label,
    mode=choice(DocumentMode),
    scope=choice(DocumentScope),
    consent=choice(ConsentMode),
    publisher=ref("company"),
    service=Optional(ref("service"), None),
    requires_account_session=Optional(flag, False),
    companions=optional_list(ref("document")),
    disadvantages=optional_list(label),
    versions=listing(version, least=1),
    items=optional_list(item),
    trace=trace,
)


def _party(group: Group, companies: frozenset[str], **rest: object) -> Party:
    if (group is Group.COMPANIES) != bool(companies):
        raise Refused(
            "`companies` and the group COMPANIES go together",
            "Name companies under the group COMPANIES, and under no other group",
        )
    make: Callable[..., Party] = Party
    return make(group=group, companies=companies, **rest)


party = record(
    _party,
    group=choice(Group),
    companies=optional_set(ref("company")),
    kinds=optional_set(choice(CompanyKind)),
    but=optional_set(ref("company")),
    publisher=Optional(flag, False),
    other=Optional(flag, False),
)

purpose_set = record(
    PurposeSet,
    exact=optional_set(ref("purpose")),
    with_children=optional_set(ref("purpose")),
    but=optional_set(ref("purpose")),
    own=Optional(flag, False),
)


def _rows(
    documents: Iterable[str], versions: Iterable[str], **rest: object
) -> tuple[Provision, ...]:
    """One row for each version of each document the entry stands in."""
    make: Callable[..., Provision] = Provision
    dates = tuple(versions)
    return tuple(
        make(document=document, version=date, **rest) for document in documents for date in dates
    )


provision = record(
    _rows,
    number=number,
    key=key,
    documents=listing(ref("document"), least=1),
    versions=listing(key, least=1),
    active=Optional(flag, True),
    providers=party,
    recipients=party,
    categories=mapping(ref("category"), any_or(setting(ref("field")))),
    purposes=purpose_set,
    min_consent=choice(ConsentLevel),
    items=optional_list(ref("item")),
    requires=optional_list(choice(Requirement)),
    own_purpose=Optional(choice(OpeningAct), None),
    sensitive_lists=optional_set(ref("list")),
    unknown_age=Optional(flag, False),
    trace=trace,
)
