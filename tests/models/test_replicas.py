"""Replicas: a read that begins after a write was acknowledged sees it, wherever it is answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from models import marks as marks_of
from models.catalogue_store import live_versions
from models.database import Database
from models.marks import Marks, marks_by
from models.postgresql import Connection
from models.query import query_of
from models.tables import STANDING
from policy.errors import StartUpError
from tests.elsewhere import (
    EVERYBODY,
    KEYS,
    SOON,
    Reading,
    at_a_replica,
    come_back,
    in_a_snapshot,
    on_the_driver,
    opened,
    write,
)
from tests.made import make_tables
from tests.postgres import Postgres
from tests.say import Say
from tests.standby import Followed, Standby, following

pytestmark = pytest.mark.anyio

WRITES = 300
READERS = 4
_ONLY_AT_THE_PRIMARY = func.pg_walfile_name(func.pg_current_wal_lsn())


@pytest.fixture
def world(primary: Postgres, standby: Standby, names: Iterator[str]) -> Iterator[Followed]:
    """An empty database."""
    name = next(names)
    primary.create(name)
    yield Followed(primary, standby, name)
    primary.drop(name)


@pytest.fixture
def missed() -> list[str]:
    """The replicas that were left out, in turn."""
    return []


@pytest.fixture
async def database(world: Followed, missed: list[str]) -> AsyncIterator[Database]:
    """With its tables, which the replica has, too."""
    async with opened(world.url, world.replica_url, missed) as database:
        await make_tables(database)
        world.standby.follow(world.primary)
        yield database


@pytest.fixture(params=[in_a_snapshot, on_the_driver])
def read(request: pytest.FixtureRequest) -> Reading:
    """Either way in which members are read."""
    reading: Reading = request.param
    return reading


async def check_refuses(database: Database) -> None:
    """As the start of a server does."""
    assert database.replicas is not None
    with pytest.raises(StartUpError, match="is no replica of the database"):
        await database.replicas.check()


async def test_a_read_is_answered_from_the_replica(database: Database, read: Reading) -> None:
    await write(database, "m1")
    assert await come_back(database, read) == {"m1"}


async def test_a_read_at_the_replica_is_one_snapshot(database: Database) -> None:
    await come_back(database, in_a_snapshot)
    async with database.read_anywhere() as connection:
        await write(database, "m1")
        assert await come_back(database, in_a_snapshot) == {"m1"}
        assert await at_a_replica(connection)
        assert list(await connection.scalars(select(STANDING.c.member_key))) == []


async def test_whatever_was_acknowledged_is_seen_by_every_read_that_begins_after(
    database: Database, read: Reading, world: Followed, say: Say
) -> None:
    """The writer is another host, which knows of no replica."""
    written, at = set[str](), list[bool]()

    async def follow(turn: asyncio.Event) -> None:
        while not turn.is_set():
            acknowledged = set(written)
            at_replica, seen = await read(database)
            at.append(at_replica)
            assert acknowledged <= seen

    async with Database.open(world.url) as elsewhere, asyncio.TaskGroup() as group:
        over = asyncio.Event()
        for _ in range(READERS):
            group.create_task(follow(over))
        for number in range(WRITES):
            await write(elsewhere, str(number))
            written.add(str(number))
        over.set()
    say(f"{WRITES} writes: {sum(at)} of {len(at)} reads were at the replica")
    assert any(at)


async def test_a_question_under_way_is_not_the_answer_of_who_asks_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.replicas is not None
    asked, answered, let_go = database.replicas.asked, asyncio.Event(), asyncio.Event()

    async def slowly(connection: Connection) -> Marks:
        found = await marks_by(connection)
        answered.set()
        await let_go.wait()
        return found

    monkeypatch.setattr(marks_of, "marks_by", slowly)
    async with asyncio.TaskGroup() as group:
        before = group.create_task(asked.marks())
        await answered.wait()
        await write(database, "m1")
        after = [group.create_task(asked.marks()) for _ in range(READERS)]
        let_go.set()
    assert not before.result().hold(after[0].result())
    assert len({id(each.result()) for each in after}) == 1


async def test_writers_at_the_same_moment_do_not_shut_each_other_out(database: Database) -> None:
    await asyncio.gather(*(write(database, str(number)) for number in range(WRITES)))
    assert len((await in_a_snapshot(database))[1]) == WRITES


async def test_a_replica_that_shows_nothing_new_is_not_read_from_once_something_was_written(
    database: Database, read: Reading, world: Followed, missed: list[str]
) -> None:
    await write(database, "before")
    await come_back(database, read)
    with world.standby.paused():
        assert await come_back(database, read) == {"before"}
        for number in range(20):
            await write(database, str(number))
            at_replica, seen = await read(database)
            assert not at_replica
            assert str(number) in seen
        assert missed
    await come_back(database, read)


async def test_a_write_does_not_wait_for_a_replica(database: Database, world: Followed) -> None:
    with world.standby.paused():
        async with asyncio.timeout(SOON):
            for number in range(20):
                await write(database, str(number))


async def test_a_replica_that_does_not_hear_the_primary_is_not_read_from(
    database: Database, read: Reading, world: Followed
) -> None:
    with world.standby.deaf():
        await write(database, "m1")
        assert await read(database) == (False, {"m1"})
    await come_back(database, read)


async def test_a_replica_that_stands_still_holds_nobody_up(
    database: Database, read: Reading, world: Followed
) -> None:
    await write(database, "m1")
    await come_back(database, read)
    with world.standby.frozen():
        async with asyncio.timeout(SOON):
            for _ in range(20):
                assert await read(database) == (False, {"m1"})
    await come_back(database, read)


async def test_a_replica_that_was_killed_is_read_from_once_it_is_back(
    database: Database, read: Reading, world: Followed
) -> None:
    await write(database, "m1")
    await come_back(database, read)
    with world.standby.gone():
        assert await read(database) == (False, {"m1"})
        await write(database, "m2")
        assert await read(database) == (False, {"m1", "m2"})
    assert await come_back(database, read) == {"m1", "m2"}


async def test_what_fails_at_the_replica_is_read_at_the_primary(
    database: Database, world: Followed
) -> None:
    """As a statement does that would see what the replica may keep no longer."""
    await write(database, "m1")
    world.standby.follow(world.primary)
    query = query_of(select(_ONLY_AT_THE_PRIMARY, KEYS, live_versions()), "postgresql")
    read = replace(EVERYBODY, alone=query)
    ((_, found, _),) = (await database.reader.alone(read, {})).rows
    assert found == ["m1"]


async def test_a_server_of_another_cluster_is_refused(
    database: Database, read: Reading, postgres: Postgres, world: Followed, missed: list[str]
) -> None:
    """Also when it holds the same database, and as many marks."""
    await write(database, "m1")
    postgres.create(world.name)
    try:
        async with Database.open(postgres.url(world.name)) as other:
            await make_tables(other)
            await write(other, "m1")
        async with opened(world.url, postgres.url(world.name), missed) as followed:
            await check_refuses(followed)
            assert await read(followed) == (False, {"m1"})
    finally:
        postgres.drop(world.name)


async def test_another_database_of_the_replica_is_refused(
    database: Database, read: Reading, world: Followed, missed: list[str]
) -> None:
    await database.close()
    copy = f"{world.name}_copy"
    world.primary.create(copy, template=world.name)
    try:
        world.standby.follow(world.primary)
        async with opened(world.url, world.standby.url(copy), missed) as followed:
            await check_refuses(followed)
            assert await read(followed) == (False, set())
    finally:
        world.primary.drop(copy)


async def test_the_primary_is_no_replica_of_itself(
    database: Database, world: Followed, missed: list[str]
) -> None:
    await write(database, "m1")
    async with opened(world.url, world.url, missed) as followed:
        await check_refuses(followed)


async def test_a_replica_that_is_down_does_not_stop_a_start(
    database: Database, world: Followed, missed: list[str]
) -> None:
    assert database.replicas is not None
    with world.standby.gone():
        await database.replicas.check()
    assert missed


async def test_a_replica_that_took_over_is_not_read_from(
    read: Reading, world: Followed, missed: list[str]
) -> None:
    """It marks what it writes with a timeline of its own."""
    with following(world.primary) as second:
        async with opened(world.url, second.url(world.name), missed) as database:
            await make_tables(database)
            await come_back(database, read)
            second.promote()
            assert await read(database) == (False, set())
            await check_refuses(database)
        async with Database.open(second.url(world.name)) as other:
            await write(other, "m1")
        timelines = second.run("SELECT timeline FROM write_mark", world.name)
        assert "00000002" in timelines.split()


@pytest.mark.parametrize("replica", ["sqlite+aiosqlite:///here.db", None])
async def test_sqlite_has_no_replicas(sqlite_url: str, replica: str | None) -> None:
    with pytest.raises(StartUpError, match="SQLite has no replicas"):
        Database.open(sqlite_url).followed([replica or "postgresql+asyncpg://h/d"], print)
