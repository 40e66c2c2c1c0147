"""Random worlds: a catalogue, a member's history, and questions about values of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from policy.catalogue import Catalogue, Category, Purpose
from policy.companies import Company, Service
from policy.documents import Party, Provision
from policy.events import Event
from policy.facts import ValueFacts
from policy.situation import Question
from policy.vocabulary import TICK, CategoryClass, CompanyKind, Group
from tests.dice import Dice
from tests.random_companies import NAME, draw_companies, draw_contracts, draw_successions
from tests.random_dates import BEGIN, INSTANTS
from tests.random_documents import SERVICES, draw_documents, draw_provisions, items_of
from tests.random_fields import (
    CATEGORIES,
    PATHS,
    draw_field,
    draw_list,
    draw_purposes,
    draw_relations,
)
from tests.random_members import draw_history, draw_value

THROWS = 2560
"""Enough for a catalogue, a history and forty questions."""

LAST = INSTANTS[-1] + timedelta(days=900)


@dataclass(frozen=True)
class Ask:
    """One question about one value."""

    question: Question
    value: ValueFacts


@dataclass(frozen=True)
class World:
    """A catalogue, one member's events in the order of recording, and what is asked of them."""

    catalogue: Catalogue
    events: tuple[Event, ...]
    asks: tuple[Ask, ...]


def worlds(catalogue: Catalogue | None = None, asks: int = 30) -> SearchStrategy[World]:
    """Worlds of this catalogue, or each of a random one."""
    throws = st.binary(min_size=THROWS, max_size=THROWS)
    return throws.map(lambda throws: draw_world(Dice(throws), catalogue, asks))


def draw_world(dice: Dice, catalogue: Catalogue | None, asks: int) -> World:
    chosen = catalogue or draw_catalogue(dice)
    events = draw_history(dice, chosen)
    return World(chosen, events, tuple(draw_ask(dice, chosen) for _ in range(asks)))


def draw_catalogue(dice: Dice) -> Catalogue:
    """Seven companies, ten fields, sixteen purposes, two to four documents: consistent ones."""
    documents = draw_documents(dice)
    purposes = {purpose.key: purpose for purpose in draw_purposes(dice)}
    bits, numbers = count(), count(1)
    items = {item.key: item for d in documents.values() for item in items_of(d, bits)}
    return Catalogue(
        version="random",
        companies=draw_companies(dice, documents),
        services={key: Service(key, "parent", "main", NAME, ()) for key in SERVICES},
        categories={
            key: Category(key, NAME, CategoryClass.ORDINARY, None, ()) for key in CATEGORIES
        },
        relations=draw_relations(dice),
        fields={path: draw_field(dice, path) for path in PATHS},
        sensitive_lists={key: draw_list(dice, key) for key in ("HEALTH", "OTHER")},
        purposes=purposes,
        documents=documents,
        items=items,
        provisions=tuple(
            row for d in documents.values() for row in draw_provisions(dice, d, items, numbers)
        ),
        contracts=draw_contracts(dice, PATHS, purposes),
        successions=draw_successions(dice),
        designated_countries=frozenset({"FR"}),
    )


def draw_ask(dice: Dice, catalogue: Catalogue) -> Ask:
    """A question aimed at one provision, so that it has a chance, and rarely a wild one."""
    row = dice.pick(*catalogue.provisions)
    path = draw_path(dice, catalogue, row)
    relation = catalogue.relations[catalogue.fields[path].relation]
    value = draw_value(dice, catalogue, relation, likely(catalogue, row, row.providers))
    company = draw_recipient(dice, catalogue, row, value)
    purpose = draw_purpose(dice, catalogue, row, company)
    at = dice.pick(*moments(catalogue))
    if not dice.mostly(15):
        purpose = dice.pick(purpose, "subject_request")
        return Ask(Question(None, None, purpose, path, at, subject_self=True), value)
    asker, on_behalf_of = draw_asker(dice, catalogue, company, purpose, path)
    return Ask(Question(asker, on_behalf_of, purpose, path, at), value)


def moments(catalogue: Catalogue) -> list[datetime]:
    """The dates in play: of members, of the catalogue, and those 365 days after members'."""
    dated = (at + step for at in catalogue.epochs if BEGIN < at < LAST for step in (-TICK, TICK))
    return [*INSTANTS[3:], *INSTANTS[6:], *INSTANTS[9:], *sorted({*dated})]


def draw_path(dice: Dice, catalogue: Catalogue, row: Provision) -> str:
    """A field of the row's categories; one time in ten any."""
    aimed = [
        path
        for path, field in catalogue.fields.items()
        if any(
            category in row.categories and path in (row.categories[category] or catalogue.fields)
            for category in field.categories
        )
    ]
    return dice.pick(*(aimed if aimed and dice.mostly(9) else list(catalogue.fields)))


def draw_recipient(dice: Dice, catalogue: Catalogue, row: Provision, value: ValueFacts) -> str:
    """A company of the row's recipients; one time in ten any."""
    moved = [m.successor for m in catalogue.successions if m.predecessor == value.acquired_by]
    match row.recipients.group:
        case Group.ITSELF:
            aimed = [value.acquired_by, *moved]
        case Group.ROW_COMPANY if value.row_company:
            aimed = [value.row_company]
        case _:
            aimed = likely(catalogue, row, row.recipients)
    return dice.pick(*(aimed if aimed and dice.mostly(9) else list(catalogue.companies)))


def likely(catalogue: Catalogue, row: Provision, party: Party) -> list[str]:
    """Companies that this party may mean at one time or another."""
    return [
        company.key
        for company in catalogue.companies.values()
        if may_belong(company, party, row.document)
        and company.key not in party.but
        and (not party.kinds or company.kind in party.kinds)
    ]


def may_belong(company: Company, party: Party, document: str) -> bool:
    match party.group:
        case Group.COMPANIES:
            return company.key in party.companies
        case Group.MERCHANTS:
            return company.kind is CompanyKind.MERCHANT
        case Group.INS_GROUP | Group.INS_UNDERWRITERS:
            return bool(company.insurance_group)
        case Group.ADOPTERS:
            return document in company.adopts
        case _:
            return bool(company.ties)


def draw_purpose(dice: Dice, catalogue: Catalogue, row: Provision, company: str) -> str:
    """A purpose of the row for this company; one time in ten any, at times an unknown one."""
    aimed = [key for key, p in catalogue.purposes.items() if listed(row, p, company)]
    if aimed and dice.mostly(9):
        return dice.pick(*aimed)
    return dice.pick(*catalogue.purposes) if dice.mostly(9) else "unregistered"


def listed(row: Provision, purpose: Purpose, company: str) -> bool:
    if purpose.owner is not None:
        return row.purposes.own and purpose.owner == company
    families = {purpose.key, purpose.parent} & row.purposes.with_children
    return bool(families) or purpose.key in row.purposes.exact


def draw_asker(
    dice: Dice, catalogue: Catalogue, company: str, purpose: str, path: str
) -> tuple[str, str | None]:
    """The company itself, or a processor for it; rarely somebody who may not act so."""
    mandates = [
        contract.processor
        for contract in catalogue.contracts
        if contract.controller == company
        and (purpose in contract.purposes or not dice.mostly(7))
        and (path in contract.fields or not dice.mostly(7))
    ]
    if mandates and dice.mostly(1):
        return dice.pick(*mandates), company
    if dice.mostly(29):
        return company, None
    return dice.pick((company, "parent"), ("nobody", None), (company, company))
