"""Lists on each engine: filters, orders, pages and counts are those of what the decision opens."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from models import lead_sql
from models.criteria import Below, Every, Listing, Sort
from models.database import Database
from models.judged import Redacted
from models.opened_sql import read_openings
from models.redacted import members_by_keys, page_of_members
from models.rows_below import rows_of_members
from models.view import ACCOUNT, Layout, Paths, View, fields_of
from tests.dice import Dice
from tests.engines import in_halves
from tests.listings import Entry, Position, conditions, listed, passes, position
from tests.made import make_tables
from tests.polls import bound, dice
from tests.random_listings import (
    Asked,
    Bound,
    comparable,
    draw_filter,
    draw_listing,
    draw_order,
    nulls,
)
from tests.say import Say
from tests.scenes import ASKED, CHILDREN, MEMBERS, Scene, settled

pytestmark = pytest.mark.anyio

Row = Sequence[Any]
Seen = Counter[str]
Pairs = Sequence[tuple[str, str]]
"""Who asks, and for which purpose."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


@pytest.mark.parametrize(
    ("database_url", "asked"), in_halves(ASKED, {"postgresql"}), indirect=["database_url"]
)
async def test_a_page_of_members_is_that_of_what_the_decision_opens(
    database: Database, asked: Pairs, say: Say
) -> None:
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database, asked):
        throws = dice("members", seen["pages"])
        for _ in range(10):
            await check_members(connection, scene, throws, seen)
    report(database, seen, say)
    assert seen["entries"] > 60
    assert min(seen[each] for each in ("cut", "ordered", "positions", "with rows met")) > 1


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


@pytest.mark.parametrize(
    ("database_url", "asked"), in_halves(ASKED, {"sqlite"}), indirect=["database_url"]
)
async def test_a_page_of_rows_is_that_of_what_the_decision_opens(
    database: Database, asked: Pairs, say: Say
) -> None:
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database, asked):
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


@pytest.mark.parametrize(
    ("database_url", "asked"), in_halves(ASKED, {"sqlite"}), indirect=["database_url"]
)
@pytest.mark.parametrize("few", [lead_sql.FEW, 3], ids=["few", "many"])
async def test_pages_walked_either_way_give_each_member_once(
    database: Database, asked: Pairs, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Also where the members that an index leads to are too many to be looked at one by one."""
    monkeypatch.setattr(lead_sql, "FEW", few)
    walked = 0
    async for settled_scene, connection in settled(database, asked):
        scene = replace(settled_scene, view=another(settled_scene.view, few))
        throws = dice("walks", walked)
        for backward in (False, True):
            operands = Bound()
            where = (
                draw_filter(throws, ACCOUNT, CHILDREN, operands) if throws.mostly(1) else Every()
            )
            listing = Listing(where, draw_order(throws, ACCOUNT), backward=backward)
            page = Asked(listing, None, None)
            found = await walk(connection, scene, page, operands, throws.pick(2, 4))
            expected = entries_of(scene.visible, page, operands)
            assert found == keys_of(expected), page
            walked += len(found)
        page, operands = Asked(Listing(), None, None), Bound()
        statement = page_of_members(scene.view, (), (), page.listing, (), True)
        layout, rows = await read(connection, scene, statement, page, operands, limit=0)
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
