"""Random documents in up to two versions, their items with bits, and their provisions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from policy.documents import Document, Item, Party, Provision, PurposeSet, Version
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
from tests.dice import Dice
from tests.random_companies import GROUP, KINDS, NAME
from tests.random_dates import BEGIN, DATES
from tests.random_fields import CATEGORIES, CHILDREN, PATHS, TOPS

SERVICES = ("market", "express")
CONSENTING = (ConsentMode.DEEMED, ConsentMode.EXPLICIT)


def draw_documents(dice: Dice) -> dict[str, Document]:
    """One for the group, and some of: a company's, a service's, a notice, the insurers' own."""
    every = {
        "A": (DocumentScope.GROUP, dice.pick(*CONSENTING), "parent", None),
        "B": (DocumentScope.COMPANY, dice.pick(*CONSENTING), "ssi", None),
        "S": (DocumentScope.SERVICE, dice.pick(*CONSENTING), "parent", dice.pick(*SERVICES)),
        "N": (DocumentScope.COMPANY, ConsentMode.NOTICE, dice.pick("shop", "ssi"), None),
        "J": (DocumentScope.INSURANCE_GROUP, ConsentMode.NOTICE, "life", None),
    }
    keys = ("A", *dice.some(tuple(every)[1:], most=3))
    return {key: draw_document(dice, key, every[key]) for key in keys}


def draw_document(
    dice: Dice, key: str, traits: tuple[DocumentScope, ConsentMode, str, str | None]
) -> Document:
    scope, consent, publisher, service = traits
    specific = scope in {DocumentScope.COMPANY, DocumentScope.SERVICE}
    return Document(
        key=key,
        name=NAME,
        mode=DocumentMode.REPLACE if specific and not dice.mostly(2) else DocumentMode.SUPPLEMENT,
        scope=scope,
        consent=consent,
        publisher=publisher,
        service=service,
        requires_account_session=not dice.mostly(2),
        companions=(),
        disadvantages=(),
        versions=draw_versions(dice),
        trace=(),
    )


def draw_versions(dice: Dice) -> tuple[Version, ...]:
    first = BEGIN if dice.mostly(5) else dice.pick(*DATES)
    second = FOREVER if dice.mostly(1) else dice.pick(*DATES)
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
    dice: Dice, document: Document, items: Mapping[str, Item], numbers: Iterator[int]
) -> Iterator[Provision]:
    """Two to four rows; a second version keeps, changes, switches off or drops each of them."""
    first = document.versions[0].key
    own = [item for item in items.values() if item.document == document.key]
    for n in range(2 + dice.below(3)):
        row = draw_provision(dice, document, first, own)
        row = row if dice.mostly() else retention(dice, row)
        row = replace(row, key=f"{document.key}-{n}", number=next(numbers))
        yield row
        for version in document.versions[1:]:
            if dice.mostly(5):
                yield replace(draw_change(dice, document, row, own), version=version.key)


def draw_change(dice: Dice, document: Document, row: Provision, items: Sequence[Item]) -> Provision:
    """The row as a newer version has it: the same, or with one part drawn anew."""
    anew = draw_provision(dice, document, row.version, items)
    part = dice.pick(None, None, *CHANGEABLE)
    if part is None:
        return row
    if part == "recipients" and not dice.mostly(2):
        return replace(row, recipients=Party(Group.ROW_COMPANY))
    changed = replace(row, **{part: getattr(anew, part)})
    return replace(changed, own_purpose=anew.own_purpose) if part == "purposes" else changed


def retention(dice: Dice, row: Provision) -> Provision:
    """The row as one that begins with the end, for what remains (S18, S70)."""
    end = dice.pick(Requirement.MEMBER_DELETED, Requirement.CONTRACT_ENDED)
    return replace(
        row,
        recipients=Party(Group.ITSELF),
        purposes=PurposeSet(frozenset(), frozenset({"remains"}), frozenset(), own=False),
        min_consent=ConsentLevel.NOTICE,
        items=(),
        requires=(end,),
        own_purpose=None,
    )


CHANGEABLE = ("providers", "recipients", "categories", "purposes", "sensitive_lists", "active")


def draw_provision(
    dice: Dice, document: Document, version: str, items: Sequence[Item]
) -> Provision:
    asked = draw_items(dice, items)
    purposes = draw_purpose_set(dice)
    acts = tuple(OpeningAct) if asked else (OpeningAct.LINK, OpeningAct.USE, OpeningAct.PUBLICATION)
    return Provision(
        number=0,
        key="",
        document=document.key,
        version=version,
        active=dice.mostly(15),
        providers=draw_providers(dice),
        recipients=draw_recipients(dice),
        categories=draw_categories(dice),
        purposes=purposes,
        min_consent=draw_level(dice, asked),
        items=tuple(item.key for item in asked),
        requires=() if dice.mostly(2) else dice.some(tuple(Requirement), most=2),
        own_purpose=dice.pick(*acts) if purposes.own else None,
        sensitive_lists=frozenset(dice.some(("HEALTH", "OTHER"), most=2)),
        unknown_age=dice.mostly(1),
        trace=(),
    )


def draw_items(dice: Dice, items: Sequence[Item]) -> tuple[Item, ...]:
    """None, either, or both in either order."""
    if not items or not dice.mostly(5):
        return ()
    use, sensitive = items
    return dice.pick((use,), (use,), (sensitive,), (use, sensitive), (sensitive, use))


def draw_level(dice: Dice, items: Sequence[Item]) -> ConsentLevel:
    if not items:
        return dice.pick(ConsentLevel.NONE, ConsentLevel.NOTICE)
    levels = [ConsentLevel.DEEMED, ConsentLevel.DEEMED, ConsentLevel.EXPLICIT]
    if items[0].sensitive:
        levels.append(ConsentLevel.EXPLICIT_SENSITIVE)
    return dice.pick(*levels)


def draw_providers(dice: Dice) -> Party:
    narrow = (Group.OTHERS_A, Group.GROUP_B, Group.GROUP_B_NON_INS, Group.INS_GROUP)
    wide = (Group.GROUP_A, Group.GROUP_A, Group.ADOPTERS, Group.COMPANIES)
    group = dice.pick(*wide, *narrow, Group.INS_UNDERWRITERS)
    return draw_narrowing(dice, Party(group), others=False)


def draw_recipients(dice: Dice) -> Party:
    group = dice.pick(*Group, Group.ITSELF, Group.OTHERS_A, Group.GROUP_A)
    return draw_narrowing(dice, Party(group), others=group is not Group.ITSELF)


def draw_narrowing(dice: Dice, party: Party, *, others: bool) -> Party:
    """COMPANIES named; else mostly the whole group, or narrowed in one way."""
    if party.group is Group.COMPANIES:
        return replace(party, companies=frozenset(dice.some(GROUP, most=4, least=2)))
    if dice.mostly(2):
        return party
    kinds = frozenset(kind for key in dice.some(GROUP, most=3) for kind in KINDS[key])
    narrowings = [
        replace(party, kinds=kinds),
        replace(party, but=frozenset(dice.some(GROUP, most=2))),
        replace(party, publisher=True),
    ]
    return dice.pick(*narrowings, *([replace(party, other=True)] if others else []))


def draw_categories(dice: Dice) -> dict[str, frozenset[str] | None]:
    named = dice.some(CATEGORIES, most=5, least=2)
    return {
        category: None if dice.mostly(6) else frozenset(dice.some(PATHS, most=5, least=2))
        for category in named
    }


def draw_purpose_set(dice: Dice) -> PurposeSet:
    with_children = frozenset(dice.some(TOPS, most=3))
    exact = frozenset(dice.some((*CHILDREN, "managing"), most=1, least=0))
    but = frozenset() if dice.mostly(2) else frozenset({dice.pick(*CHILDREN)})
    return PurposeSet(exact - but, with_children, but, own=not dice.mostly(1))
