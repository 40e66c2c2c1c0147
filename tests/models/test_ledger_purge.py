"""What nobody has to keep goes, and nothing of it stays but its place in the chain."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from models import ledger_purge, purge_form
from models.entry_form import encode
from models.history import Side, history
from models.ledger import Entry, Ledger, ledger_url
from models.ledger_chain import commitment
from models.ledger_fold import Folder
from models.ledger_heads import Head, cut_head
from models.ledger_purge import check_over, due, purge
from models.ledger_verify import Verification
from models.purge_form import Purge
from models.records import records
from policy.errors import StartUpError
from policy.retention import first_month_kept
from tests.chains import Chain, entry, findings, made_anew
from tests.clock import START
from tests.folds import entry as page
from tests.folds import ledgers, segments
from tests.made import new_ledger
from tests.tampering import LEDGER

pytestmark = pytest.mark.anyio

FIRST_KEPT = "2023-06"
OLDEST, OLD, KEPT, YOUNG = (
    datetime(2022, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2023, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2023, 6, 1, tzinfo=UTC),
    START,
)
COUNTS = {"2022-01": 5, "2023-05": 7}


class Crash(Exception): ...


@pytest.fixture
async def ledger(database_url: str) -> AsyncIterator[Ledger]:
    """Entries of four months, two of them over for three years."""
    opened = await new_ledger(ledger_url(database_url))
    for at, count in ((OLDEST, 5), (OLD, 7), (KEPT, 2), (YOUNG, 3)):
        for number in range(count):
            said = f"{at:%Y-%m}-{number}"
            await opened.append(replace(entry(number), decision_id=said, at=at))
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_purge, "PAGE", 3)


async def verified(ledger: Ledger, given: Head | None = None, now: datetime = START) -> list[str]:
    return [each async for each in Verification(ledger.database, now, given).findings()]


async def decisions(ledger: Ledger) -> list[str]:
    return [each.decision_id async for each in ledger.entries()]


async def stored(ledger: Ledger, query: str) -> list[tuple[object, ...]]:
    async with ledger.database.read() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def run(ledger: Ledger, statement: str) -> None:
    async with ledger.database.write() as connection:
        await connection.execute(text(statement))


def part_of(entry: Entry) -> bytes:
    """Bytes that are found wherever the entry is, and no other: its id and its time."""
    return encode(entry)[2:14]


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_a_month_is_kept_until_three_years_after_its_end() -> None:
    assert first_month_kept(START) == FIRST_KEPT
    assert first_month_kept(datetime(2026, 1, 1, tzinfo=UTC)) == "2023-01"
    assert first_month_kept(datetime(2025, 12, 31, 23, 59, tzinfo=UTC)) == "2022-12"


def test_months_that_have_to_be_kept_are_refused() -> None:
    check_over(FIRST_KEPT, START)
    check_over("2020-01", START)
    for month in ("2023-07", "2026-06", "9999-12"):
        with pytest.raises(StartUpError, match="the months before 2023-06 can be purged"):
            check_over(month, START)


def test_a_purge_survives_the_way_into_the_ledger_and_back() -> None:
    said = Purge(START, 3, 1, 1000)
    assert purge_form.is_purge(purge_form.encode(said))
    assert purge_form.decode(purge_form.encode(said)) == said


async def test_what_is_over_goes_and_the_rest_stays(ledger: Ledger) -> None:
    async with ledger.database.read() as connection:
        assert await due(connection, FIRST_KEPT) == COUNTS
    advanced: list[int] = []
    assert await purge(ledger.database, START, FIRST_KEPT, advanced.append) == (COUNTS, 0)
    assert sum(advanced) == 12
    assert max(advanced) == 3
    assert await decisions(ledger) == [
        *("2023-06-0", "2023-06-1"),
        *("2026-06-0", "2026-06-1", "2026-06-2"),
    ]
    assert await purge(ledger.database, START, FIRST_KEPT) == ({}, 0)


async def test_only_months_before_the_one_that_is_said_go(ledger: Ledger) -> None:
    assert await purge(ledger.database, START, "2023-05") == ({"2022-01": 5}, 0)
    with pytest.raises(StartUpError):
        await purge(ledger.database, START, "2023-07")
    assert len(await decisions(ledger)) == 12


async def test_verifying_stays_exact_after_a_purge(ledger: Ledger) -> None:
    before = await cut_head(ledger.database, START)
    await purge(ledger.database, START, FIRST_KEPT)
    assert await verified(ledger, before) == []
    after = await cut_head(ledger.database, START)
    assert await verified(ledger, after) == []
    first, *_ = await segments(ledger)
    await run(ledger, f"UPDATE ledger_entry SET link = body WHERE segment = {first} AND seq = 4")  # noqa: S608
    wrong = (
        f"segment {first}, entry 4: is not what was recorded, or not after what stands before it"
    )
    assert (await verified(ledger, before))[0] == wrong
    assert (await verified(ledger, after))[0] == wrong


async def test_of_a_purged_entry_its_commitment_and_its_link_are_left(ledger: Ledger) -> None:
    rows = "SELECT segment, seq, salt, body, link FROM ledger_entry ORDER BY segment, seq"
    whole = await stored(ledger, rows)
    await purge(ledger.database, START, FIRST_KEPT)
    left = await stored(ledger, rows)
    for old, new in zip(whole[:12], left, strict=False):
        segment, seq, salt, body, link = old
        assert isinstance(salt, bytes)
        assert isinstance(body, bytes)
        assert new == (segment, seq, b"", commitment(salt, body), link)
    assert left[12:17] == whole[12:]


async def test_on_sqlite_no_byte_of_what_was_purged_is_left_in_the_files(tmp_path: Path) -> None:
    ledger = await new_ledger(f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}")
    kept, gone = entry(0), [replace(entry(number), at=OLD) for number in range(1, 21)]
    for each in (*gone, kept):
        await ledger.append(each)
    await purge(ledger.database, START, FIRST_KEPT)
    assert part_of(kept) in on_disk(tmp_path)
    assert not [each for each in gone if part_of(each) in on_disk(tmp_path)]
    await ledger.close()


async def test_a_purge_that_is_cut_off_is_whole_and_the_next_one_goes_on(ledger: Ledger) -> None:
    def stop(_entries: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await purge(ledger.database, START, FIRST_KEPT, stop)
    assert await verified(ledger) == []
    assert await purge(ledger.database, START, FIRST_KEPT) == ({"2022-01": 2, "2023-05": 7}, 0)
    assert await verified(ledger) == []


async def test_a_purge_that_cannot_be_recorded_purges_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Crash

    monkeypatch.setattr(ledger_purge, "extend", fail)
    with pytest.raises(Crash):
        await purge(ledger.database, START, FIRST_KEPT)
    assert len(await decisions(ledger)) == 17
    assert await verified(ledger) == []


async def test_purges_themselves_are_never_purged(ledger: Ledger) -> None:
    await purge(ledger.database, START, FIRST_KEPT)
    later = START + timedelta(days=4 * 366)
    kept = first_month_kept(later)
    assert await purge(ledger.database, later, kept) == ({"2023-06": 2, "2026-06": 3}, 0)
    assert await decisions(ledger) == []
    assert await verified(ledger, now=later) == []
    assert await purge(ledger.database, later, kept) == ({}, 0)


async def test_contents_that_are_gone_without_their_purge_are_found(ledger: Ledger) -> None:
    await purge(ledger.database, START, FIRST_KEPT)
    newest = "(SELECT max(segment) FROM ledger_segment)"
    await run(ledger, f"DELETE FROM ledger_entry WHERE segment = {newest} AND seq = 5")  # noqa: S608
    _, second, *_ = await segments(ledger)
    assert await verified(ledger) == [
        f"segment {second}, entry 7: its contents are gone, and no purge says so"
    ]


async def test_contents_that_come_back_after_their_purge_are_found(ledger: Ledger) -> None:
    first, *_ = await segments(ledger)
    here = f"WHERE segment = {first} AND seq = 2"
    (row,) = await stored(ledger, f"SELECT salt, body FROM ledger_entry {here}")  # noqa: S608
    await purge(ledger.database, START, FIRST_KEPT)
    back = text(f"UPDATE ledger_entry SET salt = :salt, body = :body {here}")  # noqa: S608
    async with ledger.database.write() as connection:
        await connection.execute(back, dict(zip(("salt", "body"), row, strict=True)))
    assert await verified(ledger) == [
        f"segment {first}, entry 2: a purge says that it is gone, and it is not"
    ]


def purged(at: datetime) -> Chain:
    """The small ledger, whose second segment somebody purged by hand, saying when."""
    rows = [
        (*row[:2], b"", commitment(row[2], row[3]), row[4]) if row[0] == 2 else row
        for row in LEDGER.entries
    ]
    body = purge_form.encode(Purge(at, 2, 1, 3))
    return made_anew(replace(LEDGER, entries=(*rows, (3, 4, b"salt", body, b""))), after=2)


@pytest.mark.parametrize("at", [START, datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_purge_before_its_time_is_found_whenever_it_says_it_was(at: datetime) -> None:
    wrong = "segment 2, entry 1: was purged before its time"
    assert list(findings(purged(at), LEDGER.head(2))) == [wrong]


def test_the_same_purge_in_its_time_is_right() -> None:
    later = datetime(2029, 7, 1, tzinfo=UTC)
    assert list(findings(purged(later), LEDGER.head(2), later)) == []


async def heard(folder: Folder) -> tuple[list[str], list[str]]:
    """What is told of m1: the decisions, and the months of the records."""
    told = await history(folder, [(Side.MEMBER, "m1")], limit=100)
    months = sorted(each.month for each in await records(folder))
    return [each.entry.decision_id for each in told], months


@pytest.mark.parametrize("first", [True, False], ids=["folded", "unfolded"])
async def test_histories_and_records_of_what_is_purged_go_with_it(
    database_url: str, *, first: bool
) -> None:
    async with ledgers(database_url) as opened:
        folder = opened.folder()
        for number, at in enumerate((OLDEST, OLD, OLD, KEPT, YOUNG)):
            await folder.ledger.append(replace(page(number, "m1"), at=at))
        if first:
            assert len((await heard(folder))[0]) == 5
        gone = await purge(folder.ledger.database, START, FIRST_KEPT)
        assert gone == ({"2022-01": 1, "2023-05": 2}, 2 if first else 0)
        assert await heard(folder) == (["d-4", "d-3"], ["2023-06", "2026-06"])
        assert await heard(opened.folder()) == (["d-4", "d-3"], ["2023-06", "2026-06"])


async def test_records_that_a_purge_cut_off_left_behind_go_with_the_next(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stop(*_: object) -> int:
        raise KeyboardInterrupt

    async with ledgers(database_url) as opened:
        folder = opened.folder()
        await folder.ledger.append(replace(page(1, "m1"), at=OLD))
        assert await heard(folder) == (["d-1"], ["2023-05"])
        with monkeypatch.context() as patch:
            patch.setattr(ledger_purge, "forget_month", stop)
            with pytest.raises(KeyboardInterrupt):
                await purge(folder.ledger.database, START, FIRST_KEPT)
        assert await purge(folder.ledger.database, START, FIRST_KEPT) == ({}, 1)
        assert await heard(folder) == ([], [])
