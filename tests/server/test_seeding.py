"""The demo world is loaded whole or not at all, once, on each engine, and answers."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.tables import CATALOGUE_VERSION, EVENT, STANDING
from policy.errors import StartUpError
from server import seeding
from server.seeding import seed
from tests.clock import Clock
from tests.door import opened
from tests.made import make_tables

pytestmark = pytest.mark.anyio


async def counts(database: Database) -> list[int]:
    async with database.read() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (STANDING, EVENT, CATALOGUE_VERSION)
        ]


async def test_a_second_seeding_changes_nothing(database_url: str, clock: Clock) -> None:
    seen: list[int] = []
    async with Database.open(database_url) as database:
        await make_tables(database)
        assert await seed(database, clock, seen.append)
        before = await counts(database)
        assert not await seed(database, clock, seen.append)
        assert await counts(database) == before
    assert (sum(seen), before[0], before[2]) == (before[0], 7, 1)


async def test_a_seeded_database_answers_on_each_engine(
    database_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        await seed(database, clock, lambda _members: None)
    async with opened(database_url, clock, tmp_path) as door:
        query = "{ members { nodes { fullName } } }"
        answer = await door.ask(query, purpose="own:card:service")
        assert answer["data"]["members"]["nodes"][0] == {"fullName": "見本 花子"}
        assert (await door.client.get("/readyz")).status_code == 200
        assert len(await door.entries()) == 1


async def test_a_world_that_cannot_be_read_leaves_no_half_of_it(
    sqlite_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("members:\n  m1: {about: nothing else}\n")
    monkeypatch.setattr(seeding, "WORLD", world)
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        with pytest.raises(StartUpError, match=r"world\.yaml"):
            await seed(database, clock, lambda _members: None)
        assert await counts(database) == [0, 0, 0]
