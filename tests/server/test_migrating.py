"""`sekisho migrate` makes and mends what a server needs, and a server without it does not start."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from models.revision import LEDGER, MEMBERS
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home")

ALL = [
    "members 0001: the first tables, their indexes and views.",
    "members 0002: people of a region and an age are found by an index.",
    "members 0003: what companies' systems are trusted to ask.",
    "ledger 0001: the chain of entries and its projections.",
]


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statement)


def test_new_databases_are_made_and_the_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    first, second = run("migrate"), run("migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    done = "Database and ledger have the tables of this version."
    assert first.stderr.splitlines() == [*ALL, done]
    assert second.stderr.splitlines() == [done]
    assert {file.name for file in tmp_path.glob("*.db")} == {"sekisho.db", "sekisho-ledger.db"}
    assert run("seed").exit_code == 0


def test_a_check_says_what_is_missing_and_makes_nothing() -> None:
    for _ in range(2):
        missing = run("migrate", "--check")
        assert (missing.exit_code, missing.stdout.splitlines()) == (1, ALL)
    assert run("migrate").exit_code == 0
    whole = run("migrate", "--check")
    assert (whole.exit_code, whole.stdout, whole.stderr.strip()) == (0, "", "Nothing is missing.")


def test_a_dry_run_prints_statements_that_do_what_migrating_does(tmp_path: Path) -> None:
    printed = run("migrate", "--dry-run")
    members, ledger = printed.stdout.split("BEGIN;\n")[1:]
    change(tmp_path / "sekisho.db", f"BEGIN; {members}")
    change(tmp_path / "sekisho-ledger.db", f"BEGIN; {ledger}")
    assert run("migrate", "--check").exit_code == 0
    assert run("migrate", "--dry-run").stdout == ""
    assert run("migrate", "--check", "--dry-run").exit_code == 2


def test_on_postgresql_members_and_ledger_share_a_database(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_DATABASE_URL", postgresql_url)
    assert run("migrate", "--check").stdout.splitlines() == ALL
    assert run("migrate").stderr.splitlines()[: len(ALL)] == ALL
    assert run("migrate", "--check").exit_code == 0


@pytest.mark.parametrize("name", ["sekisho.db", "sekisho-ledger.db"])
def test_an_old_database_is_not_seeded_until_it_is_migrated(seeded: Path, name: str) -> None:
    kept_in = "ledger_revision" if "ledger" in name else "sekisho_revision"
    change(seeded.with_name(name), f"UPDATE {kept_in} SET version_num = '0000'")  # noqa: S608 (ours)
    refused = run("seed")
    assert refused.exit_code == 1
    needed = LEDGER.number if "ledger" in name else MEMBERS.number
    wanted = f"is at revision 0000, and this Sekisho needs {needed}: run `sekisho migrate`."
    assert told(refused).endswith(f"{name} {wanted}")


def test_what_fails_is_told_in_a_sentence_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.sqlite.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(tmp_path / "sekisho.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = run("migrate")
    assert refused.exit_code == 1
    assert "did not take the next revision (OperationalError) and is as it was" in told(refused)
    assert run("migrate", "--check").stdout.splitlines() == ALL
