"""`sekisho ledger …`, typed: a line for the witness, what was altered, what goes."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from models.ledger import ledger_url
from models.ledger_heads import Head
from models.ledger_purge import PAGE
from policy.retention import RECORD_YEARS
from server.clock import now
from server.settings import CHECKOUT
from tests.chains import entry
from tests.made import new_ledger
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home", "seeded")

LONG_AGO = datetime(2020, 2, 29, tzinfo=UTC)


HERE = ledger_url("sqlite+aiosqlite:///sekisho.db")
"""Where the default settings look for the ledger."""


def record(*times: datetime, url: str = HERE) -> None:
    """Write an entry for each of these times."""

    async def write() -> None:
        ledger = await new_ledger(url)
        for number, at in enumerate(times):
            await ledger.append(replace(entry(number), at=at))
        await ledger.close()

    anyio.run(write)


def tamper(statements: str) -> None:
    with closing(sqlite3.connect("sekisho-ledger.db")) as connection:
        connection.executescript(statements)
        assert connection.total_changes > 0


def head() -> str:
    result = run("ledger", "head")
    assert result.exit_code == 0
    return result.stdout.strip()


def test_a_head_is_one_line_for_the_witness_and_the_same_where_nothing_grew() -> None:
    record(LONG_AGO)
    line = head()
    assert Head.parse(line).number == 1
    assert head() == line
    record(LONG_AGO)
    assert Head.parse(head()).number == 2


def test_an_untouched_ledger_is_verified_and_what_came_after_the_head_is_counted() -> None:
    record(LONG_AGO, LONG_AGO)
    line = head()
    record(LONG_AGO)
    result = run("ledger", "verify", "--head", line)
    assert (result.exit_code, result.stdout) == (0, "")
    assert told(result) == (
        "Entries: 3, held against head 1, given. Recorded after it, and outside of the "
        "guarantee: 1. Nothing was altered."
    )
    assert "one that is kept outside shows more" in told(run("ledger", "verify"))


def test_without_a_head_there_is_no_guarantee_and_it_says_so() -> None:
    record(LONG_AGO)
    result = run("ledger", "verify")
    assert result.exit_code == 0
    assert "No head was cut yet, so all are outside of the guarantee" in told(result)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (
            "UPDATE ledger_entry SET body = zeroblob(9) WHERE seq = 2",
            "segment 1, entry 2: is not what was recorded, or not after what stands before it",
        ),
        ("DELETE FROM ledger_entry WHERE seq = 2", "segment 1, entry 2: is missing"),
        (
            "DELETE FROM ledger_entry WHERE seq > 1",
            "segment 1, entry 2: is missing, though head 1 names entry 3",
        ),
        (
            """UPDATE ledger_entry SET seq = 9 WHERE seq = 2;
            UPDATE ledger_entry SET seq = 2 WHERE seq = 3;
            UPDATE ledger_entry SET seq = 3 WHERE seq = 9""",
            "segment 1, entry 2: is not what was recorded, or not after what stands before it",
        ),
        (
            "UPDATE ledger_segment SET month = '2026-07'",
            "segment 1, entry 1: is not what was recorded, or not after what stands before it",
        ),
        ("DELETE FROM ledger_segment", "segment 1: its row is missing"),
        ("UPDATE ledger_head SET at = at + 1", "head 1: is another than the one that was given"),
        ("DELETE FROM ledger_head", "head 1: is missing, though head 1 was given"),
    ],
)
def test_an_alteration_is_named_and_fails(statement: str, wrong: str) -> None:
    record(LONG_AGO, LONG_AGO, LONG_AGO)
    line = head()
    tamper(statement)
    result = run("ledger", "verify", "--head", line)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, wrong)
    assert "Nothing was altered" not in result.output
    if not wrong.startswith("head"):
        checked = run("check")
        assert checked.exit_code == 1
        assert wrong in checked.stdout.splitlines()


def test_an_older_copy_of_the_file_is_found_by_the_witness(tmp_path: Path) -> None:
    record(LONG_AGO)
    head()
    with closing(sqlite3.connect("sekisho-ledger.db")) as live:
        older = live.serialize()
    record(LONG_AGO)
    line = head()
    for file in tmp_path.glob("sekisho-ledger.db*"):
        file.unlink()
    (tmp_path / "sekisho-ledger.db").write_bytes(older)
    assert run("ledger", "verify").exit_code == 0
    result = run("ledger", "verify", "--head", line)
    assert (result.exit_code, result.stdout.strip()) == (
        1,
        "head 2: is missing, though head 2 was given",
    )


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sekisho-ledger.db").write_bytes(b"no database" * 1000)
    result = run("ledger", "verify")
    assert (result.exit_code, result.stdout.strip()) == (
        1,
        "the ledger cannot be read any further (DatabaseError)",
    )


def test_a_ledger_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sekisho-ledger.db").write_bytes(b"no database" * 1000)
    for command in ("head", "purge"):
        result = run("ledger", command)
        assert result.exit_code == 1
        assert "sekisho-ledger.db cannot be used (DatabaseError)" in told(result)


def test_a_line_that_is_no_head_is_refused() -> None:
    result = run("ledger", "verify", "--head", "12 yesterday")
    assert result.exit_code == 1
    assert "Give the whole line that `sekisho ledger head` printed" in told(result)


def test_a_purge_is_counted_first_then_done_and_the_ledger_stays_exact() -> None:
    record(LONG_AGO, LONG_AGO, now())
    line = head()
    assert run("ledger", "purge", "--dry-run").stdout == "2020-02: 2 entries are due\n"
    result = run("ledger", "purge")
    assert (result.exit_code, result.stdout) == (0, "2020-02: 2 entries purged\n")
    assert "Give the witness a new head" in result.stderr
    assert run("ledger", "purge").stderr.strip() == "Nothing is due."
    assert run("ledger", "verify", "--head", line).exit_code == 0
    assert run("check").exit_code == 0


def test_on_postgresql_all_of_it_is_the_same(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_LEDGER_URL", postgresql_url)
    record(LONG_AGO, LONG_AGO, url=postgresql_url)
    line = head()
    assert run("ledger", "purge").stdout == "2020-02: 2 entries purged\n"
    assert run("ledger", "verify", "--head", line).exit_code == 0
    covering = head()
    another = covering[:-1] + ("0" if covering[-1] != "0" else "1")
    result = run("ledger", "verify", "--head", another)
    assert (result.exit_code, result.stdout.strip()) == (
        1,
        "head 2: is another than the one that was given",
    )


def test_a_month_can_be_said_and_one_that_has_to_be_kept_is_refused() -> None:
    record(LONG_AGO)
    assert run("ledger", "purge", "--before", "2020-02").stderr.strip() == "Nothing is due."
    refused = run("ledger", "purge", "--before", "9999-12")
    assert refused.exit_code == 1
    assert "Records are kept for 3 years after their month" in told(refused)
    for month in ("2020", "2020-13", "yesterday"):
        result = run("ledger", "purge", "--before", month)
        assert (result.exit_code, told(result)) == (
            1,
            "A month is a year and a month, as 2026-04.",
        )


def test_the_page_shows_a_line_that_can_be_read_and_says_how_long_entries_are_kept() -> None:
    page = (CHECKOUT / "docs" / "ledger.md").read_text()
    (line,) = set(re.findall(r"[0-9]+ 20\S+Z [0-9a-f]{64}", page))
    assert Head.parse(line).number == 3
    assert RECORD_YEARS == 3
    assert "for three years after the month" in page
    assert f"at most {PAGE:,} entries" in page
