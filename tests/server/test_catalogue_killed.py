"""An apply that is killed, as kill -9 does, before and after each of its statements goes on."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import func, select

from models.catalogue_store import Live, live
from models.database import Database
from models.event_log import verify_chain
from models.outbox_check import check as check_outbox
from models.projection_check import check
from models.tables import CATALOGUE_APPLY, EVENT
from policy.catalogue import Catalogue
from policy.events import EventKind
from server.catalogue_files import load_catalogue
from tests.engines import ENGINES
from tests.postgres import Postgres
from tests.real import CATALOGUE, ROOT
from tests.say import Say
from tests.versions import Files, with_version

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

NEVER = -1
Trial = Callable[[str, int], int]
"""Applies to the database at this URL until that moment; how it ended."""


@contextmanager
def killer(folder: Path) -> Iterator[Trial]:
    command = [sys.executable, "-m", "tests.killing", str(folder)]
    with subprocess.Popen(  # noqa: S603 (our own program)
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        asked, told = program.stdin, program.stdout
        assert asked is not None
        assert told is not None

        def trial(url: str, at: int) -> int:
            asked.write(json.dumps({"url": url, "at": at}) + "\n")
            asked.flush()
            return int(told.readline())

        yield trial
        asked.close()


@pytest.fixture(params=ENGINES)
def copies(
    request: pytest.FixtureRequest, tmp_path: Path, names: Iterator[str]
) -> Iterator[Iterator[str]]:
    """As many databases with the demo world as are wanted."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("seed_file")
        places = (tmp_path / f"{number}.db" for number in count())
        yield (f"sqlite+aiosqlite:///{copy(file, place)}" for place in places)
        return
    server: Postgres = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("seed_database")
    made: list[str] = []

    def create() -> Iterator[str]:
        for name in names:
            made.append(name)
            yield server.create(name, template=template)

    yield create()
    for name in made:
        server.drop(name)


async def told(database: Database) -> int:
    """How many were told of the editorial version."""
    async with database.read() as connection:
        notices = select(func.count()).where(
            EVENT.c.kind == EventKind.NOTIFIED, EVENT.c.body.contains("2026-06-20")
        )
        return await connection.scalar(notices) or 0


async def how_far(url: str) -> tuple[Live, str]:
    """Which versions are live, and how far the walk has come."""
    async with Database.open(url) as database, database.read() as connection:
        after = await connection.scalar(select(func.max(CATALOGUE_APPLY.c.after)))
        return await live(connection), after or ""


async def findings(url: str, catalogue: Catalogue) -> list[str]:
    async with Database.open(url) as database, database.read() as connection:
        found = [line async for line in check(connection, catalogue)]
        found += [line async for line in verify_chain(connection)]
        found += [line async for line in check_outbox(connection)]
        assert await live(connection) == Live(catalogue.version)
        return found


@pytest.mark.parametrize("every", [31, pytest.param(1, marks=pytest.mark.long)])
async def test_an_apply_killed_at_any_statement_goes_on_where_it_was(
    copies: Iterator[str], tmp_path: Path, say: Say, every: int
) -> None:
    folder = with_version(Files(), "DOC_A", "2026-06-20", material=False).write(tmp_path / "new")
    new = load_catalogue(folder)
    states = set()
    with killer(folder) as trial:
        whole = next(copies)
        assert trial(whole, NEVER) == 0
        assert await findings(whole, new) == []
        async with Database.open(whole) as database:
            wanted = await told(database)
        assert wanted > 3
        for moment in count(0, every):
            url = next(copies)
            if trial(url, moment) == 0:
                break
            found, after = await how_far(url)
            assert found.active in {CATALOGUE.version, new.version}
            states.add((found, after))
            assert trial(url, NEVER) == 0
            assert await findings(url, new) == []
            async with Database.open(url) as database:
                assert await told(database) == wanted
    assert len(states) >= 4
    say(f"killed at {moment // every} moments; left in {len(states)} states, each gone on from")
