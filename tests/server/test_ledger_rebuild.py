"""`sekisho ledger rebuild` folds histories and records anew, and `sekisho check` holds them."""

import sqlite3
from contextlib import closing

import anyio
import pytest

from tests.folds import entry, ledgers, write
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home", "seeded")


def record_and_fold() -> None:
    """Two entries where the default settings look for the ledger, folded."""

    async def work() -> None:
        async with ledgers("sqlite+aiosqlite:///sekisho.db") as opened:
            folder = opened.folder()
            await write(folder, [entry(1, "m1", "m2"), entry(2, "m2")])
            await folder.fold()

    anyio.run(work)


def tamper(statement: str) -> None:
    with closing(sqlite3.connect("sekisho-ledger.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_what_does_not_stand_as_the_entries_say_is_found_and_rebuilt() -> None:
    record_and_fold()
    assert run("check").exit_code == 0
    tamper("DELETE FROM ledger_record")
    tamper("DELETE FROM ledger_concern WHERE side = 1")
    found = run("check")
    assert found.exit_code == 1
    assert "m2: is missing, though the entries say so" in told(found)
    assert "history of recipient card: is missing, though the entries say so" in told(found)
    rebuilt = run("ledger", "rebuild")
    assert rebuilt.exit_code == 0
    assert "folded anew, up to position 2" in told(rebuilt)
    assert run("check").exit_code == 0


def test_an_entry_that_cannot_be_read_is_told_and_does_not_stop_it() -> None:
    record_and_fold()
    tamper("UPDATE ledger_entry SET body = x'ff' WHERE seq = 1")
    rebuilt = run("ledger", "rebuild")
    assert rebuilt.exit_code == 0
    assert "Entry 1 of segment 1 cannot be read. Run `sekisho ledger verify`." in told(rebuilt)
