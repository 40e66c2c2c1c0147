"""`sekisho erase --due`: counted first, told by name and number, and never by value."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from models.types import microseconds
from policy.retention import KEPT_AFTER_END
from server.settings import CHECKOUT
from tests.clock import START
from tests.typed import run

LONG_AGO = START - KEPT_AFTER_END - timedelta(days=999)


pytestmark = pytest.mark.usefixtures("at_home", "seeded")


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
    result = run("erase", "--due", "--dry-run")
    assert (result.exit_code, result.stderr.strip()) == (0, "Nothing is due.")
    assert run("erase", "--due").stderr.strip() == "Nothing is due."


def test_what_to_erase_is_said() -> None:
    result = run("erase")
    assert result.exit_code == 1
    assert "sekisho erase --due" in result.stderr


def test_a_dry_run_counts_and_a_run_erases_the_same(seeded: Path) -> None:
    before = rows(seeded, "SELECT count(*) FROM orders")
    end_the_order(seeded)
    counted = run("erase", "--due", "--dry-run")
    assert rows(seeded, "SELECT count(*) FROM orders") == before
    erased = run("erase", "--due")
    number = before - rows(seeded, "SELECT count(*) FROM orders")
    assert number > 0
    assert counted.stdout.splitlines() == [f"orders: {number} are due"]
    assert erased.stdout.splitlines() == [f"orders: {number} erased"]
    assert run("erase", "--due").stderr.strip() == "Nothing is due."
    assert run("check").exit_code == 0


def test_without_a_database_it_says_what_to_do(seeded: Path) -> None:
    seeded.unlink()
    result = run("erase", "--due")
    assert result.exit_code == 1
    assert "sekisho seed" in result.stderr


def test_the_page_says_how_long() -> None:
    page = (CHECKOUT / "docs" / "retention.md").read_text()
    assert f"{KEPT_AFTER_END.days:,} days after the account was closed" in page
