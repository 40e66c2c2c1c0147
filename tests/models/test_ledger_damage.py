"""Entries that somebody damaged or changed stand in the way of nothing that is whole."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import insert

from models.entry_form import encode
from models.history_tables import PROGRESS
from models.ledger_fold import forget
from models.ledger_tables import LEDGER_ENTRY
from tests.folds import Ledgers, damage, entry, heard, ledgers, page, rows, varied, write

pytestmark = pytest.mark.anyio


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Ledgers]:
    async with ledgers(database_url) as found:
        yield found


async def test_an_entry_that_nobody_can_read_is_told_and_passed_over(opened: Ledgers) -> None:
    unreadable: list[tuple[int, int]] = []
    folder = opened.folder(unreadable=lambda *place: unreadable.append(place))
    await write(folder, [entry(number, "m1") for number in range(3)])
    await damage(folder, 2, body=b"\xff")
    assert await heard(folder, "m1") == ["d-2", "d-0"]
    assert [seq for _, seq in unreadable] == [2]
    await write(folder, [entry(3, "m1")])
    assert await heard(folder, "m1") == ["d-3", "d-2", "d-0"]
    assert len(unreadable) == 1


async def test_no_damage_of_a_byte_stops_the_folding_of_what_is_whole(opened: Ledgers) -> None:
    folder = opened.folder()
    whole = varied(5)
    body = encode(whole)
    damaged = [
        body[:place] + bytes([byte]) + body[place + 1 :]
        for place in range(len(body))
        for byte in {0x00, 0xFF, body[place] ^ 0x80, (body[place] + 1) % 256}
    ]
    await write(folder, [whole])
    async with folder.ledger.database.write() as connection:
        await connection.execute(
            insert(LEDGER_ENTRY),
            [
                {"segment": folder.ledger.last, "seq": seq, "salt": b"s", "body": each, "link": b""}
                for seq, each in enumerate([*damaged, encode(varied(6))], 2)
            ],
        )
    await folder.fold()
    assert "d-6" in await heard(folder, page(6)[0])
    (progress,) = await rows(folder, PROGRESS)
    assert progress["seq"] == len(damaged) + 2


async def test_an_entry_of_a_role_that_nobody_has_is_told_to_nobody(opened: Ledgers) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, "m1") for number in range(3)])
    assert await heard(folder, "m1") == ["d-2", "d-1", "d-0"]
    await damage(folder, 2, body=encode(replace(entry(1, "m1"), role="servant")))
    assert await heard(folder, "m1") == ["d-2", "d-0"]


async def test_what_was_changed_after_it_was_folded_goes_with_the_others(opened: Ledgers) -> None:
    folder = opened.folder()
    await write(folder, [entry(number, "m1") for number in range(3)])
    assert await heard(folder, "m1") == ["d-2", "d-1", "d-0"]
    unheard_of = replace(entry(1, "somebody else"), company="unheard of")
    await damage(folder, 2, body=encode(unheard_of))
    async with folder.ledger.database.write() as connection:
        await forget(connection, folder.ledger.last, 1, 2)
    assert await heard(folder, "m1") == ["d-2"]
    assert await heard(folder, "somebody else") == []
