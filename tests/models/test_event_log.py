"""The log takes events in order, once each, and the projections move with it or not at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from models import event_log
from models.database import Database
from models.event_log import append, events_of, histories, verify_chain
from models.projection_check import check
from models.tables import EVENT, ITEM_STANDING, LINK, STANDING
from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from tests.clock import START
from tests.made import make_tables
from tests.small_catalogue import VERSION, small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = small_catalogue()
DAY = timedelta(days=1)
OPENED = Event(EventKind.ACCOUNT_OPENED, START - 9 * DAY)
SHOWN = Event(EventKind.PRESENTED, START - 8 * DAY, item="A", version=VERSION)
DEEMED = Event(EventKind.DEEMED, START - 7 * DAY, item="A", version=VERSION)
LINKED = Event(EventKind.LINKED, START - 6 * DAY, company="card", account_id="card-m1")
WITHDRAWN = Event(EventKind.WITHDRAWN, START - DAY, item="A", version=VERSION)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def record(
    database: Database,
    member: str,
    *events: Event,
    now: datetime = START,
    catalogue: Catalogue = CATALOGUE,
) -> None:
    async with database.write() as connection:
        await append(connection, catalogue, {member: events}, now)


async def recorded(database: Database, member: str) -> tuple[Event, ...]:
    async with database.read() as connection:
        return await events_of(connection, member)


async def findings(database: Database) -> list[str]:
    async with database.read() as connection:
        chain = [line async for line in verify_chain(connection)]
        return chain + [line async for line in check(connection, CATALOGUE)]


async def bits(database: Database, member: str) -> int | None:
    async with database.read() as connection:
        query = select(STANDING.c.bits).where(STANDING.c.member_key == member)
        found: int | None = await connection.scalar(query)
        return found


async def test_events_are_read_back_in_the_order_they_were_recorded(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN)
    await record(database, "m2", OPENED)
    await record(database, "m1", DEEMED, LINKED)
    assert await recorded(database, "m1") == (OPENED, SHOWN, DEEMED, LINKED)
    assert await recorded(database, "m2") == (OPENED,)
    assert await recorded(database, "nobody") == ()


async def test_the_standing_moves_in_the_transaction_of_the_event(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN, DEEMED)
    assert await bits(database, "m1") == 0b101
    await record(database, "m1", WITHDRAWN)
    assert await bits(database, "m1") == 0
    async with database.read() as connection:
        assert (await connection.execute(select(ITEM_STANDING))).all() == []


async def test_the_standing_names_the_last_event_folded_in(database: Database) -> None:
    await record(database, "m2", OPENED)
    await record(database, "m1", OPENED, SHOWN, DEEMED)
    async with database.read() as connection:
        last = await connection.scalar(
            select(func.max(EVENT.c.seq)).where(EVENT.c.member_key == "m1")
        )
        query = select(STANDING.c.last_seq).where(STANDING.c.member_key == "m1")
        assert await connection.scalar(query) == last


async def test_members_are_recorded_together_or_not_at_all(database: Database) -> None:
    happened = {"m1": [OPENED, SHOWN], "m2": [SHOWN, OPENED]}
    with pytest.raises(ValueError, match="record them in order"):
        async with database.write() as connection:
            await append(connection, CATALOGUE, happened, START)
    assert await recorded(database, "m1") == ()
    assert await bits(database, "m1") is None


async def test_an_event_still_to_come_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="still to come"):
        await record(database, "m1", OPENED, now=OPENED.at - timedelta(microseconds=1))
    await record(database, "m1", OPENED, now=OPENED.at)


async def test_an_event_earlier_than_the_last_one_is_refused(database: Database) -> None:
    await record(database, "m1", SHOWN)
    with pytest.raises(ValueError, match="record them in order"):
        await record(database, "m1", OPENED)
    await record(database, "m1", SHOWN)
    assert await recorded(database, "m1") == (SHOWN, SHOWN)


async def test_recording_nothing_changes_nothing(database: Database) -> None:
    await record(database, "m1")
    assert await bits(database, "m1") is None


async def test_writers_of_the_same_member_wait_for_each_other(database: Database) -> None:
    await asyncio.gather(*(record(database, "m1", OPENED) for _ in range(10)))
    assert await recorded(database, "m1") == (OPENED,) * 10
    assert await findings(database) == []


async def test_writers_of_the_same_members_in_any_order_do_not_lock_each_other_out(
    database: Database,
) -> None:
    async def both(*members: str) -> None:
        async with database.write() as connection:
            await append(connection, CATALOGUE, {each: [OPENED] for each in members}, START)

    await asyncio.gather(*(both(*pair) for pair in [("m1", "m2"), ("m2", "m1")] * 5))
    assert len(await recorded(database, "m2")) == 10


async def test_an_account_id_moves_to_another_member_after_unlinking(database: Database) -> None:
    unlinked = Event(EventKind.UNLINKED, LINKED.at, company="card")
    await record(database, "m1", LINKED, unlinked)
    await record(database, "m2", LINKED)
    async with database.read() as connection:
        query = select(LINK.c.member_key).where(LINK.c.account_id == "card-m1")
        assert (await connection.scalars(query)).all() == ["m2"]


async def test_a_sound_log_has_no_findings(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN, DEEMED, LINKED, WITHDRAWN)
    await record(database, "m2", OPENED)
    assert await findings(database) == []


async def test_an_event_altered_behind_our_back_is_found(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN, DEEMED)
    async with database.write() as connection:
        third = (EVENT.c.member_key == "m1") & (EVENT.c.member_seq == 2)
        await connection.execute(update(EVENT).where(third).values(at=OPENED.at))
    async with database.read() as connection:
        lines = [line async for line in verify_chain(connection)]
    assert lines == ["event 2 of m1: the chain breaks here"]


async def test_an_event_deleted_behind_our_back_is_found(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN, DEEMED)
    async with database.write() as connection:
        await connection.execute(delete(EVENT).where(EVENT.c.member_seq == 1))
    assert "event 2 of m1: the chain breaks here" in await findings(database)


async def test_the_last_event_deleted_behind_our_back_is_found(database: Database) -> None:
    await record(database, "m1", OPENED, SHOWN)
    async with database.write() as connection:
        await connection.execute(delete(EVENT).where(EVENT.c.member_seq == 2))
    assert await findings(database) == ["standing of m1: last_seq not as the events say"]


async def test_an_identifier_erased_behind_our_back_is_found(database: Database) -> None:
    await record(database, "m1", OPENED, LINKED)
    async with database.write() as connection:
        await connection.execute(update(EVENT).values(identifiers=""))
    assert await findings(database) == [
        "event 2 of m1: what it named is gone, though the account is not closed",
        "link of m1 card: account_id not as the events say",
    ]


async def test_histories_come_in_pages_and_leave_nobody_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "PAGE", 2)
    members = [f"m{number}" for number in range(5)]
    for member in members:
        await record(database, member, OPENED, SHOWN)
    async with database.read() as connection:
        pages = [page async for page in histories(connection)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [history.member for page in pages for history in page] == members
    assert {history.events for page in pages for history in page} == {(OPENED, SHOWN)}
