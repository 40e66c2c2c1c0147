"""Random members by the dozen, with rows in every table, written as their events fold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import path_of
from models.projection import rows_of, write
from models.provenance import KEEPER
from models.tables import CONTRACT, METADATA, RELATIONS, fact_column
from models.types import Instant, Words
from models.views import VIEWS
from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.facts import MemberFacts, ValueFacts
from policy.standing import fold
from policy.vocabulary import FOREVER, LinkState, RowFact
from tests.dice import Dice
from tests.random_companies import GROUP
from tests.random_dates import FIRST, INSTANTS
from tests.random_members import draw_history, draw_value, kinds_of

ROWS = 2
"""Of each relation, per member."""

WORDS = {
    "gender": "OTHER",
    "inferred_gender": "OTHER",
    "age_band": "FORTIES",
    "inferred_age_band": "FORTIES",
    "ekyc_status": "VERIFIED",
}
"""Columns that take the words of an enum alone."""

VIEWED = {str(view.info["relation"]) for view in VIEWS.tables.values()}
"""Relations without rows of their own: what happened is what they show."""

ACQUIRERS = (*GROUP, "rakuten_group", "ichiba", "ssi")
"""Who mostly acquired them, in random catalogues or in the real one."""


@dataclass(frozen=True)
class Stored:
    """One row of one member, with the facts that the rule reads of it."""

    member: str
    relation: str
    key: str
    value: ValueFacts
    shown: Mapping[str, object] | None = None
    """Of a view's row, the personal columns, as the events say them."""


@dataclass(frozen=True)
class Population:
    """Members and their rows, with all that happened to them up to `now`."""

    catalogue: Catalogue
    now: datetime
    events: Mapping[str, Sequence[Event]]
    rows: Sequence[Stored]


def draw_population(dice: Dice, catalogue: Catalogue, members: int) -> Population:
    """So many members with an account and rows; one in ten without any event."""
    now = dice.pick(*INSTANTS[6:])
    keys = [f"m{number}" for number in range(members)]
    events = {key: draw_past(dice, catalogue, key, now) for key in keys}
    rows = [row for key in keys for row in draw_rows(dice, catalogue, key)]
    if catalogue.relations.keys() >= VIEWED:
        rows += [row for key in keys for row in viewed(key, fold(events[key], now, catalogue))]
    return Population(catalogue, now, events, rows)


def draw_past(dice: Dice, catalogue: Catalogue, member: str, now: datetime) -> Sequence[Event]:
    history = draw_history(dice, catalogue) if dice.mostly(9) else ()
    if history and not dice.mostly(4):
        history = (*history, Event(EventKind.ACCOUNT_CLOSED, now))
    return [
        replace(event, account_id=event.account_id and f"{event.company}-{member}")
        for event in history
        if event.at <= now
    ]


def draw_rows(dice: Dice, catalogue: Catalogue, member: str) -> list[Stored]:
    """The account, and two rows of each relation that is written as rows."""
    rows = []
    for name in sorted(RELATIONS.keys() - VIEWED & catalogue.relations.keys()):
        for number in range(ROWS if name else 1):
            value = draw_value(dice, catalogue, catalogue.relations[name], ACQUIRERS)
            key = f"{name}-{member}-{number}" if name else member
            if value.contract:
                value = replace(value, contract=replace(value.contract, no=key))
            rows.append(Stored(member, name, key, value))
    return rows


def viewed(member: str, facts: MemberFacts) -> Iterator[Stored]:
    """The rows that show the member's standing links, and the latest wishes about mail."""
    for company, link in facts.links.items():
        if link.linked_at:
            value = ValueFacts(KEEPER, row_company=company)
            cells: dict[str, object] = {
                "company": company,
                "account_id": link.account_id,
                "linked_at": link.linked_at,
            }
            yield Stored(member, "linkedCompanies", f"{member}/{company}", value, cells)
    for sender, wish in facts.mail.items():
        value = ValueFacts(KEEPER, row_company=sender)
        cells = {"sender": sender, "wanted": wish.wanted}
        yield Stored(member, "mailPreferences", f"{member}/{sender}", value, cells)


async def settle(connection: AsyncConnection, population: Population) -> None:
    """Replace whoever lives in the database by this population."""
    for table in METADATA.sorted_tables:
        await connection.execute(delete(table))
    catalogue, now = population.catalogue, population.now
    folded = {key: fold(past, now, catalogue) for key, past in population.events.items()}
    standing = {key: rows_of(key, member, 1, catalogue) for key, member in folded.items()}
    await write(connection, standing)
    for name in RELATIONS.keys() - VIEWED:
        rows = [columns_of(catalogue, row) for row in population.rows if row.relation == name]
        await fill(connection, RELATIONS[name], rows)
    contracts = [contract_of(row) for row in population.rows if row.value.contract]
    await fill(connection, CONTRACT, contracts)


async def fill(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    if rows:
        await connection.execute(insert(table), rows)


def contract_of(row: Stored) -> dict[str, Any]:
    """The contract's row; where there is none, one of the same number at another company."""
    contract = row.value.contract
    assert contract is not None
    known = contract.lapse_at is not None
    return {
        "member_key": row.member,
        "company": row.value.acquired_by if known else "another",
        "no": contract.no,
        "lapse_at": contract.lapse_at or FOREVER,
    }


def columns_of(catalogue: Catalogue, row: Stored) -> dict[str, Any]:
    """Every column of the row: something in each personal one, and the facts of its value."""
    table = RELATIONS[row.relation]
    if row.shown is not None:
        return {**row.shown}
    columns = {c.name: something(c) for c in table.columns if path_of(c)}
    if not row.relation:
        return {"member_key": row.member, **columns}
    said = {
        RowFact.SERVICE: row.value.service,
        RowFact.CONTRACT: row.value.contract and row.value.contract.no,
        RowFact.MERCHANT: row.value.merchant,
        RowFact.KIND: kind_of(catalogue, row.value),
        RowFact.ACQUISITION_CONSENT: row.value.acquisition_consent_at or FOREVER,
        RowFact.RETENTION: row.value.retention_until,
        RowFact.LINK_STATE: LinkState.LINKED if row.value.linked else LinkState.ANONYMOUS,
        RowFact.SCREENED: row.value.screened,
        RowFact.ROW_COMPANY: row.value.row_company,
    }
    for fact in catalogue.relations[row.relation].facts:
        column = fact_column(row.relation, fact)
        columns[column.name] = "" if said[fact] is None and not column.nullable else said[fact]
    if row.relation == "orders":
        columns["at"] = row.value.placed_at
    return {
        "row_key": row.key,
        "member_key": row.member,
        "acquired_by": row.value.acquired_by,
        "source": "MEMBER",
        "channel": "WEB",
        "acquired_at": FIRST,
        **columns,
    }


def kind_of(catalogue: Catalogue, value: ValueFacts) -> str | None:
    """A kind that exactly the value's lists name; none at all reads as one that no list names."""
    for kind in sorted(kinds_of(catalogue)):
        lists = {key for key, every in catalogue.sensitive_lists.items() if kind in every.kinds}
        if lists == value.lists:
            return kind if lists else None
    raise AssertionError(value)


def something(column: Column[Any]) -> object:
    """A value that the column takes, never null."""
    if column.name in WORDS:
        return WORDS[column.name]
    match column.type:
        case Instant():
            return FIRST
        case Words():
            return ["x"]
        case Boolean():
            return True
        case BigInteger():
            return 1
        case Date():
            return FIRST.date()
        case _:
            return "x"
