"""Random members by the dozen, with rows in every table, written as their events fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import path_of
from models.projection import rows_of, write
from models.tables import CONTRACT, METADATA, RELATIONS, SCHEMA_STAMP, fact_column
from models.types import Instant, Words
from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.facts import ValueFacts
from policy.standing import fold
from policy.vocabulary import FOREVER, RowFact
from tests.dice import Dice
from tests.random_companies import GROUP
from tests.random_dates import FIRST, INSTANTS
from tests.random_members import draw_history, draw_value, kinds_of

ROWS = 2
"""Of each relation, per member."""

WORDS = {"gender": "OTHER", "ekyc_status": "VERIFIED"}
"""Columns that take the words of an enum alone."""

ACQUIRERS = (*GROUP, "rakuten_group", "ichiba", "ssi")
"""Who mostly acquired them, in random catalogues or in the real one."""


@dataclass(frozen=True)
class Stored:
    """One row of one member, with the facts that the rule reads of it."""

    member: str
    relation: str
    key: str
    value: ValueFacts


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
    """The account, and two rows of each relation that has a table."""
    rows = []
    for name in RELATIONS:
        for number in range(ROWS if name else 1):
            value = draw_value(dice, catalogue, catalogue.relations[name], ACQUIRERS)
            key = f"{name}-{member}-{number}" if name else member
            if value.contract:
                value = replace(value, contract=replace(value.contract, no=key))
            rows.append(Stored(member, name, key, value))
    return rows


async def settle(connection: AsyncConnection, population: Population) -> None:
    """Replace whoever lives in the database by this population."""
    for table in METADATA.sorted_tables:
        if table is not SCHEMA_STAMP:
            await connection.execute(delete(table))
    catalogue, now = population.catalogue, population.now
    folded = {key: fold(past, now, catalogue) for key, past in population.events.items()}
    standing = {key: rows_of(key, member, 1, catalogue) for key, member in folded.items()}
    await write(connection, standing)
    for name, table in RELATIONS.items():
        rows = [columns_of(catalogue, row) for row in population.rows if row.relation == name]
        await fill(connection, table, rows)
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
    }
    for fact in catalogue.relations[row.relation].facts:
        column = fact_column(row.relation, fact)
        columns[column.name] = said[fact] if column.nullable else said[fact] or ""
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
        case BigInteger():
            return 1
        case Date():
            return FIRST.date()
        case _:
            return "x"
