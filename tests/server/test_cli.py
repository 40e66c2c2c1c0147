"""The console script runs our own code, whatever else is installed under the same names."""

import sys
from pathlib import Path

import pytest

from server import cli


@pytest.mark.parametrize("room", cli.ROOMS)
def test_every_room_is_ours(room: str) -> None:
    assert cli.is_ours(room)


def test_a_package_of_others_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stranger.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not cli.is_ours("stranger")
    assert not cli.is_ours("no_such_package")


def test_a_hidden_room_stops_the_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "ROOMS", ("policy", "json"))
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert "pip uninstall json" in str(stopped.value)
    assert "policy" not in str(stopped.value)


def test_the_script_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sekisho", "--help"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    assert "serve" in capsys.readouterr().out
