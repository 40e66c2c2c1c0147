"""Populations with many kinds of values, and what one question opens of each."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.columns import fact_of, path_of
from models.database import Database
from models.tables import RELATIONS
from models.view import ACCOUNT, View, fields_of
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ValueFacts
from policy.grant import Grants
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import FOREVER, AgeGroup
from tests.dice import Dice
from tests.listings import Entry
from tests.polls import Poll, asker_of, dice
from tests.populations import Population, Stored, columns_of, settle, viewed
from tests.random_listings import (
    comparable,
    domain,
)
from tests.random_members import draw_value
from tests.real import CATALOGUE

MEMBERS = 16
CHILDREN = ("orders", "customerRecords", "insurancePolicies", "linkedCompanies")
GRANTS = Grants(CATALOGUE)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
THEN = NOW - timedelta(days=300)
ASKED = (
    ("rakuten_group", "service_provision"),
    ("ichiba", "service_provision"),
    ("card", "own:card:marketing"),
    ("ssi", "policy_servicing"),
    ("bank", "own:bank:service"),
    ("ssi", "own:ssi:service"),
    ("shop_tea", "merchant_fulfil"),
)
"""Who asks, and for which purpose."""

Values = Mapping[str, Any]
"""Column → what stands there."""


@dataclass(frozen=True)
class Scene:
    """A population with many kinds of values, and what one question opens of it."""

    population: Population
    values: Mapping[tuple[str, str], Values]
    poll: Poll
    view: View
    visible: Sequence[Entry]


@cache
def scene(company: str, purpose: str) -> Scene:
    """What this question opens of a population; once for both engines."""
    return scene_of(dice(company, 0), company, purpose)


def draw_members(throws: Dice, company: str) -> Population:
    """Members who mostly agree and link their accounts, with rows."""
    keys = [f"m{number}" for number in range(MEMBERS)]
    events = {key: [*draw_consents(throws, key)] for key in keys}
    rows = [row for key in keys for row in draw_rows(throws, company, key)]
    links = [row for key in keys for row in viewed(key, fold(events[key], NOW, CATALOGUE))]
    rows += [row for row in links if row.relation in CHILDREN]
    return Population(CATALOGUE, NOW, events, rows)


def draw_rows(throws: Dice, company: str, member: str) -> Iterator[Stored]:
    yield Stored(member, ACCOUNT, member, ValueFacts("rakuten_group"))
    for relation in CHILDREN[:3]:
        for number in range(throws.pick(0, 2, 6)):
            value = draw_value(
                throws, CATALOGUE, CATALOGUE.relations[relation], (company, "ichiba")
            )
            if throws.mostly(2):
                value = replace(value, service=None, contract=None, retention_until=FOREVER)
            if relation == "orders" and throws.mostly(1):
                value = replace(value, merchant="shop_tea", placed_at=THEN)
            key = f"{relation}-{member}-{number}"
            if value.contract:
                value = replace(value, contract=replace(value.contract, no=key))
            yield Stored(member, relation, key, value)


def draw_consents(throws: Dice, member: str) -> Iterator[Event]:
    age = AgeGroup.ADULT
    yield Event(EventKind.ACCOUNT_OPENED, THEN)
    for item in CATALOGUE.items.values():
        version = CATALOGUE.documents[item.document].versions[-1].key
        shown = Event(EventKind.PRESENTED, THEN, item=item.key, version=version)
        if throws.mostly(4):
            yield from (shown, replace(shown, kind=EventKind.GRANTED, acr=RAKUTEN_ID, age=age))
    for company in ("ichiba", "card", "life", "ssi", "bank"):
        if throws.mostly():
            account = f"{company}-{member}"
            yield Event(EventKind.LINKED, THEN, company=company, account_id=account)
            yield Event(EventKind.USED, NOW, company=company)
    if not throws.mostly(6):
        yield Event(EventKind.ACCOUNT_CLOSED, NOW)


def draw_values(throws: Dice, row: Stored) -> Values:
    """Something in each column that the rule does not read; one time in four nothing."""
    columns = columns_of(CATALOGUE, row)
    if row.shown is None:
        for column in RELATIONS[row.relation].columns:
            path = path_of(column)
            read = fact_of(column) is not None or path == "orders.at"
            if path is not None and path in comparable(row.relation) and not read:
                columns[column.name] = throws.pick(*domain(path)) if throws.mostly() else None
    return columns


def scene_of(throws: Dice, company: str, purpose: str) -> Scene:
    population = draw_members(throws, company)
    values = {(row.relation, row.key): draw_values(throws, row) for row in population.rows}
    question = Question(company, None, purpose, "fullName", NOW)
    poll = Poll(population, question, Counter())
    view = View(GRANTS, asker_of(question), purpose, NOW)
    entries = {
        (row.relation, row.key): (row, entry_of(view, poll, row, values[row.relation, row.key]))
        for row in population.rows
    }
    visible = []
    for (relation, key), (_, account) in entries.items():
        rows = {
            child: [entry for row, entry in entries.values() if is_row(row, child, key, entry)]
            for child in CHILDREN
        }
        if relation == ACCOUNT and (account.openers or any(rows.values())):
            visible.append(replace(account, rows=rows))
    return Scene(population, values, poll, view, visible)


def is_row(row: Stored, relation: str, member: str, entry: Entry) -> bool:
    return row.relation == relation and row.member == member and bool(entry.openers)


def entry_of(view: View, poll: Poll, row: Stored, values: Values) -> Entry:
    """What is open of a row, by the decision alone."""
    why = {path: poll.number(row, path) for path in view.classes(fields_of(row.relation))}
    number = {path: why[view.grants.access_class(path)] for path in fields_of(row.relation)}
    stored = {path_of(c): values.get(c.name) for c in RELATIONS[row.relation].columns}
    shown = {path: stored[path] for path, each in number.items() if each is not None}
    return Entry(row.key, {p: v for p, v in shown.items() if v is not None}, number)


async def settled(
    database: Database, asked: Iterable[tuple[str, str]] = ASKED
) -> AsyncIterator[tuple[Scene, AsyncConnection]]:
    """Each scene of those asked for in turn, in the database."""
    for each in asked:
        settling = scene(*each)
        async with database.write() as connection:
            await settle(connection, settling.population)
            await give(connection, settling)
        async with database.read() as connection:
            yield settling, connection


async def give(connection: AsyncConnection, scene: Scene) -> None:
    """Put the scene's values where its population has but one of each."""
    for relation in (ACCOUNT, *CHILDREN):
        table = RELATIONS[relation]
        rows = [row for row in scene.population.rows if row.relation == relation]
        if rows and rows[0].shown is None:
            names = [column.name for column in table.columns if path_of(column)]
            key = table.c.row_key if relation else table.c.member_key
            statement = update(table).where(key == bindparam("the_key"))
            statement = statement.values({name: bindparam(f"new_{name}") for name in names})
            changes = [(row.key, scene.values[relation, row.key]) for row in rows]
            await connection.execute(
                statement,
                [
                    {"the_key": key, **{f"new_{name}": values[name] for name in names}}
                    for key, values in changes
                ],
            )
