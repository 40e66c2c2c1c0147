"""What a member takes from a company is gone at once, from every worker, however many are reading.

Servers as they run, several processes each, on either engine. Reads race with the act; one that
was sent after the acknowledgement had come tells nothing that rested on what was taken. The
member's own stream tells of it within a second.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from tests.conftest import ENGINES
from tests.postgres import Postgres
from tests.race import Found, races
from tests.say import Say
from tests.takings import WAYS
from tests.workers import WORKERS, fill, hosting

RACES = 10_000
PARTS = 3
"""Tests that each way is split into on each engine, each well within the time of a test."""
POPULATION = 500
FEW = 10
"""Races of a way on an engine, in a run of the whole suite."""
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
                fill(f"sqlite+aiosqlite:///{file}", members, file.parent)
                populations[known] = str(file)
            shutil.copy(populations[known], tmp_path / "world.db")
            return f"sqlite+aiosqlite:///{tmp_path / 'world.db'}"
        if known not in populations:
            populations[known] = next(names)
            fill(server.create(populations[known]), members, tmp_path)
        made.append(next(names))
        return server.create(made[-1], template=populations[known])

    yield fresh
    if server is not None:
        for name in made:
            server.drop(name)


def check(found: Found, races: int) -> None:
    """Nothing late, nothing slow, and none of it for want of trying."""
    assert found.late == []
    assert max(own for _, own in found.notices) < WITHIN
    assert found.races == len(found.notices) == races
    assert found.before >= races * WORKERS
    assert found.after >= races * WORKERS
    assert found.racing.total() > 0
    assert None in found.workers or len(found.workers) == WORKERS
    assert None in found.streams or len(found.streams) == WORKERS


@pytest.mark.long
def test_what_was_taken_is_told_no_more_by_any_worker(
    seeded: Seeded, tmp_path: Path, say: Say
) -> None:
    with hosting(seeded(SMALL), tmp_path) as host:
        for name, way in WAYS.items():
            found = anyio.run(races, host, way.short(), FEW, SMALL)
            say(f"{name}: {found}")
            check(found, FEW)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", WAYS)
def test_what_was_taken_is_told_no_more_in_ten_thousand_races(
    seeded: Seeded, tmp_path: Path, way: str, part: int, say: Say
) -> None:
    number = -(-RACES // (len(WAYS) * len(ENGINES) * PARTS))
    with hosting(seeded(POPULATION), tmp_path) as host:
        found = anyio.run(races, host, WAYS[way], number, POPULATION)
    say(f"{way}: {found}")
    check(found, number)
