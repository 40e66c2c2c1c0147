"""Random worlds: a catalogue, a member's history, and questions about values of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from policy.catalogue import Catalogue, Category, Company, Party, Provision, Purpose, Service
from policy.events import Event
from policy.facts import ValueFacts
from policy.situation import Question
from policy.vocabulary import TICK, CategoryClass, CompanyKind, Group
from tests.random_companies import NAME, draw_companies, draw_contracts, draw_successions
from tests.random_dates import BEGIN, INSTANTS, mostly, pick
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


@st.composite
def worlds(draw: DrawFn, catalogue: Catalogue | None = None, asks: int = 25) -> World:
    """A world of this catalogue, or of a random one."""
    chosen = catalogue or draw_catalogue(draw)
    events = draw_history(draw, chosen)
    return World(chosen, events, tuple(draw_ask(draw, chosen) for _ in range(asks)))


def draw_catalogue(draw: DrawFn) -> Catalogue:
    """Seven companies, ten fields, sixteen purposes, two to four documents: consistent ones."""
    documents = draw_documents(draw)
    purposes = {purpose.key: purpose for purpose in draw_purposes(draw)}
    bits, numbers = count(), count(1)
    items = {item.key: item for d in documents.values() for item in items_of(d, bits)}
    return Catalogue(
        version="random",
        companies=draw_companies(draw, documents),
        services={key: Service(key, "parent", "main", NAME, ()) for key in SERVICES},
        categories={
            key: Category(key, NAME, CategoryClass.ORDINARY, None, ()) for key in CATEGORIES
        },
        relations=draw_relations(draw),
        fields={path: draw_field(draw, path) for path in PATHS},
        sensitive_lists={key: draw_list(draw, key) for key in ("HEALTH", "OTHER")},
        purposes=purposes,
        documents=documents,
        items=items,
        provisions=tuple(
            row
            for d in documents.values()
            for row in draw_provisions(
                draw, d, [item for item in items.values() if item.document == d.key], numbers
            )
        ),
        contracts=draw_contracts(draw, PATHS, purposes),
        successions=draw_successions(draw),
        designated_countries=frozenset({"FR"}),
    )


def draw_ask(draw: DrawFn, catalogue: Catalogue) -> Ask:
    """A question aimed at one provision, so that it has a chance, and rarely a wild one."""
    row = pick(draw, *catalogue.provisions)
    path = draw_path(draw, catalogue, row)
    relation = catalogue.relations[catalogue.fields[path].relation]
    value = draw_value(draw, catalogue, relation, likely(catalogue, row, row.providers))
    company = draw_recipient(draw, catalogue, row, value)
    purpose = draw_purpose(draw, catalogue, row, company)
    at = pick(draw, *moments(catalogue))
    if not mostly(draw, 15):
        purpose = pick(draw, purpose, "subject_request")
        return Ask(Question(None, None, purpose, path, at, subject_self=True), value)
    asker, on_behalf_of = draw_asker(draw, catalogue, company)
    return Ask(Question(asker, on_behalf_of, purpose, path, at), value)


def moments(catalogue: Catalogue) -> list[datetime]:
    """The dates in play: of members, of the catalogue, and those 365 days after members'."""
    dated = (at + step for at in catalogue.epochs if BEGIN < at < LAST for step in (-TICK, TICK))
    return [*INSTANTS[3:], *INSTANTS[3:], *sorted({*dated})]


def draw_path(draw: DrawFn, catalogue: Catalogue, row: Provision) -> str:
    """A field of the row's categories; one time in ten any."""
    aimed = [
        path
        for path, field in catalogue.fields.items()
        if any(
            category in row.categories and path in (row.categories[category] or catalogue.fields)
            for category in field.categories
        )
    ]
    return pick(draw, *(aimed if aimed and mostly(draw, 9) else list(catalogue.fields)))


def draw_recipient(draw: DrawFn, catalogue: Catalogue, row: Provision, value: ValueFacts) -> str:
    """A company of the row's recipients; one time in ten any."""
    moved = [m.successor for m in catalogue.successions if m.predecessor == value.acquired_by]
    match row.recipients.group:
        case Group.ITSELF:
            aimed = [value.acquired_by, *moved]
        case Group.ROW_COMPANY if value.row_company:
            aimed = [value.row_company]
        case _:
            aimed = likely(catalogue, row, row.recipients)
    return pick(draw, *(aimed if aimed and mostly(draw, 9) else list(catalogue.companies)))


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


def draw_purpose(draw: DrawFn, catalogue: Catalogue, row: Provision, company: str) -> str:
    """A purpose of the row for this company; one time in ten any, at times an unknown one."""
    aimed = [key for key, p in catalogue.purposes.items() if listed(row, p, company)]
    if aimed and mostly(draw, 9):
        return pick(draw, *aimed)
    return pick(draw, *catalogue.purposes) if mostly(draw, 5) else "unregistered"


def listed(row: Provision, purpose: Purpose, company: str) -> bool:
    if purpose.owner is not None:
        return row.purposes.own and purpose.owner == company
    families = {purpose.key, purpose.parent} & row.purposes.with_children
    return bool(families) or purpose.key in row.purposes.exact


def draw_asker(draw: DrawFn, catalogue: Catalogue, company: str) -> tuple[str, str | None]:
    """The company itself, or a processor for it; rarely somebody who may not act so."""
    mandates = [c.processor for c in catalogue.contracts if c.controller == company]
    if mandates and not mostly(draw, 2):
        return pick(draw, *mandates), company
    if mostly(draw, 19):
        return company, None
    return pick(draw, (company, "parent"), ("nobody", None), (company, company))
