"""Entries are folded exactly once, whoever folds, and nothing that was written is ever missing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from models import fold_rows, ledger_backlog
from models.bulk import insert_many
from models.history import history_after, history_end
from models.history_tables import CONCERN, FOLD, HISTORY, POSITION
from models.ledger_fold import Folder, forget
from models.positions import grow, unpack
from models.record_rows import add
from models.records import forget_month, records
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from tests.engines import in_turns
from tests.folds import (
    MEMBERS,
    Ledgers,
    at,
    catalogue_of,
    damage,
    entry,
    folded,
    heard,
    ledgers,
    page,
    rows,
    segments,
    varied,
    write,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Ledgers]:
    async with ledgers(database_url) as found:
        yield found


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of a few entries, so that there are many of them."""
    monkeypatch.setattr(ledger_backlog, "ENTRIES", 3)
    monkeypatch.setattr(ledger_backlog, "_PAGE", 2)


class Crash(Exception): ...


def crashing_after(statements: int) -> Callable[..., Awaitable[None]]:
    """Does what it is told so often, and no more."""
    left = statements

    async def crashing(work: Callable[..., Awaitable[None]], *given: Any) -> None:
        nonlocal left
        if not left:
            raise Crash
        left -= 1
        await work(*given)

    return crashing


async def test_nothing_is_missing_right_after_it_was_written(opened: Ledgers) -> None:
    folder = opened.folder()
    for number in range(3):
        await write(folder, [entry(number, "m1")])
        assert (await heard(folder, "m1"))[0] == f"d-{number}"
        (record,) = await records(folder)
        assert record.entries == number + 1


async def test_what_another_process_wrote_and_left_is_folded(opened: Ledgers) -> None:
    dead, alive = opened.folder(), opened.folder()
    await write(dead, [entry(1, "m1"), entry(2, "m2")])
    await dead.ledger.close()
    assert await heard(alive, "m1") == ["d-1"]
    assert await heard(alive, "m2") == ["d-2"]


@pytest.mark.usefixtures("few")
async def test_two_folders_at_once_fold_each_entry_exactly_once(opened: Ledgers) -> None:
    writer, *folders = [opened.folder() for _ in range(3)]

    async def writing() -> None:
        for number in range(40):
            await write(writer, [entry(number, *page(number))])

    async def folding(folder: Folder) -> None:
        while folder.position < 40:
            await folder.fold()
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(writing(), *map(folding, folders))
    assert [row["position"] for row in await rows(writer, POSITION)] == [*range(1, 41)]
    assert sum(each.entries for each in await records(writer, limit=100)) == 80
    for member in MEMBERS:
        shown = [f"d-{number}" for number in range(40) if member in page(number)]
        assert sorted(await heard(writer, member)) == sorted(shown)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("database_url", "statements"), in_turns(range(8)), indirect=["database_url"]
)
async def test_a_crash_in_the_middle_of_a_step_leaves_nothing_of_it(
    opened: Ledgers, monkeypatch: pytest.MonkeyPatch, statements: int
) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, *page(number)) for number in range(3)])
    await folder.fold()
    before = await folded(folder)
    await write(folder, [entry(number, *page(number)) for number in range(3, 9)])
    with monkeypatch.context() as patched:
        crash = crashing_after(statements)
        patched.setattr(fold_rows, "insert_many", partial(crash, insert_many))
        patched.setattr(fold_rows, "add", partial(crash, add))
        patched.setattr(fold_rows, "grow", partial(crash, grow))
        with pytest.raises(Crash):
            await folder.fold()
    assert await folded(folder) == before
    again = opened.folder()
    await again.fold()
    assert len(await rows(again, POSITION)) == 9
    assert sum(each.entries for each in await records(again, limit=100)) == 18


@pytest.mark.usefixtures("few")
async def test_folding_anew_gives_what_folding_bit_by_bit_gave(opened: Ledgers) -> None:
    one, other = opened.folder(), opened.folder()
    for number in range(20):
        await write((one, other)[number % 2], [varied(number)])
        if number % 3 == 0:
            await (one, other)[number % 5 == 0].fold()
    await one.fold()
    before = await folded(one)
    assert len(before["ledger_record"]) > 8
    seen: list[int] = []
    await other.rebuild(seen.append)
    assert await folded(one) == before
    assert sum(seen) == await one.size() == 20


async def test_a_rebuild_that_is_cut_off_is_brought_to_its_end_by_who_folds_next(
    opened: Ledgers, few: None
) -> None:
    folder = opened.folder()
    await write(folder, map(varied, range(9)))
    await folder.fold()
    before = await folded(folder)

    def cut_off(_entries: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        await folder.rebuild(cut_off)
    assert await folded(folder) != before
    await opened.folder().fold()
    assert await folded(folder) == before


async def test_a_backlog_of_several_writers_becomes_one_history_in_good_order(
    opened: Ledgers, few: None
) -> None:
    writers = [opened.folder() for _ in range(3)]
    for number in range(18):
        await write(writers[number % 3], [entry(number, "m1")])
    folder = opened.folder()
    assert await heard(folder, "m1") == [f"d-{number}" for number in reversed(range(18))]


async def test_an_entry_that_is_purged_before_it_was_folded_is_passed_over(opened: Ledgers) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, "m1") for number in range(3)])
    await damage(folder, 2, salt=b"", body=b"its commitment")
    assert await heard(folder, "m1") == ["d-2", "d-0"]


async def test_what_is_purged_while_it_is_folded_for_the_first_time_is_folded_nowhere(
    opened: Ledgers,
) -> None:
    purging = opened.folder()
    await write(purging, [entry(1, "m1")])

    async def purged_meanwhile(version: str) -> Catalogue | None:
        """Whoever folds asks for the catalogue when they have read what there is."""
        if not await rows(purging, FOLD):
            (segment,) = await segments(purging.ledger)
            async with purging.ledger.database.write() as connection:
                await forget(connection, segment, 1, 1)
            await damage(purging, 1, salt=b"", body=b"its commitment")
        return await catalogue_of(version)

    folder = Folder(opened.folder().ledger, purged_meanwhile)
    await folder.fold()
    assert await rows(folder, HISTORY) == []
    assert await records(folder) == []


async def test_what_is_forgotten_is_in_no_history(opened: Ledgers) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, "m1", f"m{number}") for number in range(2, 6)])
    await folder.fold()
    (segment,) = await segments(folder.ledger)
    async with folder.ledger.database.write() as connection:
        await forget(connection, segment, 1, 3)
    assert await heard(folder, "m1") == ["d-5"]
    assert await heard(folder, "m2") == []
    assert [row["position"] for row in await rows(folder, POSITION)] == [4]
    assert {row["position"] for row in await rows(folder, CONCERN)} == {4}
    standing = [unpack(row["base"], row["positions"]) for row in await rows(folder, HISTORY)]
    assert standing == [[4], [4]]


async def test_the_records_of_a_month_go_with_it(opened: Ledgers) -> None:
    folder = opened.folder()
    later = timedelta(days=40)
    await write(folder, [entry(1, "m1"), entry(2, "m1", at=at(2) + later)])
    await folder.fold()
    async with folder.ledger.database.write() as connection:
        assert await forget_month(connection, "2026-06") == 1
    assert [record.month for record in await records(folder)] == ["2026-07"]


async def test_what_cannot_be_folded_just_now_is_not_answered_without(opened: Ledgers) -> None:
    folder = opened.folder()
    await write(folder, [entry(1, "m1")])
    async with folder.ledger.database.write() as connection:
        await connection.execute(text("ALTER TABLE ledger_concern RENAME TO taken_away"))
    with pytest.raises(PrivacyError) as refused:
        await heard(folder, "m1")
    assert refused.value.code is ErrorCode.LEDGER_UNAVAILABLE
    async with folder.ledger.database.write() as connection:
        await connection.execute(text("ALTER TABLE taken_away RENAME TO ledger_concern"))
    assert await heard(folder, "m1") == ["d-1"]


async def test_who_waits_for_more_is_woken_by_it(opened: Ledgers) -> None:
    folder, other = opened.folder(), opened.folder()
    end = await history_end(folder)
    waiting = asyncio.create_task(folder.grown(end))
    await write(other, [entry(1, "m1"), entry(2, "m2"), entry(3, "m1")])
    await other.fold()
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    await folder.fold()
    async with asyncio.timeout(5):
        await waiting
    behind = await history_after(folder, "m1", end)
    assert [each.entry.decision_id for each in behind] == ["d-1", "d-3"]
    assert await history_after(folder, "m1", behind[-1].position) == []
