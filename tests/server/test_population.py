"""A synthetic population is the same for the same seed, of every kind, nobody real, and sound."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import Database
from models.event_log import verify_chain
from models.projection_check import check
from models.tables import METADATA, SCHEMA_STAMP
from server.population import Population
from server.population_file import load_mix
from server.seeding import POPULATION as FILE
from server.seeding import populate, seed
from tests.clock import Clock
from tests.looking import look
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

MIX = load_mix(FILE, CATALOGUE)
MEMBERS = list(Population(MIX, CATALOGUE, 1).members(1, 1500))
FEW = 120


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await seed(opened, clock, lambda _members: None)
        yield opened


async def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in the order of the keys."""
    async with database.read() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(look(table).order_by(*table.primary_key))
            ]
            for table in METADATA.sorted_tables
            if table is not SCHEMA_STAMP  # in the engine's own words
        }


async def add(database: Database, wanted: int, number: int = 1) -> int:
    return await populate(database, Clock(), wanted, number, lambda _members: None)


async def test_the_same_seed_makes_the_same_bytes(database: Database, tmp_path: Path) -> None:
    await add(database, FEW)
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'again.db'}") as again:
        await seed(again, Clock(), lambda _members: None)
        await add(again, FEW)
        assert await contents(again) == await contents(database)
        async with again.read() as connection:
            assert [line async for line in check(connection, CATALOGUE)] == []
            assert [line async for line in verify_chain(connection)] == []


async def test_a_member_is_the_same_however_many_there_are(database: Database) -> None:
    assert await add(database, 40) == 40
    assert await add(database, FEW) == FEW - 40
    grown = await contents(database)
    assert grown["population"] == [(1, FEW)]
    assert await add(database, 40) == 0
    assert await add(database, FEW) == 0
    assert await contents(database) == grown
    alone = list(Population(MIX, CATALOGUE, 1).members(77, 77))
    assert alone == [MEMBERS[76]]


def test_another_seed_makes_other_members() -> None:
    others = list(Population(MIX, CATALOGUE, 2).members(1, 50))
    assert not {member.key for member in others} & {member.key for member in MEMBERS}
    assert all(one.account != other.account for one, other in zip(MEMBERS, others, strict=False))
