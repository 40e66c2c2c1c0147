"""A server under load is backed up and restored by the very commands of docs/operations.md."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

from server.settings import CHECKOUT, Mode
from tests.door import copy_of
from tests.load import load
from tests.postgres import Postgres
from tests.workers import Host, hosting

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

BEFORE, MEANWHILE = 30, 30
"""Answers."""


def commands(heading: str) -> str:
    """The commands below a heading of the page."""
    page = (CHECKOUT / "docs" / "operations.md").read_text()
    _, _, rest = page.partition(f"\n### {heading}\n")
    block = re.search(r"```console\n(.*?)```", rest, re.DOTALL)
    assert block is not None
    return "\n".join(line.removeprefix("$ ") for line in block[1].splitlines())


def follow(heading: str, folder: Path, **environment: str) -> str:
    """Type them, in this folder."""
    path = f"{Path(sys.executable).parent}:{environment.pop('PROGRAMS', '')}:{os.defpath}"
    told = subprocess.run(  # noqa: S603 (the page's own)
        ["/bin/sh", "-euc", commands(heading)],
        cwd=folder,
        env={"PATH": path, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    return told.stdout + told.stderr


def settings(host: Host, url: str, ledger: str) -> Mapping[str, str]:
    return {
        "SEKISHO_MODE": Mode.DEVELOPMENT,
        "SEKISHO_DATABASE_URL": url,
        "SEKISHO_LEDGER_URL": ledger,
        "SEKISHO_DEVELOPMENT_KEY_FILE": str(host.settings.development_key_file),
    }


async def backed_up(host: Host, heading: str, folder: Path, **environment: str) -> set[str]:
    """Back up while clients ask; the decisions that had been answered before."""
    async with load(host) as asking:
        await asking.answers(BEFORE)
        before = set(asking.told)
        await anyio.to_thread.run_sync(lambda: follow(heading, folder, **environment))
        await asking.answers(MEANWHILE)
    assert not asking.refused
    return before


def held(told: str) -> int:
    """How many entries the head fixes, as `verify` says."""
    found = re.search(r"Entries: ([\d,]+)", " ".join(told.split()))
    assert found is not None, told
    return int(found[1].replace(",", ""))


async def test_a_copy_of_sqlite_s_files_is_whole(seed_file: Path, tmp_path: Path) -> None:
    home, backup, place = (tmp_path / name for name in ("home", "backup", "place"))
    for folder in (home, backup, place):
        folder.mkdir()
    url = copy_of(seed_file, home)
    world, ledger = home / "sekisho.db", home / "sekisho-ledger.db"
    (home / "copy.db").rename(world)
    (home / "copy-ledger.db").rename(ledger)
    url, own = f"sqlite+aiosqlite:///{world}", f"sqlite+aiosqlite:///{ledger}"
    with hosting(url, home, ledger_url=own) as host:
        given = dict(settings(host, url, own))
        before = await backed_up(host, "Back up SQLite", home, BACKUP=str(backup), **given)
        there = dict(
            settings(
                host, "sqlite+aiosqlite:///sekisho.db", "sqlite+aiosqlite:///sekisho-ledger.db"
            )
        )
        told = follow("Restore SQLite", home, BACKUP=str(backup), PLACE=str(place), **there)
    assert held(told) >= len(before)


async def test_a_dump_of_postgresql_is_whole(
    seed_database: str, postgres: Postgres, tmp_path: Path
) -> None:
    if shutil.which("pg_dump", path=f"{postgres.programs}:{os.defpath}") is None:
        pytest.skip("there is no pg_dump on this machine")
    url = postgres.create("backed_up", template=seed_database)
    restored = postgres.create("restored")
    login = f"host={postgres.socket} user=postgres dbname="
    known = {"DATABASE": f"{login}backed_up", "RESTORED": f"{login}restored"}
    known |= {"PROGRAMS": str(postgres.programs), "BACKUP": str(tmp_path)}
    try:
        with hosting(url, tmp_path, ledger_url=url) as host:
            given = dict(settings(host, url, url))
            before = await backed_up(host, "Back up PostgreSQL", tmp_path, **known, **given)
            there = dict(settings(host, restored, restored))
            told = follow("Restore PostgreSQL", tmp_path, **known, **there)
    finally:
        postgres.drop("backed_up")
        postgres.drop("restored")
    assert held(told) >= len(before)
