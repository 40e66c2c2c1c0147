"""The outbox is held against the log: what is missing, doubled, false or out of place is found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from models.database import Database
from models.event_log import append
from models.outbox_check import check
from models.tables import EVENT, OUTBOX
from models.world import MemberRecord, load
from policy.events import Event, EventKind
from tests.clock import START
from tests.made import make_tables
from tests.small_catalogue import VERSION, small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = small_catalogue()
HOUR = timedelta(hours=1)
OPENED = Event(EventKind.ACCOUNT_OPENED, START)
SHOWN = Event(EventKind.PRESENTED, START, item="A", version=VERSION)
LATER = replace(SHOWN, at=START + HOUR)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """m1 came by acts, m2 was loaded and did one thing since."""
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        async with opened.write() as connection:
            loaded = [MemberRecord("m2", events=(OPENED, SHOWN))]
            await load(connection, CATALOGUE, loaded, START)
        async with opened.write() as connection:
            await append(connection, CATALOGUE, {"m1": [OPENED, SHOWN]}, START)
        async with opened.write() as connection:
            both = {"m1": [LATER], "m2": [LATER]}
            await append(connection, CATALOGUE, both, START + HOUR)
        yield opened


async def findings(database: Database) -> list[str]:
    async with database.read() as connection:
        return [line async for line in check(connection)]


async def seq_of(database: Database, member: str, number: int) -> int:
    which = (EVENT.c.member_key == member) & (EVENT.c.member_seq == number)
    async with database.read() as connection:
        seq = await connection.scalar(
            select(OUTBOX.c.seq).join(EVENT, EVENT.c.seq == OUTBOX.c.event_seq).where(which)
        )
    assert seq is not None
    return int(seq)


async def test_what_is_told_as_it_happened_has_no_findings(database: Database) -> None:
    assert await findings(database) == []


@pytest.mark.parametrize(("member", "number"), [("m1", 2), ("m1", 3), ("m2", 3)])
async def test_an_event_that_is_not_told_is_found(
    database: Database, member: str, number: int
) -> None:
    seq = await seq_of(database, member, number)
    async with database.write() as connection:
        await connection.execute(delete(OUTBOX).where(OUTBOX.c.seq == seq))
    assert await findings(database) == [f"event {number} of {member}: was not told"]


async def test_a_notice_of_no_event_is_found(database: Database) -> None:
    seq = await seq_of(database, "m2", 3)
    async with database.write() as connection:
        moved = update(OUTBOX).where(OUTBOX.c.seq == seq).values(member_key="m3")
        await connection.execute(moved)
    assert await findings(database) == [
        "event 3 of m2: was not told",
        f"notice {seq} of m3: tells of no event",
    ]


async def test_a_false_notice_is_found(database: Database) -> None:
    seq = await seq_of(database, "m1", 2)
    async with database.write() as connection:
        which = OUTBOX.c.seq == seq
        await connection.execute(update(OUTBOX).where(which).values(item="B.use", at=START + HOUR))
    assert await findings(database) == [f"notice {seq} of m1: item, at not as the event says"]


async def test_a_second_notice_and_one_out_of_place_are_found(database: Database) -> None:
    async with database.write() as connection:
        query = select(OUTBOX).where(OUTBOX.c.member_key == "m1").order_by(OUTBOX.c.seq)
        first, *_ = (await connection.execute(query)).mappings().all()
        copy = {name: first[name] for name in first if name != "seq"}
        again = await connection.execute(insert(OUTBOX).values(copy).returning(OUTBOX.c.seq))
        seq = again.scalar_one()
    assert await findings(database) == [f"notice {seq} of m1: tells of its event again"]
