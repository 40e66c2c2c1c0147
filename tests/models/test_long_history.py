"""A member's history of three years, out of a million entries, in well under a second."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from models.bulk import Row, insert_many
from models.disclosure import Entry
from models.entry_form import encode
from models.history import HistoryFilter, Side, history
from models.ledger_fold import Folder
from models.ledger_tables import LEDGER_ENTRY, LEDGER_SEGMENT, month_of
from models.records import RecordFilter, records
from tests.clock import START
from tests.folds import entry, ledgers
from tests.say import Say

pytestmark = [pytest.mark.anyio, pytest.mark.long, pytest.mark.timeout(3600)]

ENTRIES, MEMBERS, YEARS = 1_000_000, 20_000, 3
BETWEEN = timedelta(days=365 * YEARS) / ENTRIES
AT_ONCE = 50_000
COMPANIES = ("card", "mobile", "ichiba", "travel", "edy")
PURPOSES = ("own:card:service", "id_login")


def told(number: int) -> Entry:
    """An entry of its time, about one member, asked for by one of some companies."""
    return entry(
        number,
        f"m{number * 7919 % MEMBERS}",
        company=COMPANIES[number % len(COMPANIES)],
        purpose=PURPOSES[number % 3 == 0],
        at=START + number * BETWEEN,
    )


def ledger_rows() -> Iterator[tuple[list[Row], list[Row]]]:
    """Segments and entries as a writer leaves them, but for what binds them to one another."""
    segments: dict[str, int] = {}
    seqs: dict[int, int] = {}
    for start in range(0, ENTRIES, AT_ONCE):
        opened: list[Row] = []
        entries: list[Row] = []
        for number in range(start, start + AT_ONCE):
            each = told(number)
            month = month_of(each.at)
            if month not in segments:
                segments[month] = len(segments) + 1
                opened.append(segment(segments[month], month, each.at))
            number_of = segments[month]
            seqs[number_of] = seqs.get(number_of, 0) + 1
            place = {"segment": number_of, "seq": seqs[number_of]}
            entries.append({**place, "salt": b"s", "body": encode(each), "link": b""})
        yield opened, entries


def segment(number: int, month: str, at: datetime) -> Row:
    return {"segment": number, "month": month, "opened_at": at, "after_head": 0}


@asynccontextmanager
async def filled(url: str) -> AsyncIterator[Folder]:
    """A ledger of a million entries, folded."""
    async with ledgers(url) as opened:
        folder = opened.folder()
        for segments, entries in ledger_rows():
            async with folder.ledger.database.write() as connection:
                await connection.exec_driver_sql("SELECT 1")
                await insert_many(connection, LEDGER_SEGMENT, segments)
                await insert_many(connection, LEDGER_ENTRY, entries)
        await folder.fold()
        yield folder


async def test_a_member_s_history_is_read_in_under_a_second(database_url: str, say: Say) -> None:
    start = time.perf_counter()
    async with filled(database_url) as folder:
        say(f"filled and folded {ENTRIES:,} entries in {time.perf_counter() - start:.0f} s")
        assert folder.position == ENTRIES
        mine = [(Side.MEMBER, "m1234")]
        expected = [n for n in range(ENTRIES) if n * 7919 % MEMBERS == 1234]

        start = time.perf_counter()
        whole = await history(folder, mine, limit=1000)
        took = time.perf_counter() - start
        assert [each.entry for each in whole] == [told(n) for n in reversed(expected)]
        assert took < 1

        start = time.perf_counter()
        rare = HistoryFilter(purposes=frozenset({"id_login"}), until=START + 9 * BETWEEN * 10**5)
        some = await history(folder, mine, rare, limit=20)
        filtered = time.perf_counter() - start
        assert len(some) == len([n for n in expected if n % 3 == 0 and n < 9 * 10**5][-20:])
        assert filtered < 1

        start = time.perf_counter()
        held = await records(folder, RecordFilter(member="m1234"), limit=1000)
        recorded = time.perf_counter() - start
        assert sum(record.entries for record in held) == len(expected)
        assert recorded < 1
        say(
            f"a member's {len(whole)} entries of {YEARS} years in {took * 1000:.0f} ms, "
            f"20 filtered in {filtered * 1000:.0f} ms, "
            f"{len(held)} records in {recorded * 1000:.0f} ms"
        )
