"""Members read on the driver itself: the same rows, in one snapshot, on a connection that lasts."""

import asyncio
import os
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from traceback import format_exception
from typing import Any
from unittest.mock import patch

import pytest
from asyncpg import ConnectionDoesNotExistError
from sqlalchemy import insert, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import rows_below, tables
from models.catalogue_store import Live, StoredCatalogue, store
from models.condition_sql import parameters
from models.criteria import Below, Listing, RowsBelow
from models.database import Database
from models.engines import parse_url
from models.judged import marked
from models.members_sql import RedactedMembers
from models.postgresql import connect
from models.query import Query, from_driver, query_of
from models.reader import Read, Row, read_of
from models.redacted import member_by_key, members_by_keys, page_of_members
from models.sqlite_reader import BEHIND
from models.types import microseconds
from models.view import ACCOUNT, Layout, View, fields_of
from policy.grant import Asker, Grants
from policy.vocabulary import FOREVER
from tests.dice import Dice
from tests.engines import ENGINES, in_halves
from tests.made import make_tables
from tests.polls import bound, dice
from tests.random_listings import Asked, Bound, comparable, draw_filter, draw_listing
from tests.real import CATALOGUE
from tests.say import Say
from tests.scenes import ASKED, CHILDREN, MEMBERS, Scene, settled
from tests.slow import running
from tests.sockets import SECONDS
from tests.statements import counting

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SELF = View(Grants(CATALOGUE), Asker(None, subject_self=True), "subject_request", NOW)
Values = Mapping[str, object]
Pairs = Sequence[tuple[str, str]]
"""Who asks, and for which purpose."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url, connections=2) as opened:
        await make_tables(opened)
        yield opened


@pytest.mark.parametrize(
    ("database_url", "asked"), in_halves(ASKED, {"postgresql"}), indirect=["database_url"]
)
async def test_the_driver_gives_what_the_statement_gives_through_sqlalchemy(
    database: Database, asked: Pairs, say: Say
) -> None:
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database, asked):
        throws = dice("reader", seen["pages"])
        for _ in range(4):
            page, values = draw_page(throws, scene)
            size = throws.pick(1, 3, 100)
            limit = dict.fromkeys(("limit", "l0_limit", "l1_limit"), size + 1)
            binds = bound(scene.poll.question, **values, **limit)
            expected = await through_sqlalchemy(connection, page, binds, size)
            read = read_of(page, database.dialect)
            answered = await database.reader.alone(read, binds, size)
            assert plain(database, read, answered.rows, size) == expected
            inside = await database.reader.within(connection, read, binds, size)
            assert plain(database, read, inside, size) == expected
            seen["pages"] += 1
            seen["members"] += len(expected)
            seen["rows"] += sum(len(rows) for _, *lists in expected for rows in lists)
    say(f"{database.dialect}: {dict(seen)}")
    assert seen["members"] > 30
    assert seen["rows"] > 30


@pytest.mark.parametrize(
    ("database_url", "asked"), in_halves(ASKED, {"postgresql"}), indirect=["database_url"]
)
async def test_one_member_is_there_whatever_it_is_that_makes_them_visible(
    database: Database, asked: Pairs, say: Say
) -> None:
    """A value that is selected, or only another, or only a row; or nothing."""
    seen: Counter[str] = Counter()
    async for scene, connection in settled(database, asked):
        lists = (RowsBelow("orders", fields_of("orders")[:2], Listing(prefix="l0_")),)
        for paths in (("fullName", "ekycStatus"), ("prefecture",), ()):
            statement = member_by_key(scene.view, paths, lists=lists)
            read = read_of(statement, database.dialect)
            for member in scene.poll.members:
                binds = bound(scene.poll.question, member=member, l0_limit=2)
                expected = await through_sqlalchemy(connection, statement, binds, 1)
                with counting() as sent:
                    found = await database.reader.alone(read, binds)
                assert plain(database, read, found.rows, 1) == expected
                seen[f"{'there' if expected else 'not'} by {len(sent)}"] += 1
    say(f"{database.dialect}: {dict(seen)}")
    if database.dialect == "postgresql":  # which has a brief statement, and lists in the same
        assert min(seen["there by 1"], seen["there by 2"], seen["not by 2"]) > 20


def draw_page(throws: Dice, scene: Scene) -> tuple[RedactedMembers, Values]:
    """A page of members with two lists below them, and what it binds."""
    operands, keys = Bound(), [entry.key for entry in scene.visible]
    page = draw_listing(throws, ACCOUNT, CHILDREN, keys, operands)
    if throws.mostly(1):
        page = Asked(Listing(), None, None)
    values, lists = dict(page.binds), []
    for number, relation in enumerate(throws.some(CHILDREN, most=2, least=2)):
        rows = [f"{relation}-m{each}-1" for each in range(MEMBERS)]
        asked = draw_listing(throws, relation, (), rows, operands)
        if throws.mostly(1):
            asked = Asked(Listing(order=asked.listing.order), None, None)
        asked = replace(asked, listing=replace(asked.listing, prefix=f"l{number}_"))
        values |= asked.binds
        used = tuple(throws.some(comparable(relation), most=2, least=0))
        lists.append(RowsBelow(relation, fields_of(relation)[:3], asked.listing, used))
    below = (Below(CHILDREN[0], draw_filter(throws, CHILDREN[0], (), operands, 1)),)
    used, whole = tuple(throws.some(comparable(ACCOUNT), most=2, least=0)), throws.mostly(1)
    paths = ("fullName", "birthDate", "mfaEnabled", "pointBalance", "lastLoginAt")
    asked_for = page_of_members(scene.view, paths, below, page.listing, used, whole, tuple(lists))
    return asked_for, {**operands.values, **values}


Shown = list[list[Any]]
"""Per member its values, then per list its rows."""


async def through_sqlalchemy(
    connection: AsyncConnection, asked: RedactedMembers, binds: Values, size: int
) -> Shown:
    found = [tuple(row) for row in await connection.execute(asked.main, binds)]
    lists = []
    for each in asked.lists:
        its = dict(binds) | {"members": [row[0] for row in found[:size] if row[0] is not None]}
        rows = [tuple(row) for row in await connection.execute(each.apart.main, its)]
        lists.append(rows)
    at = [asked.layout.positions[f"rows {number}"] for number in range(len(lists))]
    return [
        [
            [value for position, value in enumerate(row) if position not in at],
            *([r[:-1] for r in rows if r[-1] == row[0] and n < size] for rows in lists),
        ]
        for n, row in enumerate(found)
    ]


def plain(database: Database, read: Read, rows: Sequence[Row], size: int) -> Shown:
    """The driver's tuples as SQLAlchemy would give them."""
    at = [read.layout.positions[f"rows {number}"] for number in range(len(read.lists))]
    width = len(read.layout.types)
    return [
        [
            [v for i, v in enumerate(converted(database, read.layout, row)) if i not in at],
            *(
                [
                    tuple(converted(database, layout, below))[: len(layout.types) - 1]
                    for below in (row[position] or () if n < size else ())
                ]
                for position, layout in zip(at, read.lists, strict=True)
            ),
        ]
        for n, row in enumerate(tuple(each)[:width] for each in rows)
    ]


def converted(database: Database, layout: Layout, row: Row) -> Sequence[Any]:
    made = []
    for kind, value in zip(layout.types, tuple(row), strict=False):
        to = None if isinstance(value, list) else from_driver(kind, database.dialect)
        made.append(value if to is None else to(value))
    return made


VALUES: Values = {
    "full_name": "佐藤",
    "birth_date": date(1990, 2, 3),
    "mfa_enabled": True,
    "point_balance": 7,
    "last_login_at": NOW,
    "interest_segments": ["a", "b"],
}
PATHS = ("fullName", "birthDate", "mfaEnabled", "pointBalance", "lastLoginAt", "interestSegments")
RAW: Mapping[str, Sequence[object]] = {
    "sqlite": ("佐藤", "1990-02-03", 1, 7, microseconds(NOW), '["a","b"]'),
    "postgresql": ("佐藤", date(1990, 2, 3), True, 7, microseconds(NOW), '["a","b"]'),
}
ORDER = ("orders.items", "orders.amount", "orders.at")
CANARY = "kanarienvogel"
BINDS = {**parameters(NOW, "m1"), "member": "m1", "l0_limit": 5}


@pytest.fixture
async def of_one(database: Database) -> Read:
    """Reads a member who is there, with their orders."""
    async with database.write() as connection:
        await connection.execute(insert(tables.ACCOUNT).values(member_key="m1", **VALUES))
        standing = {"member_key": "m1", "bits": 0, "closed_at": FOREVER, "last_seq": 3}
        await connection.execute(insert(tables.STANDING).values(standing))
        order = {"member_key": "m1", "row_key": "o1", "items": ["tea"], "amount": 5, "at": NOW}
        kept = {"acquired_by": "ichiba", "source": "MEMBER", "channel": "web", "acquired_at": NOW}
        await connection.execute(insert(tables.ORDERS).values(**order, **kept))
    lists = (RowsBelow("orders", ORDER, Listing(prefix="l0_")),)
    return read_of(member_by_key(SELF, PATHS, lists=lists), database.dialect)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_another_engine_would_read_is_not_made(engine: str) -> None:
    lists = tuple(RowsBelow(each, fields_of(each), Listing(prefix=each)) for each in CHILDREN)
    with (
        patch.object(rows_below, "rows_of_one", wraps=rows_below.rows_of_one) as within,
        patch.object(rows_below, "rows_of_members", wraps=rows_below.rows_of_members) as apart,
    ):
        read = read_of(member_by_key(SELF, PATHS, lists=lists), engine)
    statements = 1 if read.brief is None else 2
    wanted = {"sqlite": (0, len(lists)), "postgresql": (statements * len(lists), 0)}
    assert (within.call_count, apart.call_count) == wanted[engine]


async def test_the_drivers_values_are_pinned(database: Database, of_one: Read) -> None:
    _, (row,) = await database.reader.alone(of_one, BINDS)
    at = of_one.layout.positions
    assert tuple(row[at[path]] for path in PATHS) == RAW[database.dialect]
    assert [type(row[at[path]]) for path in PATHS] == [type(v) for v in RAW[database.dialect]]
    (order,) = row[at["rows 0"]]
    at = of_one.lists[0].positions
    assert [order[at[path]] for path in ORDER] == ['["tea"]', 5, microseconds(NOW)]


async def test_a_read_tells_which_versions_are_live_in_its_snapshot(
    database: Database, of_one: Read
) -> None:
    reader = database.reader
    assert (await reader.alone(of_one, BINDS)).live == Live(None)
    async with database.write() as connection:
        await store(connection, StoredCatalogue("one", {}, {}), NOW)
        applied = {"version": "two", "target": True, "since": 0}
        await connection.execute(insert(tables.CATALOGUE_APPLY).values(applied))
    live = Live("one", frozenset({"two"}))
    assert (await reader.alone(of_one, BINDS)).live == live
    assert await reader.alone(of_one, {**BINDS, "member": "nobody"}) == (live, [])


async def test_a_counted_page_of_nobody_tells_so(database: Database) -> None:
    page = read_of(page_of_members(SELF, (), (), Listing(), (), True), database.dialect)
    (row,) = (await database.reader.alone(page, {**BINDS, "limit": 1})).rows
    assert page.layout.of(row, "total") == 0
    assert page.layout.of(row, "member_key") is None


async def test_what_is_not_bound_is_told(database: Database, of_one: Read) -> None:
    with pytest.raises(KeyError, match="member"):
        await database.reader.alone(of_one, {**parameters(NOW, "m1"), "l0_limit": 1})
    assert (await database.reader.alone(of_one, BINDS)).rows


@pytest.mark.parametrize("value", [f"{CANARY} \ud800", [CANARY]], ids=["text", "list"])
async def test_no_error_holds_what_was_bound(
    database: Database, of_one: Read, value: object
) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (each engine has its own)
        await database.reader.alone(of_one, {**BINDS, "member": value})
    assert CANARY not in "".join(format_exception(caught.value))
    assert CANARY not in repr(caught.value)
    assert (await database.reader.alone(of_one, BINDS)).rows


ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n",
    "postgresql": "SELECT count(*) FROM generate_series(1, 1000000000000)",
}


def endless(database: Database, read: Read) -> Read:
    query = Query(ENDLESS[database.dialect], True, lambda _: ())
    return replace(read, alone=query, brief=None, apart=())


@pytest.mark.parametrize("begun", [False, True])
async def test_a_read_that_is_given_up_ends_and_leaves_its_connection_to_others(
    database: Database, of_one: Read, *, begun: bool
) -> None:
    for _ in range(3):  # more than there are connections
        given_up = asyncio.create_task(database.reader.alone(endless(database, of_one), BINDS))
        await asyncio.wait({given_up}, timeout=0.05 if begun else 0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
    answers = await asyncio.gather(*(database.reader.alone(of_one, BINDS) for _ in range(20)))
    assert [len(each.rows) for each in answers] == [1] * 20


async def test_reads_side_by_side_have_a_connection_each(database: Database, of_one: Read) -> None:
    many = members_by_keys(SELF, ("fullName",))
    read = read_of(many, database.dialect)

    async def ask(number: int) -> int:
        keys = ["m1"] * (number % 2)
        found = await database.reader.alone(read, {**parameters(NOW, "m1"), "members": keys})
        return len(found.rows)

    assert await asyncio.gather(*map(ask, range(50))) == [number % 2 for number in range(50)]


async def test_a_slow_read_holds_up_no_other(database: Database, of_one: Read) -> None:
    slow = asyncio.create_task(database.reader.alone(endless(database, of_one), BINDS))
    for _ in range(20):
        assert (await database.reader.alone(of_one, BINDS)).rows
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_a_file_that_was_put_in_the_place_of_the_database_is_read(
    sqlite_url: str, tmp_path: Path
) -> None:
    read = read_of(page_of_members(SELF, (), (), Listing(), (), True), "sqlite")
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        assert (await database.reader.alone(read, {**BINDS, "limit": 1})).live == Live(None)
        other = tmp_path / "other.db"
        async with Database.open(f"sqlite+aiosqlite:///{other}") as another:
            await make_tables(another)
            async with another.write() as connection:
                await store(connection, StoredCatalogue("other", {}, {}), NOW)
            await another.scrub(tables.METADATA)
        for beside in ("sekisho.db-wal", "sekisho.db-shm"):
            (tmp_path / beside).unlink()
        other.rename(tmp_path / "sekisho.db")
        found = await database.reader.alone(read, {**BINDS, "limit": 1})
    assert found.live == Live("other")


async def test_a_closed_reader_reads_no_more(database: Database, of_one: Read) -> None:
    await database.reader.alone(of_one, BINDS)
    await database.reader.close()
    with pytest.raises(RuntimeError, match="closed"):
        await database.reader.alone(of_one, BINDS)


async def test_a_driver_s_read_beside_the_redacted_relation_is_noticed(
    database: Database, of_one: Read, strays: list[str]
) -> None:
    names = select(tables.ACCOUNT.c.full_name, null())
    for statement, noticed in ((names, 1), (marked(names), 0)):
        query = query_of(statement, database.dialect)
        strays.clear()
        read = replace(of_one, alone=query, brief=None, apart=(), key=0)
        await database.reader.alone(read, {})
        assert len(strays) == noticed


@pytest.mark.skipif(sys.platform != "linux", reason="A priority is a whole process's here.")
async def test_a_long_read_stands_back_for_whoever_has_little_to_do(sqlite_url: str) -> None:
    read = read_of(page_of_members(SELF, (), (), Listing(), (), True), "sqlite")
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        await database.reader.alone(read, {**BINDS, "limit": 1})
        threads = [each for each in threading.enumerate() if each.name.startswith("sekisho-read")]
        stands = {os.getpriority(os.PRIO_PROCESS, each.native_id or 0) for each in threads}
    assert stands == {min(os.getpriority(os.PRIO_PROCESS, 0) + BEHIND, 19)}


async def test_a_statement_ends_with_the_process_that_waits_for_it(postgresql_url: str) -> None:
    async with Database.open(postgresql_url) as others:
        lost = await connect(parse_url(postgresql_url))
        waiting = asyncio.create_task(lost.execute("SELECT pg_sleep(3600)"))
        async with asyncio.timeout(SECONDS):
            while not await running(others):  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.01)
            lost.terminate()
            while await running(others):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        with pytest.raises(ConnectionDoesNotExistError):
            await waiting
