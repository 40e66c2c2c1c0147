"""Entries are folded exactly once, whoever folds, and nothing that was written is ever missing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from models import fold_rows, ledger_backlog
from models.bulk import insert_many
from models.history import Side, history
from models.history_tables import POSITION
from models.ledger_fold import Folder
from models.records import records
from tests.folds import Ledgers, entry, folded, ledgers, rows, write

pytestmark = pytest.mark.anyio

MEMBERS = [f"m{number}" for number in range(1, 9)]


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Ledgers]:
    async with ledgers(database_url) as found:
        yield found


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of a few entries, so that there are many of them."""
    monkeypatch.setattr(ledger_backlog, "ENTRIES", 3)
    monkeypatch.setattr(ledger_backlog, "_PAGE", 2)


def page(number: int) -> list[str]:
    """Two members, others on each page, again and again."""
    return [MEMBERS[(number + step) % len(MEMBERS)] for step in (0, 3)]


class Crash(Exception): ...


def crashing_after(inserts: int) -> Callable[..., Awaitable[None]]:
    """An insert of many rows that works so often."""
    left, insert = inserts, insert_many

    async def crashing(*given: Any) -> None:
        nonlocal left
        if not left:
            raise Crash
        left -= 1
        await insert(*given)

    return crashing


async def heard(folder: Folder, member: str) -> list[str]:
    """The decisions about a member, newest first."""
    found = await history(folder, [(Side.MEMBER, member)], limit=1000)
    return [each.entry.decision_id for each in found]


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
@pytest.mark.parametrize("inserts", range(7))
async def test_a_crash_in_the_middle_of_a_step_leaves_nothing_of_it(
    opened: Ledgers, monkeypatch: pytest.MonkeyPatch, inserts: int
) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, *page(number)) for number in range(3)])
    await folder.fold()
    before = await folded(folder)
    await write(folder, [entry(number, *page(number)) for number in range(3, 9)])
    with monkeypatch.context() as patched:
        patched.setattr(fold_rows, "insert_many", crashing_after(inserts))
        with pytest.raises(Crash):
            await folder.fold()
    assert await folded(folder) == before
    again = opened.folder()
    await again.fold()
    assert len(await rows(again, POSITION)) == 9
    assert sum(each.entries for each in await records(again, limit=100)) == 18
