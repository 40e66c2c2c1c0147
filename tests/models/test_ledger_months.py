"""On PostgreSQL each month's entries lie in a partition of their own, there before they are."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from models.ledger import Ledger
from models.ledger_heads import cut_head
from models.ledger_tables import LEDGER_ENTRY
from models.ledger_verify import Verification
from tests.clock import START
from tests.entries import ENTRY
from tests.folds import segments
from tests.made import new_ledger
from tests.plans import plan_of

pytestmark = pytest.mark.anyio

WHERE = "SELECT tableoid::regclass::text, segment, seq FROM ledger_entry ORDER BY segment, seq"
MADE = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass
ORDER BY 1
"""
WRITERS = 8


@pytest.fixture
async def ledger(postgresql_url: str) -> AsyncIterator[Ledger]:
    opened = await new_ledger(postgresql_url)
    yield opened
    await opened.close()


async def rows(ledger: Ledger, asked: str) -> list[tuple[object, ...]]:
    async with ledger.database.read() as connection:
        return [(*row,) for row in await connection.execute(text(asked))]


async def partitions(ledger: Ledger) -> list[str]:
    return [str(name).removeprefix("ledger_entry_") for (name,) in await rows(ledger, MADE)]


async def write(ledger: Ledger, *moments: datetime) -> None:
    for at in moments:
        await ledger.append(replace(ENTRY, at=at))


async def test_entries_lie_in_the_partition_of_their_month(ledger: Ledger) -> None:
    december, january = datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    await write(ledger, december, january, january)
    assert await rows(ledger, WHERE) == [
        ("ledger_entry_2026_12", 202612000000001, 1),
        ("ledger_entry_2027_01", 202701000000002, 1),
        ("ledger_entry_2027_01", 202701000000002, 2),
    ]


async def test_a_month_has_its_partition_before_it_begins(ledger: Ledger) -> None:
    assert await partitions(ledger) == ["below"]
    await write(ledger, datetime(2026, 11, 30, tzinfo=UTC))
    assert await partitions(ledger) == ["2026_11", "2026_12", "below"]
    await write(ledger, datetime(2026, 12, 1, tzinfo=UTC))
    assert await partitions(ledger) == ["2026_11", "2026_12", "2027_01", "below"]


async def test_a_clock_that_was_set_back_finds_room_in_the_past(ledger: Ledger) -> None:
    await write(ledger, START, datetime(2025, 2, 28, tzinfo=UTC), START)
    assert await partitions(ledger) == ["2025_02", "2025_03", "2026_06", "2026_07", "below"]
    head = await cut_head(ledger.database, START)
    assert [each async for each in Verification(ledger.database, START, head).findings()] == []


async def test_workers_that_all_begin_a_month_make_it_once(
    ledger: Ledger, postgresql_url: str
) -> None:
    for month in (1, 4, 7):
        workers = [Ledger.open(postgresql_url) for _ in range(WRITERS)]
        await asyncio.gather(*(write(each, START.replace(month=month)) for each in workers))
        await asyncio.gather(*(each.close() for each in workers))
    begun = ["2026_01", "2026_02", "2026_04", "2026_05", "2026_07", "2026_08", "below"]
    assert await partitions(ledger) == begun
    assert len(set(await segments(ledger))) == 3 * WRITERS


async def test_who_reads_the_whole_ledger_keeps_no_month_from_beginning(
    ledger: Ledger, postgresql_url: str
) -> None:
    await write(ledger, START)
    other = Ledger.open(postgresql_url)
    async with ledger.database.read() as reader:
        everything = select(LEDGER_ENTRY.c.seq)
        assert (await reader.scalars(everything)).all() == [1]
        async with asyncio.timeout(5):
            await write(other, START.replace(month=9))
        assert (await reader.scalars(everything)).all() == [1]
    await other.close()


async def test_a_segment_leads_to_its_month_alone(ledger: Ledger) -> None:
    await write(ledger, *(START.replace(month=month) for month in range(1, 13, 2)))
    number = (await segments(ledger))[2]
    wanted = select(LEDGER_ENTRY.c.body).where(
        LEDGER_ENTRY.c.segment == number, LEDGER_ENTRY.c.seq > 0
    )
    async with ledger.database.read() as connection:
        plan = "\n".join(await plan_of(connection, wanted, {}))
    assert "ledger_entry_2026_05" in plan
    assert plan.count("ledger_entry_20") == plan.count("ledger_entry_2026_05")


async def test_whether_there_is_room_is_tried_where_entries_go(ledger: Ledger) -> None:
    await ledger.ready()
    await write(ledger, START)
    await ledger.ready()
    async with ledger.database.write() as connection:
        await connection.execute(
            text("ALTER TABLE ledger_entry_2026_06 ADD CHECK (length(body) < 4096)")
        )
    with pytest.raises(Exception, match="could not be written"):
        await ledger.ready()
    assert len(await rows(ledger, WHERE)) == 1
