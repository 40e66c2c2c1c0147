"""Lists on each engine: filters, orders, pages and counts are those of what the decision opens."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models import lead_sql
from models.columns import fact_of, path_of
from models.criteria import Below, Every, Listing, Sort
from models.database import Database
from models.judged import Redacted
from models.opened_sql import read_openings
from models.redacted import members_by_keys, page_of_members
from models.rows_below import rows_of_members
from models.tables import RELATIONS
from models.view import ACCOUNT, Layout, Paths, View, fields_of
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ValueFacts
from policy.grant import Grants
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import FOREVER, AgeGroup
from tests.dice import Dice
from tests.listings import Entry, Position, conditions, listed, passes, position
from tests.polls import Poll, asker_of, bound, dice
from tests.populations import Population, Stored, columns_of, settle, viewed
from tests.random_listings import (
    Asked,
    Bound,
    comparable,
    domain,
    draw_filter,
    draw_listing,
    draw_order,
    nulls,
)
from tests.random_members import draw_value
from tests.real import CATALOGUE
from tests.say import Say

pytestmark = pytest.mark.anyio

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
    ("shop_tea", "merchant_fulfil"),
)
"""Who asks, and for which purpose."""

Values = Mapping[str, Any]
"""Column → what stands there."""
Row = Sequence[Any]
Seen = Counter[str]


@dataclass(frozen=True)
class Scene:
    """A population with many kinds of values, and what one question opens of it."""

    population: Population
    values: Mapping[tuple[str, str], Values]
    poll: Poll
    view: View
    visible: Sequence[Entry]


@cache
def scenes() -> Sequence[Scene]:
    """What each question opens of each population; once for both engines."""
    return [scene_of(dice(asked[0], 0), *asked) for asked in ASKED]


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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await opened.create_tables()
        yield opened


async def settled(database: Database) -> AsyncIterator[tuple[Scene, AsyncConnection]]:
    for scene in scenes():
        async with database.write() as connection:
            await settle(connection, scene.population)
            await give(connection, scene)
        async with database.read() as connection:
            yield scene, connection


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


async def test_a_page_of_members_is_that_of_what_the_decision_opens(
    database: Database, say: Say
) -> None:
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database):
        throws = dice("members", seen["pages"])
        for _ in range(10):
            await check_members(connection, scene, throws, seen)
    report(database, seen, say)
    assert seen["entries"] > 60
    assert min(seen[each] for each in ("cut", "ordered", "positions", "with rows met")) > 5


async def check_members(
    connection: AsyncConnection, scene: Scene, throws: Dice, seen: Seen
) -> None:
    operands, keys = Bound(), [entry.key for entry in scene.visible]
    asked = draw_listing(throws, ACCOUNT, CHILDREN, keys, operands)
    where, order = asked.listing.where, asked.listing.order
    counted = {child: draw_filter(throws, child, (), operands, 1) for child in CHILDREN[:2]}
    below = tuple(Below(child, its) for child, its in counted.items())
    used = throws.some(comparable(ACCOUNT), most=2, least=0)
    whole, limit = throws.mostly(1), throws.pick(0, 1, 3, 100)
    statement = page_of_members(scene.view, ("fullName",), below, asked.listing, used, whole)
    layout, found = await read(connection, scene, statement, asked, operands, limit=limit)
    if whole:
        total = sum(passes(each, where, operands.values) for each in scene.visible)
        assert {layout.of(row, "total") for row in found} == {total}, asked
        found = [row for row in found if layout.of(row, "member_key") is not None]
    expected = entries_of(scene.visible, asked, operands)
    assert [layout.of(row, "member_key") for row in found] == keys_of(expected[:limit]), asked
    for row, entry in zip(found, expected, strict=False):
        check_cells(scene, layout, row, entry, ("fullName",), (*used, *paths_of(order)))
        check_order(layout, row, entry, asked)
        for number, (child, its) in enumerate(counted.items()):
            passing = [each for each in entry.rows[child] if passes(each, its, operands.values)]
            assert layout.of(row, f"total {number}") == len(passing), asked
            check_openings(layout.of(row, f"counted {number}"), entry.rows[child])
        for number, some in enumerate(conditions(where)):
            met = entry.rows[some.relation]
            check_openings(layout.of(row, f"some {number}"), met)
            seen["with rows met"] += bool(met)
    tell(seen, asked, found, expected)


def check_openings(text: Any, rows: Sequence[Entry]) -> None:
    """Each of the rows was looked at, by something that opens it."""
    found = {opened.provision for opened in read_openings(text)}
    assert bool(found) == bool(rows)
    assert found <= {number for row in rows for number in row.openers}
    assert all(found & set(row.openers) for row in rows)


async def test_a_page_of_rows_is_that_of_what_the_decision_opens(
    database: Database, say: Say
) -> None:
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database):
        throws = dice("rows", seen["pages"])
        for relation in CHILDREN:
            for _ in range(3):
                await check_rows(connection, scene, relation, throws, seen)
    report(database, seen, say)
    assert seen["entries"] > 100
    assert min(seen[each] for each in ("cut", "ordered", "positions")) > 10


async def check_rows(
    connection: AsyncConnection, scene: Scene, relation: str, throws: Dice, seen: Seen
) -> None:
    operands, keys = Bound(), [f"{relation}-m{number}-1" for number in range(MEMBERS)]
    asked = draw_listing(throws, relation, (), keys, operands)
    used = throws.some(comparable(relation), most=2, least=0)
    paths, limit = fields_of(relation)[:2], throws.pick(1, 2, 100)
    statement = rows_of_members(scene.view, relation, paths, asked.listing, used)
    members = sorted(scene.poll.members)
    binds = {"members": members, "limit": limit}
    layout, found = await read(connection, scene, statement, asked, operands, **binds)
    visible = {entry.key: entry for entry in scene.visible}
    for member in members:
        rows = visible[member].rows[relation] if member in visible else []
        expected = entries_of(rows, asked, operands)
        shown = [row for row in found if layout.of(row, "member_key") == member]
        assert [layout.of(row, "row_key") for row in shown] == keys_of(expected[:limit]), asked
        for row, entry in zip(shown, expected, strict=False):
            check_cells(scene, layout, row, entry, paths, (*used, *paths_of(asked.listing.order)))
            check_order(layout, row, entry, asked)
        tell(seen, asked, shown, expected)


@pytest.mark.parametrize("few", [lead_sql.FEW, 3], ids=["few", "many"])
async def test_pages_walked_either_way_give_each_member_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Also where the members that an index leads to are too many to be looked at one by one."""
    monkeypatch.setattr(lead_sql, "FEW", few)
    walked = 0
    async for settled_scene, connection in settled(database):
        scene = replace(settled_scene, view=another(settled_scene.view, few))
        throws = dice("walks", walked)
        for backward in (False, True):
            operands = Bound()
            where = (
                draw_filter(throws, ACCOUNT, CHILDREN, operands) if throws.mostly(1) else Every()
            )
            listing = Listing(where, draw_order(throws, ACCOUNT), backward=backward)
            asked = Asked(listing, None, None)
            found = await walk(connection, scene, asked, operands, throws.pick(2, 4))
            expected = entries_of(scene.visible, asked, operands)
            assert found == keys_of(expected), asked
            walked += len(found)
        asked, operands = Asked(Listing(), None, None), Bound()
        statement = page_of_members(scene.view, (), (), asked.listing, (), True)
        layout, rows = await read(connection, scene, statement, asked, operands, limit=0)
        assert [layout.of(row, "total") for row in rows] == [len(scene.visible)]
    assert walked > 40


def another(view: View, number: int) -> View:
    """The same eyes, for which no statement has been made yet."""
    return replace(view, at=view.at + timedelta(microseconds=number))


async def walk(
    connection: AsyncConnection, scene: Scene, asked: Asked, operands: Bound, size: int
) -> Sequence[object]:
    """Page by page, each from where the last one ended, as its tuples say."""
    found: list[object] = []
    while True:
        statement = page_of_members(scene.view, (), (), asked.listing)
        layout, rows = await read(connection, scene, statement, asked, operands, limit=size)
        found += [layout.of(row, "member_key") for row in rows]
        if len(rows) < size:
            return found
        numbers = range(len(asked.listing.order))
        end = tuple(layout.of(rows[-1], f"by {number}") for number in numbers)
        place = Position(end, str(found[-1]))
        if asked.listing.backward:
            asked = Asked(replace(asked.listing, before=nulls(place)), None, place)
        else:
            asked = Asked(replace(asked.listing, after=nulls(place)), place, None)


async def test_members_are_fetched_by_their_keys(database: Database) -> None:
    async for scene, connection in settled(database):
        asked, keys = Asked(Listing(), None, None), [*scene.poll.members, "unknown"]
        statement = members_by_keys(scene.view, ("fullName",))
        layout, rows = await read(connection, scene, statement, asked, Bound(), members=keys)
        assert [layout.of(row, "member_key") for row in rows] == sorted(keys_of(scene.visible))
        by_key = {entry.key: entry for entry in scene.visible}
        for row in rows:
            entry = by_key[str(layout.of(row, "member_key"))]
            assert layout.of(row, "fullName") == entry.values.get("fullName")


def check_cells(  # noqa: PLR0913, PLR0917 (a row, held against an entry)
    scene: Scene, layout: Layout, row: Row, entry: Entry, paths: Paths, used: Paths
) -> None:
    for path in paths:
        assert layout.of(row, path) == entry.values.get(path)
    for path in (*paths, *used):
        number = layout.of(row, f"why {scene.view.grants.access_class(path)}")
        assert number == entry.opened_by[path]


def check_order(layout: Layout, row: Row, entry: Entry, asked: Asked) -> None:
    order = asked.listing.order
    by = tuple(layout.of(row, f"by {number}") for number in range(len(order)))
    assert by == position(entry, order).values, asked


def entries_of(entries: Sequence[Entry], asked: Asked, operands: Bound) -> Sequence[Entry]:
    return listed(entries, asked.listing, operands.values, asked.after, asked.before)


def keys_of(entries: Sequence[Entry]) -> Sequence[str]:
    return [entry.key for entry in entries]


def paths_of(order: Sequence[Sort]) -> Paths:
    return tuple(sort.path for sort in order)


async def read(
    connection: AsyncConnection,
    scene: Scene,
    statement: Redacted,
    asked: Asked,
    operands: Bound,
    **more: object,
) -> tuple[Layout, Sequence[Row]]:
    binds = {**operands.values, **asked.binds, **more}
    rows = await connection.execute(statement.main, bound(scene.poll.question, **binds))
    return statement.layout, [tuple(row) for row in rows]


def tell(seen: Seen, asked: Asked, found: Sequence[Row], expected: Sequence[Entry]) -> None:
    seen["pages"] += 1
    seen["entries"] += len(found)
    seen["cut"] += 0 < len(found) < len(expected)
    seen["ordered"] += bool(asked.listing.order) and len(found) > 1
    seen["positions"] += asked.after is not None and bool(found)


def report(database: Database, seen: Seen, say: Say) -> None:
    say(f"{database.dialect}: {dict(seen)}")
