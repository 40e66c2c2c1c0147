"""`sekisho erase --due`: counted first, told by name and number, and never by value."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.types import microseconds
from policy.retention import KEPT_AFTER_END
from server import commands
from server.settings import CHECKOUT, Settings
from tests.clock import START

LONG_AGO = START - KEPT_AFTER_END - timedelta(days=999)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed_file: Path) -> Path:
    """A folder of its own, with the demo world where the default settings look for it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEKISHO_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    database = tmp_path / "sekisho.db"
    database.write_bytes(seed_file.read_bytes())
    return database


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.commands, ["erase", *arguments])


def rows(database: Path, statement: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        changed = connection.execute(statement)
        found = changed.fetchone()
        connection.commit()
    return int(found[0]) if found else changed.rowcount


def end_the_order(database: Path) -> None:
    over = microseconds(LONG_AGO)
    ended = f"UPDATE orders SET retention_until = {over} WHERE merchant = 'shop_tea'"  # noqa: S608 (a number)
    assert rows(database, ended) > 0


def test_nothing_is_due_in_the_demo_world() -> None:
    result = run("--due", "--dry-run")
    assert (result.exit_code, result.stderr.strip()) == (0, "Nothing is due.")
    assert run("--due").stderr.strip() == "Nothing is due."


def test_what_to_erase_is_said() -> None:
    result = run()
    assert result.exit_code == 1
    assert "sekisho erase --due" in result.stderr


def test_a_dry_run_counts_and_a_run_erases_the_same(world: Path) -> None:
    before = rows(world, "SELECT count(*) FROM orders")
    end_the_order(world)
    counted = run("--due", "--dry-run")
    assert rows(world, "SELECT count(*) FROM orders") == before
    erased = run("--due")
    number = before - rows(world, "SELECT count(*) FROM orders")
    assert number > 0
    assert counted.stdout.splitlines() == [f"orders: {number} are due"]
    assert erased.stdout.splitlines() == [f"orders: {number} erased"]
    assert run("--due").stderr.strip() == "Nothing is due."
    assert CliRunner().invoke(commands.commands, ["check"]).exit_code == 0


def test_without_a_database_it_says_what_to_do(world: Path) -> None:
    world.unlink()
    result = run("--due")
    assert result.exit_code == 1
    assert "sekisho seed" in result.stderr


def test_the_page_says_how_long() -> None:
    page = (CHECKOUT / "docs" / "retention.md").read_text()
    assert f"{KEPT_AFTER_END.days:,} days after the account was closed" in page
