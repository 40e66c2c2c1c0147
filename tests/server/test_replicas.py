"""What a member takes back is gone at once also for who is answered from a replica.

Several hosts over one PostgreSQL: some know of a replica and some do not.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path

import anyio
import pytest

from models.database import Database
from server.clock import now
from server.seeding import populate
from tests import door as doors
from tests.acts import do, give, member, seen_by_life, states
from tests.clock import Clock
from tests.door import Door, opened
from tests.lanes import Lane, races
from tests.lines import Line, connected, workers
from tests.postgres import Postgres
from tests.race import Found
from tests.say import Say
from tests.standby import Followed, Standby
from tests.takings import WAYS
from tests.workers import WORKERS, Host, hosting

TURNS = 8
RACES = 90
"""Of each of the six ways."""
LANES = 4
POPULATION = 300


@pytest.fixture(scope="session")
def seed_of_primary(primary: Postgres) -> str:
    """The demo world in a database that nobody changes."""
    anyio.run(doors.seeded, primary.create("seeded"), Clock())
    return "seeded"


@pytest.fixture(scope="session")
def seed_of_many(primary: Postgres) -> str:
    """The same with so many members more."""
    anyio.run(fill, primary.create("many"))
    return "many"


async def fill(url: str) -> None:
    await doors.seeded(url, Clock(now()))
    async with Database.open(url) as database:
        await populate(database, now, POPULATION, 1, lambda _added: None)


@pytest.fixture
def demo(
    primary: Postgres, standby: Standby, seed_of_primary: str, names: Iterator[str]
) -> Iterator[Followed]:
    """The demo world in a database of its own."""
    yield from copied(Followed(primary, standby, next(names)), seed_of_primary)


@pytest.fixture
def many(
    primary: Postgres, standby: Standby, seed_of_many: str, names: Iterator[str]
) -> Iterator[Followed]:
    """The same with so many members more."""
    yield from copied(Followed(primary, standby, next(names)), seed_of_many)


def copied(world: Followed, template: str) -> Iterator[Followed]:
    world.primary.create(world.name, template)
    world.standby.follow(world.primary)
    yield world
    world.primary.drop(world.name)


@asynccontextmanager
async def hosts(world: Followed, folder: Path) -> AsyncIterator[tuple[Door, Door]]:
    """One that reads from the primary, and one that reads from the replica."""
    clock = Clock()
    async with AsyncExitStack() as stack:

        async def host(part: str, **given: object) -> Door:
            (folder / part).mkdir()
            return await stack.enter_async_context(opened(world.url, clock, folder / part, **given))

        yield await host("here"), await host("there", replica_url=(world.replica_url,))


WHILE_IT_FOLLOWS_OR_NOT = pytest.mark.parametrize(
    "paused", [pytest.param(False, marks=pytest.mark.exhaustive), True]
)


@pytest.mark.anyio
@WHILE_IT_FOLLOWS_OR_NOT
async def test_what_is_taken_back_at_one_host_is_gone_at_a_host_that_reads_from_a_replica(
    demo: Followed, tmp_path: Path, *, paused: bool
) -> None:
    async with hosts(demo, tmp_path) as (here, there):
        for _ in range(TURNS):
            await give(here, member(here, "m2"), "B.ins_group")
            assert await seen_by_life(there, "m2")
            with demo.standby.paused() if paused else nullcontext():
                await do(here, "withdrawConsent", member(here, "m2"), items=["B.ins_group"])
                assert not await seen_by_life(there, "m2")


@pytest.mark.anyio
@WHILE_IT_FOLLOWS_OR_NOT
async def test_what_one_did_oneself_is_seen_in_its_answer(
    demo: Followed, tmp_path: Path, *, paused: bool
) -> None:
    async with hosts(demo, tmp_path) as (_, there):
        with demo.standby.paused() if paused else nullcontext():
            mine = member(there, "m1")
            for _ in range(TURNS):
                assert states(await give(there, mine, "B.use"))["B.use"] == "GRANTED"
                payload = await do(there, "withdrawConsent", mine, items=["B.use"])
                assert states(payload)["B.use"] == "WITHDRAWN"


@pytest.mark.anyio
async def test_personal_data_is_read_at_the_replica(demo: Followed, tmp_path: Path) -> None:
    """But for what was asked before the first connection to it was made."""
    before = demo.looks(demo.standby)
    async with hosts(demo, tmp_path) as (_, there):
        for _ in range(TURNS):
            await seen_by_life(there, "m2")
    assert demo.looks(demo.standby) > before


@asynccontextmanager
async def apart(acting: Host, reading: Host) -> AsyncIterator[Sequence[Lane]]:
    """Lanes whose acts are at one host, and whose readers are at every worker of another one."""
    actors, readers = await workers(acting), await workers(reading)
    async with AsyncExitStack() as stack:

        async def line(host: Host, home: int | None) -> Line:
            return await stack.enter_async_context(connected(host, home))

        yield [
            Lane(
                reading,
                [await line(reading, home) for home in readers],
                await line(acting, actors[turn % WORKERS]),
                readers[turn % WORKERS],
            )
            for turn in range(LANES)
        ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_races_with_reads_at_a_replica_tell_nothing_late(
    many: Followed, tmp_path: Path, way: str, say: Say, *, paused: bool
) -> None:
    """Members act at a host without a replica, companies read from another one with it."""

    async def race(acting: Host, reading: Host) -> Found:
        async with apart(acting, reading) as lanes:
            return await races(lanes, WAYS[way], RACES // LANES + 1, POPULATION)

    with (
        hosting(many.url, tmp_path, ledger_url=many.url) as acting,
        hosting(many.url, tmp_path, ledger_url=many.url, replica_url=many.replica_url) as reading,
        many.standby.paused() if paused else nullcontext(),
    ):
        found = anyio.run(race, acting, reading)
    say(f"{way}: {found}; {many.looks(many.standby)} looks at accounts at the replica")
    assert found.late == []
    assert found.races >= RACES
