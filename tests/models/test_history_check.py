"""The check holds histories and records against the entries, and says who is concerned."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.history_check import check
from models.ledger_fold import Folder
from models.ledger_purge import purge
from models.positions import pack
from tests.clock import START
from tests.engines import in_turns
from tests.folds import entry, ledgers, segments, write

pytestmark = pytest.mark.anyio

ENTRIES = [
    entry(1, "m1", "m2"),
    entry(2, "m1", on_behalf_of="ichiba", company="callcenter"),
    entry(3, "m3", role="officer", company="*"),
]
NAMES = {
    "M2": "(SELECT id FROM ledger_name WHERE name = 'm2')",
    "OTHER": "(SELECT id FROM ledger_name WHERE name = 'callcenter')",
}
HISTORY = "history of member m2: is not what the entries say"
RECORD = "record of rakuten_group card  3 2026-06 m2"

DAMAGE = {
    "a member left out": (
        "DELETE FROM ledger_history WHERE member = M2",
        ["history of member m2: is missing, though the entries say so"],
    ),
    "a member put in": (
        "INSERT INTO ledger_history VALUES (M2, 2, :elsewhere)",
        [HISTORY],
    ),
    "a member at another place": (
        "UPDATE ledger_history SET base = 2 WHERE member = M2",
        [HISTORY],
    ),
    "a member at places that nobody can read": (
        "UPDATE ledger_history SET positions = :nothing WHERE member = M2",
        [HISTORY],
    ),
    "a company left out": (
        "DELETE FROM ledger_concern WHERE side = 1 AND name = OTHER",
        ["history of recipient callcenter: is missing, though the entries say so"],
    ),
    "a company put in": (
        "INSERT INTO ledger_concern SELECT side, name, 3 FROM ledger_concern WHERE name = OTHER",
        ["history of recipient callcenter: is not what the entries say"],
    ),
    "a company at another place": (
        "UPDATE ledger_concern SET position = 3 WHERE name = OTHER",
        ["history of recipient callcenter: is not what the entries say"],
    ),
    "a record gone": (
        "DELETE FROM ledger_record WHERE member = M2",
        [f"{RECORD}: is missing, though the entries say so"],
    ),
    "a record of nothing": (
        "DELETE FROM ledger_entry WHERE seq = 1",
        [
            "record of rakuten_group card  3 2026-06 m1: stands, but the entries do not say so",
            f"{RECORD}: stands, but the entries do not say so",
        ],
    ),
    "a record of more than there was": (
        "UPDATE ledger_record SET entries = 2 WHERE member = M2",
        [f"{RECORD}: does not stand as the entries say"],
    ),
    "a record that is not statutory": (
        "UPDATE ledger_content SET statutory = NOT statutory",
        [f"{RECORD}: does not stand as the entries say"],
    ),
    "an entry without a place": (
        "DELETE FROM ledger_position WHERE position = 3",
        ["entry 3 of segment SEGMENT: has no position"],
    ),
    "somebody else who asked": (
        "UPDATE ledger_asker SET company = OTHER WHERE id = 1",
        ["entry 1 of segment SEGMENT: who asked when does not stand as the entry says"],
    ),
    "a place of no entry": (
        "INSERT INTO ledger_position SELECT 9, 9, 9, at, 1 FROM ledger_position WHERE seq = 1",
        ["positions: there are 4, 3 of them of entries"],
    ),
    "a purged entry with a place": (
        "UPDATE ledger_entry SET salt = :nothing WHERE seq = 3",
        ["entry 3 of segment SEGMENT: has a position, and nothing to be read there"],
    ),
}


@pytest.fixture
async def folder(database_url: str) -> AsyncIterator[Folder]:
    async with ledgers(database_url) as opened:
        folder = opened.folder()
        await write(folder, ENTRIES)
        await folder.fold()
        yield folder


async def findings(folder: Folder) -> list[str]:
    return [finding async for finding in check(folder)]


async def test_what_was_folded_is_found_to_be_what_the_entries_say(folder: Folder) -> None:
    assert await findings(folder) == []
    await folder.rebuild()
    assert await findings(folder) == []


async def test_what_is_not_folded_yet_is_not_missed(folder: Folder) -> None:
    await write(folder, [entry(4, "m4")])
    assert await findings(folder) == []


async def test_a_purge_leaves_nothing_that_does_not_stand(folder: Folder) -> None:
    long_ago = START - timedelta(days=2000)
    await write(folder, [entry(4, "m4", at=long_ago), entry(5, "m1", at=long_ago)])
    await folder.fold()
    await write(folder, [entry(6, "m4", at=long_ago)])
    await purge(folder.ledger.database, START, "2021-01")
    assert await findings(folder) == []
    await folder.rebuild()
    assert await findings(folder) == []


@pytest.mark.parametrize(("database_url", "damage"), in_turns(DAMAGE), indirect=["database_url"])
async def test_each_difference_is_found_and_mended_by_a_rebuild(
    folder: Folder, damage: str
) -> None:
    statement, found = DAMAGE[damage]
    (segment,) = await segments(folder.ledger)
    found = [each.replace("SEGMENT", str(segment)) for each in found]
    for name, number in NAMES.items():
        statement = statement.replace(name, number)
    async with folder.ledger.database.write() as connection:
        known = {"nothing": b"", "elsewhere": pack(2, [2])}
        given = {name: value for name, value in known.items() if f":{name}" in statement}
        await connection.execute(text(statement), given)
    assert set(found) <= set(await findings(folder))
    await folder.rebuild()
    assert await findings(folder) == []
