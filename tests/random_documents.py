"""Random documents in up to two versions, their items with bits, and their provisions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from policy.catalogue import Document, Item, Party, Provision, PurposeSet, Version
from policy.vocabulary import (
    FOREVER,
    ConsentLevel,
    ConsentMode,
    DocumentMode,
    DocumentScope,
    Group,
    Interval,
    OpeningAct,
    Reach,
    Requirement,
)
from tests.random_companies import GROUP, KINDS, NAME
from tests.random_dates import BEGIN, dates, mostly, pick, some
from tests.random_fields import CATEGORIES, CHILDREN, PATHS, TOPS

SERVICES = ("market", "express")
CONSENTING = (ConsentMode.DEEMED, ConsentMode.EXPLICIT)


def draw_documents(draw: DrawFn) -> dict[str, Document]:
    """One for the group, and some of: a company's, a service's, a notice, the insurers' own."""
    every = {
        "A": (DocumentScope.GROUP, pick(draw, *CONSENTING), "parent", None),
        "B": (DocumentScope.COMPANY, pick(draw, *CONSENTING), "ssi", None),
        "S": (DocumentScope.SERVICE, pick(draw, *CONSENTING), "parent", pick(draw, *SERVICES)),
        "N": (DocumentScope.COMPANY, ConsentMode.NOTICE, pick(draw, "shop", "ssi"), None),
        "J": (DocumentScope.INSURANCE_GROUP, ConsentMode.NOTICE, "life", None),
    }
    keys = ("A", *some(draw, tuple(every)[1:], most=3))
    return {key: draw_document(draw, key, every[key]) for key in keys}


def draw_document(
    draw: DrawFn, key: str, traits: tuple[DocumentScope, ConsentMode, str, str | None]
) -> Document:
    scope, consent, publisher, service = traits
    specific = scope in {DocumentScope.COMPANY, DocumentScope.SERVICE}
    return Document(
        key=key,
        name=NAME,
        mode=DocumentMode.REPLACE if specific and not mostly(draw, 2) else DocumentMode.SUPPLEMENT,
        scope=scope,
        consent=consent,
        publisher=publisher,
        service=service,
        requires_account_session=not mostly(draw, 2),
        companions=(),
        disadvantages=(),
        versions=draw_versions(draw),
        trace=(),
    )


def draw_versions(draw: DrawFn) -> tuple[Version, ...]:
    first = BEGIN if mostly(draw, 5) else draw(dates)
    second = FOREVER if mostly(draw, 1) else draw(dates)
    if second <= first or second == FOREVER:
        return (Version("v1", first, Interval(first), NAME, material=True),)
    return (
        Version("v1", first, Interval(first, second), NAME, material=True),
        Version("v2", second, Interval(second), NAME, material=True),
    )


def items_of(document: Document, bits: Iterator[int]) -> tuple[Item, ...]:
    """None for a notice; else an ordinary and a sensitive one."""
    if document.consent is ConsentMode.NOTICE:
        return ()
    return tuple(
        Item(
            key=f"{document.key}.{name}",
            document=document.key,
            name=NAME,
            sensitive=name == "sensitive",
            version_bits={version.key: next(bits) for version in document.versions},
            explicit_bit=next(bits),
            reach_bits={reach: next(bits) for reach in Reach},
            trace=(),
        )
        for name in ("use", "sensitive")
    )


def draw_provisions(
    draw: DrawFn, document: Document, items: Sequence[Item], numbers: Iterator[int]
) -> Iterator[Provision]:
    """Two to four rows; a second version keeps, changes, switches off or drops each of them."""
    first = document.versions[0].key
    for n in range(draw(st.integers(2, 4))):
        row = draw_provision(draw, document, first, items)
        row = replace(row, key=f"{document.key}-{n}", number=next(numbers))
        yield row
        for version in document.versions[1:]:
            if mostly(draw, 5):
                yield replace(draw_change(draw, document, row, items), version=version.key)


def draw_change(
    draw: DrawFn, document: Document, row: Provision, items: Sequence[Item]
) -> Provision:
    """The row as a newer version has it: the same, or with one part drawn anew."""
    anew = draw_provision(draw, document, row.version, items)
    part = pick(draw, None, None, "providers", "recipients", "categories", "purposes", "active")
    if part is None:
        return row
    changed = replace(row, **{part: getattr(anew, part)})
    return replace(changed, own_purpose=anew.own_purpose) if part == "purposes" else changed


def draw_provision(
    draw: DrawFn, document: Document, version: str, items: Sequence[Item]
) -> Provision:
    asked = draw_items(draw, items)
    purposes = draw_purpose_set(draw)
    acts = tuple(OpeningAct) if asked else (OpeningAct.LINK, OpeningAct.USE, OpeningAct.PUBLICATION)
    return Provision(
        number=0,
        key="",
        document=document.key,
        version=version,
        active=mostly(draw, 15),
        providers=draw_providers(draw),
        recipients=draw_recipients(draw),
        categories=draw_categories(draw),
        purposes=purposes,
        min_consent=draw_level(draw, asked),
        items=tuple(item.key for item in asked),
        requires=some(draw, tuple(Requirement), most=2) if not mostly(draw, 1) else (),
        own_purpose=pick(draw, *acts) if purposes.own else None,
        sensitive_lists=frozenset(some(draw, ("HEALTH", "OTHER"), most=2)),
        unknown_age=mostly(draw, 1),
        trace=(),
    )


def draw_items(draw: DrawFn, items: Sequence[Item]) -> tuple[Item, ...]:
    """None, either, or both in either order."""
    if not items or not mostly(draw, 5):
        return ()
    use, sensitive = items
    return pick(draw, (use,), (use,), (sensitive,), (use, sensitive), (sensitive, use))


def draw_level(draw: DrawFn, items: Sequence[Item]) -> ConsentLevel:
    if not items:
        return pick(draw, ConsentLevel.NONE, ConsentLevel.NOTICE)
    levels = [ConsentLevel.DEEMED, ConsentLevel.DEEMED, ConsentLevel.EXPLICIT]
    if items[0].sensitive:
        levels.append(ConsentLevel.EXPLICIT_SENSITIVE)
    return pick(draw, *levels)


def draw_providers(draw: DrawFn) -> Party:
    narrow = (Group.OTHERS_A, Group.GROUP_B, Group.GROUP_B_NON_INS, Group.INS_GROUP)
    wide = (Group.GROUP_A, Group.GROUP_A, Group.ADOPTERS, Group.COMPANIES)
    group = pick(draw, *wide, *narrow, Group.INS_UNDERWRITERS)
    return draw_narrowing(draw, Party(group), others=False)


def draw_recipients(draw: DrawFn) -> Party:
    group = pick(draw, *Group, Group.ITSELF, Group.OTHERS_A, Group.GROUP_A)
    return draw_narrowing(draw, Party(group), others=group is not Group.ITSELF)


def draw_narrowing(draw: DrawFn, party: Party, *, others: bool) -> Party:
    """COMPANIES named; else mostly the whole group, or narrowed in one way."""
    if party.group is Group.COMPANIES:
        return replace(party, companies=frozenset(some(draw, GROUP, most=4, least=2)))
    if mostly(draw, 2):
        return party
    kinds = frozenset(kind for key in some(draw, GROUP, most=3) for kind in KINDS[key])
    narrowings = [
        replace(party, kinds=kinds),
        replace(party, but=frozenset(some(draw, GROUP, most=2))),
        replace(party, publisher=True),
    ]
    return pick(draw, *narrowings, *([replace(party, other=True)] if others else []))


def draw_categories(draw: DrawFn) -> dict[str, frozenset[str] | None]:
    named = some(draw, CATEGORIES, most=5, least=2)
    return {
        category: None if mostly(draw, 6) else frozenset(some(draw, PATHS, most=5, least=2))
        for category in named
    }


def draw_purpose_set(draw: DrawFn) -> PurposeSet:
    with_children = frozenset(some(draw, TOPS, most=3))
    exact = frozenset(some(draw, (*CHILDREN, "managing"), most=1, least=0))
    but = frozenset() if mostly(draw, 2) else frozenset({pick(draw, *CHILDREN)})
    return PurposeSet(exact - but, with_children, but, own=not mostly(draw, 1))
