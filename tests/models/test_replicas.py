"""Replicas: a read that begins after a write was acknowledged sees it, wherever it is answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import replicas
from models.database import Database
from models.marks import Marks, marks_in
from models.replicas import PATIENCE, REST
from models.tables import STANDING
from policy.errors import StartUpError
from tests.made import make_tables
from tests.postgres import Postgres
from tests.say import Say
from tests.standby import Standby, following

pytestmark = pytest.mark.anyio

WRITES = 300
READERS = 4
SOON = 10.0
"""Seconds within which a replica that is well is read from again."""


@pytest.fixture
def name(primary: Postgres, names: Iterator[str]) -> Iterator[str]:
    name = next(names)
    primary.create(name)
    yield name
    primary.drop(name)


@pytest.fixture
def missed() -> list[str]:
    """The replicas that were left out, in turn."""
    return []


@pytest.fixture
async def database(
    primary: Postgres, standby: Standby, name: str, missed: list[str]
) -> AsyncIterator[Database]:
    """With its tables, which the replica has, too."""
    async with opened(primary, standby, name, missed) as database:
        await make_tables(database)
        standby.follow(primary)
        yield database


@asynccontextmanager
async def opened(
    primary: Postgres, standby: Postgres, name: str, missed: list[str]
) -> AsyncIterator[Database]:
    one = Database.open(primary.url(name)).followed([standby.url(name)], missed.append)
    async with one as database:
        yield database


async def at_a_replica(connection: AsyncConnection) -> bool:
    return bool(await connection.scalar(select(func.pg_is_in_recovery())))


async def write(database: Database, key: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert(STANDING), {"member_key": key})


async def read(database: Database) -> tuple[bool, set[str]]:
    """Whether it was at a replica, and what it saw."""
    async with database.read_anywhere() as connection:
        found = await connection.scalars(select(STANDING.c.member_key))
        return await at_a_replica(connection), set(found)


async def check(database: Database) -> None:
    """As at the start of a server."""
    assert database.replicas is not None
    await database.replicas.check()


async def come_back(database: Database) -> None:
    """Read until the replica is read from again."""
    async with asyncio.timeout(SOON):
        while not (await read(database))[0]:
            pass


async def test_a_read_is_answered_from_the_replica(database: Database) -> None:
    await write(database, "m1")
    assert await read(database) == (True, {"m1"})


async def test_a_read_at_the_replica_is_one_snapshot(database: Database) -> None:
    async with database.read_anywhere() as connection:
        await write(database, "m1")
        assert await read(database) == (True, {"m1"})
        assert await at_a_replica(connection)
        assert list(await connection.scalars(select(STANDING.c.member_key))) == []


async def test_whatever_was_acknowledged_is_seen_by_every_read_that_begins_after(
    database: Database, primary: Postgres, name: str, say: Say
) -> None:
    """The writer is another host, which knows of no replica."""
    written, at = set[str](), list[bool]()

    async def follow(turn: asyncio.Event) -> None:
        while not turn.is_set():
            acknowledged = set(written)
            replica, seen = await read(database)
            at.append(replica)
            assert acknowledged <= seen

    async with Database.open(primary.url(name)) as elsewhere, asyncio.TaskGroup() as group:
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

    async def slowly(connection: AsyncConnection) -> Marks:
        marks = await marks_in(connection)
        answered.set()
        await let_go.wait()
        return marks

    monkeypatch.setattr(replicas, "marks_in", slowly)
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
    assert len((await read(database))[1]) == WRITES


async def test_a_replica_that_shows_nothing_new_is_not_read_from_once_something_was_written(
    database: Database, standby: Standby, missed: list[str]
) -> None:
    await write(database, "before")
    assert await read(database) == (True, {"before"})
    with standby.paused():
        assert await read(database) == (True, {"before"})
        for number in range(20):
            await write(database, str(number))
            replica, seen = await read(database)
            assert not replica
            assert str(number) in seen
        assert missed
    await come_back(database)


async def test_a_write_does_not_wait_for_a_replica(database: Database, standby: Standby) -> None:
    with standby.paused():
        async with asyncio.timeout(PATIENCE * 10):
            for number in range(20):
                await write(database, str(number))


async def test_a_replica_that_does_not_hear_the_primary_is_not_read_from(
    database: Database, standby: Standby
) -> None:
    with standby.deaf():
        await write(database, "m1")
        assert await read(database) == (False, {"m1"})
    await come_back(database)


async def test_a_replica_that_stands_still_holds_nobody_up(
    database: Database, standby: Standby
) -> None:
    await write(database, "m1")
    await read(database)
    with standby.frozen():
        async with asyncio.timeout(REST):
            for _ in range(20):
                assert await read(database) == (False, {"m1"})
    await come_back(database)


async def test_a_replica_that_was_killed_is_read_from_once_it_is_back(
    database: Database, standby: Standby
) -> None:
    await write(database, "m1")
    await read(database)
    with standby.gone():
        assert await read(database) == (False, {"m1"})
        await write(database, "m2")
        assert await read(database) == (False, {"m1", "m2"})
    await come_back(database)
    assert await read(database) == (True, {"m1", "m2"})


async def test_a_server_of_another_cluster_is_refused(
    primary: Postgres, postgres: Postgres, database: Database, name: str, missed: list[str]
) -> None:
    """Also when it holds the same database, and as many marks."""
    await write(database, "m1")
    postgres.create(name)
    try:
        async with Database.open(postgres.url(name)) as other:
            await make_tables(other)
            await write(other, "m1")
        async with opened(primary, postgres, name, missed) as followed:
            with pytest.raises(StartUpError, match="is no replica of the database"):
                await check(followed)
            assert await read(followed) == (False, {"m1"})
    finally:
        postgres.drop(name)


async def test_another_database_of_the_replica_is_refused(
    primary: Postgres, standby: Standby, database: Database, name: str, missed: list[str]
) -> None:
    await database.close()
    copy = f"{name}_copy"
    primary.create(copy, template=name)
    try:
        standby.follow(primary)
        one = Database.open(primary.url(name)).followed([standby.url(copy)], missed.append)
        async with one as followed:
            with pytest.raises(StartUpError, match="is no replica of the database"):
                await check(followed)
            assert await read(followed) == (False, set())
    finally:
        primary.drop(copy)


async def test_the_primary_is_no_replica_of_itself(
    primary: Postgres, database: Database, name: str, missed: list[str]
) -> None:
    async with opened(primary, primary, name, missed) as followed:
        with pytest.raises(StartUpError, match="is no replica of the database"):
            await check(followed)


async def test_a_replica_that_is_down_does_not_stop_a_start(
    database: Database, standby: Standby, missed: list[str]
) -> None:
    with standby.gone():
        await check(database)
    assert missed


async def test_a_replica_that_took_over_is_not_read_from(
    primary: Postgres, name: str, missed: list[str]
) -> None:
    """It marks what it writes with a timeline of its own."""
    with following(primary) as second:
        async with opened(primary, second, name, missed) as database:
            await make_tables(database)
            await come_back(database)
            second.promote()
            assert await read(database) == (False, set())
            with pytest.raises(StartUpError, match="is no replica of the database"):
                await check(database)
        async with Database.open(second.url(name)) as other:
            await write(other, "m1")
        assert "00000002" in second.run("SELECT timeline FROM write_mark", name).split()


def marks(*lanes: str) -> Marks:
    return Marks.of((True, "a database", lanes))


async def test_a_snapshot_holds_what_has_no_more_writes_in_any_lane() -> None:
    here = marks("1 00000001 7", "2 00000001 3")
    for held in ((), ("1 00000001 7",), ("2 00000001 2", "1 00000001 7")):
        assert here.hold(marks(*held))
    for not_held in ("1 00000001 8", "3 00000001 1"):
        assert not here.hold(marks("2 00000001 3", not_held))


async def test_what_was_lost_when_a_server_took_over_is_not_made_up_for_by_other_writes() -> None:
    lost, later = marks("1 00000001 8"), marks("1 00000002 8")
    assert not lost.hold(later)
    assert not marks("1 00000002 9").hold(lost)


@pytest.mark.parametrize("replica", ["sqlite+aiosqlite:///here.db", None])
async def test_sqlite_has_no_replicas(sqlite_url: str, replica: str | None) -> None:
    with pytest.raises(StartUpError, match="SQLite has no replicas"):
        Database.open(sqlite_url).followed([replica or "postgresql+asyncpg://h/d"], print)
