"""An entry is durable when `append` returns; whatever fails, it raises and nothing may leave."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models import ledger as ledger_module
from models.database import Database
from models.disclosure import Outcome
from models.ledger import Disclosure, Entry, Ledger, MemberDisclosure, ledger_url
from models.ledger_tables import month_of
from models.revision import LEDGER
from policy.errors import ErrorCode, PrivacyError
from tests.clock import START
from tests.entries import ENTRY
from tests.made import make_tables, new_ledger
from tests.postgres import Postgres

pytestmark = pytest.mark.anyio

SOON, FOR_EVER = 30.0, 3600.0
"""Seconds."""


@dataclass(slots=True)
class Counted(Ledger):
    """Tells of its batches."""

    batches: list[int] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, batch: Sequence[Any]) -> None:
        self.batches.append(len(batch))
        self.begun.set()
        await Ledger.write(self, batch)


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    opened = await new_ledger(ledger_url(database_url))
    yield opened
    await opened.close()


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    opened = Counted.open(ledger_url(database_url))
    await make_tables(opened.database, LEDGER)
    yield opened
    opened.gathered.set()  # of a test that failed, too
    await opened.close()


def entry(number: int) -> Entry:
    return replace(ENTRY, decision_id=f"d-{number}", at=START + timedelta(seconds=number))


async def entries(ledger: Ledger) -> list[Entry]:
    return [each async for each in ledger.entries()]


async def run(ledger: Ledger, statement: str) -> None:
    async with ledger.database.write() as connection:
        await connection.execute(text(statement))


async def segments(ledger: Ledger) -> list[tuple[str, int]]:
    """Month and number of entries of each."""
    said = text(
        "SELECT month, count(*) FROM ledger_segment JOIN ledger_entry USING (segment) "
        "GROUP BY segment, month ORDER BY segment"
    )
    async with ledger.database.read() as connection:
        return [(month, number) for month, number in await connection.execute(said)]


async def refuses(ledger: Ledger, entry: Entry) -> bool:
    """Whether the ledger refuses the entry; it may only do so in one way."""
    try:
        await ledger.append(entry)
    except PrivacyError as fault:
        return refusal(fault)
    return False


def refusal(fault: PrivacyError) -> bool:
    return fault.code is ErrorCode.LEDGER_UNAVAILABLE and "nothing was disclosed" in fault.message


def test_an_entry_can_hold_names_and_numbers_and_has_no_place_for_a_value() -> None:
    kinds = {
        name: str(kind)
        for holder in (Disclosure, MemberDisclosure, Outcome)
        for name, kind in holder.__annotations__.items()
    }
    assert kinds.pop("counts") == "tuple[models.disclosure.Count, ...]"
    for kind in kinds.values():
        assert "Any" not in kind
        assert "object" not in kind


async def test_entries_are_given_back_in_the_order_of_writing(ledger: Ledger) -> None:
    for number in (2, 3, 1):
        await ledger.append(entry(number))
    assert await entries(ledger) == [entry(2), entry(3), entry(1)]


async def test_an_entry_is_there_for_another_process_when_append_returns(
    ledger: Ledger, database_url: str
) -> None:
    await ledger.append(ENTRY)
    other = Ledger.open(ledger_url(database_url))
    assert await entries(other) == [ENTRY]
    await other.close()


async def test_entries_of_many_requests_are_made_durable_together(ledger: Ledger) -> None:
    counted = Counted(ledger.database)
    await asyncio.gather(*(counted.append(entry(number)) for number in range(300)))
    assert len(await entries(ledger)) == 300
    assert len(counted.batches) == 2
    await counted.appender.close()


async def test_while_many_are_under_way_entries_wait_for_as_many_as_may_follow(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "GATHER", FOR_EVER)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        for number in range(3):  # of six, as many as may follow
            assert not counted.batches
            group.create_task(counted.append(entry(number), 6))
            await asyncio.sleep(0)
    assert counted.batches == [3]


@pytest.mark.parametrize("under_way", [0, 1, 2, 3])
async def test_where_few_are_under_way_an_entry_waits_for_none(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, under_way: int
) -> None:
    monkeypatch.setattr(ledger_module, "GATHER", FOR_EVER)
    async with asyncio.timeout(SOON):
        await counted.append(entry(0), under_way)
    assert counted.batches == [1]


async def test_nobody_waits_for_those_whose_entries_are_being_written(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "GATHER", FOR_EVER)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(counted.append(entry(number), 8))
        await counted.begun.wait()
        group.create_task(counted.append(entry(4), 5))  # those four, and itself
    assert counted.batches == [4, 1]


async def test_an_entry_waits_only_so_long_for_others(counted: Counted) -> None:
    async with asyncio.timeout(SOON):
        await counted.append(entry(0), 100)
    assert counted.batches == [1]


async def test_each_entry_lies_in_a_segment_of_its_month(ledger: Ledger) -> None:
    midnight = datetime(2026, 5, 1, tzinfo=UTC)
    before, after = midnight - timedelta(microseconds=1), midnight
    moments = [before, before, after, after]
    await asyncio.gather(*(ledger.append(replace(ENTRY, at=at)) for at in moments))
    await ledger.append(replace(ENTRY, at=after))
    assert await segments(ledger) == [("2026-04", 2), ("2026-05", 3)]
    assert [each.at for each in await entries(ledger)] == [*moments, after]


async def test_whoever_else_writes_writes_a_segment_of_its_own(
    ledger: Ledger, database_url: str
) -> None:
    other = Ledger.open(ledger_url(database_url))
    both = [ledger, other] * 100
    await asyncio.gather(*(each.append(entry(number)) for number, each in enumerate(both)))
    await other.close()
    month = month_of(START)
    assert await segments(ledger) == [(month, 100), (month, 100)]
    assert {each.decision_id for each in await entries(ledger)} == {
        entry(number).decision_id for number in range(200)
    }


async def test_nothing_is_chained_to_what_may_be_missing(ledger: Ledger) -> None:
    await ledger.append(entry(1))
    await run(ledger, "ALTER TABLE ledger_entry RENAME TO taken_away")
    assert await refuses(ledger, entry(2))
    await run(ledger, "ALTER TABLE taken_away RENAME TO ledger_entry")
    await ledger.append(entry(3))
    await ledger.append(entry(4))
    assert [number for _, number in await segments(ledger)] == [1, 2]


async def test_a_ledger_that_lost_its_table_refuses_until_it_is_back(ledger: Ledger) -> None:
    await ledger.append(entry(1))
    await run(ledger, "ALTER TABLE ledger_entry RENAME TO taken_away")
    assert await refuses(ledger, entry(2))
    assert await refuses(ledger, entry(2))
    with pytest.raises(PrivacyError):
        await ledger.ready()
    await run(ledger, "ALTER TABLE taken_away RENAME TO ledger_entry")
    await ledger.ready()
    await ledger.append(entry(2))
    assert await entries(ledger) == [entry(1), entry(2)]


async def test_a_full_queue_refuses_and_drops_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "WAITING", 3)
    answers = await asyncio.gather(*(refuses(ledger, entry(number)) for number in range(5)))
    assert answers == [False, False, False, True, True]
    assert await entries(ledger) == [entry(0), entry(1), entry(2)]


async def test_a_request_that_gives_up_waiting_harms_no_other(ledger: Ledger) -> None:
    await ledger.ready()
    given_up = asyncio.create_task(ledger.append(entry(1)))
    staying = asyncio.create_task(ledger.append(entry(2)))
    await asyncio.wait({given_up}, timeout=0)
    given_up.cancel()
    await staying
    assert entry(2) in await entries(ledger)


async def test_readiness_leaves_no_entry(ledger: Ledger) -> None:
    await ledger.ready()
    await ledger.ready()
    assert await entries(ledger) == []


async def test_closing_writes_what_still_waits(database_url: str) -> None:
    ledger = await new_ledger(ledger_url(database_url))
    waiting = asyncio.create_task(ledger.append(ENTRY))
    await asyncio.wait({waiting}, timeout=0)
    await ledger.close()
    await waiting
    again = Ledger.open(ledger_url(database_url))
    assert await entries(again) == [ENTRY]
    await again.close()


async def test_a_file_that_cannot_be_opened_refuses_until_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    ledger = Ledger.open(f"sqlite+aiosqlite:///{folder / 'ledger.db'}")
    with pytest.raises(PrivacyError):
        await ledger.ready()
    assert await refuses(ledger, entry(1))
    folder.mkdir()
    await make_tables(ledger.database, LEDGER)
    await ledger.append(entry(1))
    assert await entries(ledger) == [entry(1)]
    await ledger.close()


async def test_a_file_that_somebody_else_holds_refuses(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.sqlite.BUSY_SECONDS", 0)
    ledger = await new_ledger(sqlite_url)
    await ledger.append(entry(1))
    async with Database.open(sqlite_url) as other, other.write() as connection:
        await connection.execute(text("SELECT 1"))
        assert await refuses(ledger, entry(2))
    await ledger.append(entry(2))
    await ledger.close()


async def test_a_server_that_cannot_be_reached_refuses() -> None:
    ledger = Ledger.open("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    assert await refuses(ledger, entry(1))
    await ledger.close()


async def test_a_server_that_ended_our_sessions_is_used_again(
    postgres: Postgres, postgresql_url: str
) -> None:
    ledger = await new_ledger(postgresql_url)
    await ledger.append(entry(1))
    postgres.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname LIKE 'test_%' AND pid <> pg_backend_pid()"
    )
    refused = await refuses(ledger, entry(2))
    if refused:
        await ledger.append(entry(2))
    assert await entries(ledger) == [entry(1), entry(2)]
    await ledger.close()


def test_the_ledger_lies_beside_the_database_by_default() -> None:
    beside = ledger_url("sqlite+aiosqlite:///data/sekisho.db")
    assert beside == "sqlite+aiosqlite:///data/sekisho-ledger.db"
    assert ledger_url("sqlite+aiosqlite:////a/b") == "sqlite+aiosqlite:////a/b-ledger.db"
    same = "postgresql+asyncpg://u:p%40ss@h/d?host=/x"
    assert ledger_url(same) == same


async def test_sqlite_entries_reach_the_disk_in_a_file_of_their_own(sqlite_url: str) -> None:
    ledger = await new_ledger(ledger_url(sqlite_url))
    await ledger.append(ENTRY)
    file = Path(ledger.database.readers.url.database or "")
    assert file.name == "sekisho-ledger.db"
    assert file.with_name("sekisho-ledger.db-wal").stat().st_size > 0
    await ledger.close()
