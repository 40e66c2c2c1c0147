"""`sekisho catalogue apply` as it is typed."""

import sqlite3
from pathlib import Path

import pytest

from tests.real import CATALOGUE
from tests.typed import run, told
from tests.versions import Files, entry, with_version

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Files:
    """The catalogue's files, which the commands read from a folder of the test's."""
    for reader in ("applying", "catalogue_commands", "checkpoint", "seeding"):
        monkeypatch.setattr(f"server.{reader}.CATALOGUE", tmp_path / "catalogue")
    return Files()


def versions(database: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(database) as connection:
        query = "SELECT version, active FROM catalogue_version ORDER BY stored_at, active"
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_there_is_nothing_to_apply_where_the_files_are_followed(seeded: Path) -> None:
    result = run("catalogue", "apply")
    assert result.exit_code == 0
    assert f"Version {CATALOGUE.version} is active already" in told(result)


def test_the_new_version_is_told_then_applied_and_the_old_one_kept(
    seeded: Path, tmp_path: Path, edited: Files
) -> None:
    files = with_version(edited, "DOC_A", "2099-01-01", material=False)
    with_version(files, "DOC_B", "2099-01-01").write(tmp_path / "catalogue")
    seed = run("seed")
    assert seed.exit_code == 1
    assert "Run `sekisho catalogue apply`" in told(seed)

    planned = run("catalogue", "apply", "--dry-run")
    assert planned.exit_code == 0, planned.output
    assert "New: DOC_A 2099-01-01, editorial" in told(planned)
    assert "New: DOC_B 2099-01-01, material" in told(planned)
    assert "7 members are to be folded" in told(planned)
    assert versions(seeded) == [(CATALOGUE.version, 1)]

    applied = run("catalogue", "apply")
    assert applied.exit_code == 0, applied.output
    (old, new) = sorted(versions(seeded), key=lambda row: row[1])
    assert old == (CATALOGUE.version, 0)
    assert f"Version {new[0]} is active" in told(applied)
    assert "before" in told(run("seed"))
    assert run("check").exit_code == 0

    files = Files()
    files.write(tmp_path / "catalogue")
    assert run("catalogue", "apply").exit_code == 0
    assert {(CATALOGUE.version, 1), (new[0], 0)} == set(versions(seeded))


def test_a_standing_that_follows_two_versions_is_not_checked(seeded: Path) -> None:
    with sqlite3.connect(seeded) as connection:
        connection.execute("INSERT INTO catalogue_apply VALUES ('other', 1, '', 0, 0)")
    connection.close()
    result = run("check")
    assert result.exit_code == 1
    assert "Run `sekisho catalogue apply` to its end first" in told(result)


def test_what_is_wrong_with_the_files_has_file_line_and_remedy(
    seeded: Path, tmp_path: Path, edited: Files
) -> None:
    row = entry(edited["provisions.yaml"]["provisions"], "A-4-1-1")
    row["categories"]["profile"] = "all"
    row["number"] = "40"
    edited.write(tmp_path / "catalogue")
    result = run("catalogue", "apply")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert all(line.startswith("seeds/catalogue/") for line in lines)
    assert "'A-4-1-1' now opens more of 'profile'" in result.output
    assert "moved from 3 to 40. Put 3 back" in result.output
    assert versions(seeded) == [(CATALOGUE.version, 1)]


def test_a_number_that_a_version_gave_is_never_given_to_another(
    seeded: Path, tmp_path: Path, edited: Files
) -> None:
    rows = edited["provisions.yaml"]["provisions"]
    extra = {**entry(rows, "A-4-1-1"), "key": "A-EXTRA", "number": "40", "active": "false"}
    rows.append(extra)
    edited.write(tmp_path / "catalogue")
    assert run("catalogue", "apply").exit_code == 0
    Files().write(tmp_path / "catalogue")
    assert run("catalogue", "apply").exit_code == 0
    extra["key"] = "A-OTHER"
    edited.write(tmp_path / "catalogue")
    result = run("catalogue", "apply")
    assert result.exit_code == 1
    assert "number 40 was that of 'provision:A-EXTRA'" in told(result)


def test_an_empty_database_is_to_be_seeded_first() -> None:
    result = run("catalogue", "apply")
    assert result.exit_code == 1
    assert "sekisho seed" in told(result)
