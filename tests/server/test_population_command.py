"""`sekisho seed --members`: adds what is missing, says so, and shows its progress to a terminal."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from rich.console import Console

from server import commands
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home", "seeded")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a terminal in place of the standard error was told."""
    screen = io.StringIO()
    monkeypatch.setattr(commands, "err", Console(file=screen, force_terminal=True, width=90))
    yield screen
    screen.close()


def members() -> int:
    with closing(sqlite3.connect("sekisho.db")) as database:
        query = "SELECT count(*) FROM account WHERE member_key LIKE 's%'"
        return int(database.execute(query).fetchone()[0])


def test_members_are_added_until_there_are_as_many_as_wanted() -> None:
    first = run("seed", "--members", "30")
    assert (first.exit_code, members()) == (0, 30)
    assert "30 members of seed 1: 30 were added." in told(first)
    assert "10 were added" in told(run("seed", "--members", "40"))
    assert members() == 40
    again = run("seed", "--members", "40")
    assert "The demo world was loaded before. 40 members of seed 1 were there before." in told(
        again
    )
    assert "5 were added" in told(run("seed", "--members", "5", "--seed", "7"))
    assert members() == 45
    checked = run("check")
    assert (checked.exit_code, told(checked)) == (0, "What stands is what events and ledger say.")


def test_no_members_are_none() -> None:
    for arguments in ((), ("--members", "0"), ("--seed", "3")):
        result = run("seed", *arguments)
        assert (result.exit_code, told(result)) == (0, "The demo world was loaded before.")
    assert members() == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--members", "-1"),
        ("--members", "10000000"),
        ("--members", "99999999999999999999999"),
        ("--members", "1e5"),
        ("--members", "many"),
        ("--seed", "-1"),
        ("--seed", "2147483648"),
    ],
)
def test_a_number_out_of_range_is_refused(option: str, value: str) -> None:
    result = run("seed", "--members", "3", option, value)
    assert result.exit_code == 2
    assert option in told(result)
    assert members() == 0


def test_the_progress_is_shown_to_a_terminal(terminal: io.StringIO) -> None:
    assert run("seed", "--members", "12").exit_code == 0
    assert "Members" in terminal.getvalue()
    assert "12/12" in terminal.getvalue()


def test_no_progress_is_written_where_nobody_looks() -> None:
    result = run("seed", "--members", "12")
    assert "Members" not in result.output
    assert "\x1b" not in result.output
