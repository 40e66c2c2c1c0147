"""The outbox tells of each event once, and a reader who comes back misses none of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from sqlalchemy import select

from models.database import Database
from models.event_log import append
from models.outbox import BEGINNING, Notice, Position, end, tail
from models.tables import EVENT
from policy.events import Event, EventKind
from tests.clock import START
from tests.made import make_tables
from tests.small_catalogue import VERSION, small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = small_catalogue()
OPENED = Event(EventKind.ACCOUNT_OPENED, START)
SHOWN = Event(EventKind.PRESENTED, START, item="A", version=VERSION)
LINKED = Event(EventKind.LINKED, START, company="card", account_id="card-m1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


@pytest.fixture
async def on_postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    async with Database.open(postgresql_url) as opened:
        await make_tables(opened)
        yield opened


async def record(database: Database, member: str, *events: Event) -> None:
    async with database.write() as connection:
        await append(connection, CATALOGUE, {member: events}, START)


async def told(
    database: Database, after: Position = BEGINNING, limit: int = 100, member: str | None = None
) -> Sequence[Notice]:
    async with database.read() as connection:
        return await tail(connection, after, limit, member)


async def last(database: Database) -> Position:
    async with database.read() as connection:
        return await end(connection)


async def test_each_event_is_told_once_and_in_order(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN)
    await record(database, "m2", LINKED)
    notices = await told(database)
    async with database.read() as connection:
        seqs = (await connection.scalars(select(EVENT.c.seq).order_by(EVENT.c.seq))).all()
    said = [(each.event_seq, each.member, each.kind, each.item, each.company) for each in notices]
    assert said == [
        (seqs[0], "m1", EventKind.ACCOUNT_OPENED, None, None),
        (seqs[1], "m1", EventKind.PRESENTED, "A", None),
        (seqs[2], "m2", EventKind.LINKED, None, "card"),
    ]
    assert {(each.at, each.recorded_at) for each in notices} == {(START, START)}


async def test_a_reader_goes_on_behind_the_last_notice_it_was_given(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN, LINKED)
    position = BEGINNING
    given: list[EventKind] = []
    while notices := await told(database, position, limit=2):
        position = notices[-1].position
        given += [each.kind for each in notices]
    assert given == [EventKind.ACCOUNT_OPENED, EventKind.PRESENTED, EventKind.LINKED]
    assert position == await last(database)


async def test_a_reader_of_one_member_is_told_of_nobody_else(database: Database) -> None:
    await record(database, "m1", OPENED)
    await record(database, "m2", OPENED, SHOWN)
    assert {each.member for each in await told(database, member="m2")} == {"m2"}
    assert len(await told(database, member="m2")) == 2


async def test_the_end_of_an_empty_outbox_is_its_beginning(database: Database) -> None:
    assert await last(database) == BEGINNING
    assert await told(database) == []


async def test_what_is_undone_is_not_told(database: Database) -> None:
    with pytest.raises(ValueError, match="in order"):
        await record(database, "m1", SHOWN, replace(OPENED, at=START.replace(year=2020)))
    assert await told(database) == []


async def test_a_reader_misses_nothing_of_transactions_that_commit_out_of_order(
    on_postgresql: Database,
) -> None:
    """The one that took its numbers first commits last; nothing is given before it is settled."""
    database = on_postgresql
    async with AsyncExitStack() as slow:
        connection = await slow.enter_async_context(database.write())
        await append(connection, CATALOGUE, {"m1": [OPENED]}, START)
        await record(database, "m2", OPENED)
        early = await told(database)
        early_end = await last(database)
    late = await told(database, early_end)
    assert [each.member for each in early] == []
    assert [each.member for each in late] == ["m1", "m2"]
    assert early_end == BEGINNING


async def test_a_transaction_that_writes_last_but_began_first_is_told_in_its_place(
    on_postgresql: Database,
) -> None:
    """It has the lower transaction and the higher seq: a reader that counts seqs would skip it."""
    database = on_postgresql
    await record(database, "m0", OPENED)
    start = await last(database)
    async with AsyncExitStack() as slow:
        connection = await slow.enter_async_context(database.write())
        await connection.exec_driver_sql("SELECT pg_current_xact_id()")
        await record(database, "m2", OPENED)
        assert await told(database, start) == []
        await append(connection, CATALOGUE, {"m1": [OPENED]}, START)
        assert await last(database) == start
    notices = await told(database, start)
    assert [each.member for each in notices] == ["m1", "m2"]
    assert notices[0].position.seq > notices[1].position.seq
    assert notices[0].position < notices[1].position
    assert await told(database, notices[0].position) == notices[1:]


async def test_a_reader_beside_many_writers_is_given_every_notice_once(database: Database) -> None:
    writers = [f"m{number}" for number in range(8)]

    async def write(member: str) -> None:
        for event in (OPENED, SHOWN, LINKED):
            mine = replace(event, account_id=f"card-{member}" if event.company else None)
            await record(database, member, mine)

    given: list[int] = []

    async def read() -> None:
        position = BEGINNING
        while len(given) < 3 * len(writers):
            for notice in await told(database, position, limit=3):
                position = notice.position
                given.append(notice.event_seq)

    await asyncio.gather(asyncio.wait_for(read(), 60), *map(write, writers))
    async with database.read() as connection:
        seqs = (await connection.scalars(select(EVENT.c.seq))).all()
    assert sorted(given) == sorted(seqs)
