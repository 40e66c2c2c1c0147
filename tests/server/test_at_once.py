"""What a member takes from a company is gone at once, from every worker, however many are reading.

Servers as they run, several processes each, on either engine. Reads race with the act; one that
was sent after the acknowledgement had come tells nothing that rested on what was taken. The
member's own stream tells of it within a second.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import anyio
import pytest

from models.database import Database
from server.clock import now
from server.seeding import populate
from tests import door as doors
from tests.clock import Clock
from tests.engines import ENGINES
from tests.lanes import lanes, races
from tests.postgres import Postgres
from tests.race import Counts, Found
from tests.say import Say
from tests.takings import WAYS
from tests.workers import WORKERS, Host, hosting

RACES = 10_000
PARTS = 3
"""Tests that each way is split into on each engine, each well within the time of a test."""
LANES = 6
POPULATION = 500
FEW = 1
"""Races of a way on an engine that act at each worker, in a run of the whole suite."""
SMALL = 60
WITHIN = 1.0

Seeded = Callable[[int], str]


@pytest.fixture(scope="session")
def populations(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """What was filled in this run, by engine and number of members."""
    return {}


@pytest.fixture(params=ENGINES)
def seeded(
    request: pytest.FixtureRequest,
    populations: dict[tuple[str, int], str],
    names: Iterator[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Seeded]:
    """Gives a database of its own, with the demo world and so many members; on each engine."""
    server: Postgres | None = None
    made: list[str] = []
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")

    def fresh(members: int) -> str:
        known = (request.param, members)
        if server is None:
            if known not in populations:
                file = tmp_path_factory.mktemp("population") / "world.db"
                anyio.run(fill, f"sqlite+aiosqlite:///{file}", members)
                populations[known] = str(file)
            shutil.copy(populations[known], tmp_path / "world.db")
            return f"sqlite+aiosqlite:///{tmp_path / 'world.db'}"
        if known not in populations:
            populations[known] = next(names)
            anyio.run(fill, server.create(populations[known]), members)
        made.append(next(names))
        return server.create(made[-1], template=populations[known])

    yield fresh
    if server is not None:
        for name in made:
            server.drop(name)


async def fill(url: str, members: int) -> None:
    """The demo world and so many members."""
    await doors.seeded(url, Clock(now()))
    async with Database.open(url) as database:
        await populate(database, now, members, 1, lambda _added: None)


def check(found: Found, races: int) -> None:
    """Nothing late, nothing slow, and none of it for want of trying."""
    assert found.late == []
    assert max(own for _, own in found.notices) < WITHIN
    assert found.races == races
    assert least(found.acts) == least(found.streams) == races // WORKERS
    for reads in (found.before, found.racing, found.after):
        assert least(reads) >= races


def least(counts: Counts) -> int:
    """What the worker has that has least; an even part, where nobody tells one from another."""
    if None in counts:
        return counts.total() // WORKERS
    return min(counts.values()) if len(counts) == WORKERS else 0


@pytest.mark.exhaustive
def test_what_was_taken_is_told_no_more_by_any_worker(
    seeded: Seeded, tmp_path: Path, say: Say
) -> None:
    async def every(host: Host) -> Mapping[str, Found]:
        async with lanes(host, WORKERS) as running:
            return {name: await races(running, way, FEW, SMALL) for name, way in WAYS.items()}

    with hosting(seeded(SMALL), tmp_path) as host:
        for name, found in anyio.run(every, host).items():
            say(f"{name}: {found}")
            check(found, FEW * WORKERS)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", WAYS)
def test_what_was_taken_is_told_no_more_in_ten_thousand_races(
    seeded: Seeded, tmp_path: Path, way: str, part: int, say: Say
) -> None:
    number = -(-RACES // (len(WAYS) * len(ENGINES) * PARTS * LANES))

    async def many(host: Host) -> Found:
        async with lanes(host, LANES) as running:
            return await races(running, WAYS[way], number, POPULATION)

    with hosting(seeded(POPULATION), tmp_path) as host:
        found = anyio.run(many, host)
    say(f"{way}: {found}")
    check(found, number * LANES)
