"""`sekisho seed --members`: adds what is missing, says so, and shows its progress to a terminal."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from server import commands
from server.settings import Settings


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed_file: Path) -> None:
    """A folder of its own, with the demo world where the default settings look for it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEKISHO_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sekisho.db").write_bytes(seed_file.read_bytes())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a terminal in place of the standard error was told."""
    screen = io.StringIO()
    monkeypatch.setattr(commands, "err", Console(file=screen, force_terminal=True, width=90))
    yield screen
    screen.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.commands, ["seed", *arguments])


def told(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def members() -> int:
    with closing(sqlite3.connect("sekisho.db")) as database:
        query = "SELECT count(*) FROM account WHERE member_key LIKE 's%'"
        return int(database.execute(query).fetchone()[0])


def test_members_are_added_until_there_are_as_many_as_wanted() -> None:
    first = run("--members", "30")
    assert (first.exit_code, members()) == (0, 30)
    assert "30 members of seed 1: 30 were added." in told(first)
    assert "10 were added" in told(run("--members", "40"))
    assert members() == 40
    again = run("--members", "40")
    assert "The demo world was loaded before. 40 members of seed 1 were there before." in told(
        again
    )
    assert "5 were added" in told(run("--members", "5", "--seed", "7"))
    assert members() == 45
    checked = CliRunner().invoke(commands.commands, ["check"])
    assert (checked.exit_code, told(checked)) == (0, "What stands is what the events say.")


def test_no_members_are_none() -> None:
    for arguments in ((), ("--members", "0"), ("--seed", "3")):
        result = run(*arguments)
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
    result = run("--members", "3", option, value)
    assert result.exit_code == 2
    assert option in told(result)
    assert members() == 0


def test_the_progress_is_shown_to_a_terminal(terminal: io.StringIO) -> None:
    assert run("--members", "12").exit_code == 0
    assert "Members" in terminal.getvalue()
    assert "12/12" in terminal.getvalue()


def test_no_progress_is_written_where_nobody_looks() -> None:
    result = run("--members", "12")
    assert "Members" not in result.output
    assert "\x1b" not in result.output
