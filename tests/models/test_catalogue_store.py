"""The database remembers which catalogue it was filled with, and every one before it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from models.catalogue_store import StoredCatalogue, active, check_active, store
from models.database import Database
from models.tables import CATALOGUE_VERSION
from policy.errors import StartUpError
from tests.clock import START
from tests.made import make_tables

pytestmark = pytest.mark.anyio

FIRST = StoredCatalogue("one", {"purposes.yaml": "目的: [a]\n"}, {"bit:A explicit": 2})
SECOND = StoredCatalogue("two", {"purposes.yaml": "b"}, {"bit:A explicit": 2, "provision:A": 1})


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def keep(database: Database, *versions: StoredCatalogue) -> None:
    for stored in versions:
        async with database.write() as connection:
            await store(connection, stored, START)


async def test_a_new_database_has_no_catalogue(database: Database) -> None:
    async with database.read() as connection:
        assert await active(connection) is None
        with pytest.raises(StartUpError, match="sekisho seed"):
            await check_active(connection, "one")


async def test_a_version_is_given_back_as_it_was_stored(database: Database) -> None:
    await keep(database, FIRST)
    async with database.read() as connection:
        assert await active(connection) == FIRST
        await check_active(connection, "one")


async def test_the_latest_version_is_active_and_the_earlier_ones_are_kept(
    database: Database,
) -> None:
    await keep(database, FIRST, SECOND)
    async with database.read() as connection:
        assert await active(connection) == SECOND
        versions = select(CATALOGUE_VERSION.c.version).order_by(CATALOGUE_VERSION.c.version)
        assert (await connection.scalars(versions)).all() == ["one", "two"]


async def test_files_that_differ_from_the_active_version_stop_start_up(database: Database) -> None:
    await keep(database, FIRST, SECOND)
    async with database.read() as connection:
        with pytest.raises(StartUpError, match=r"differ.*sekisho catalogue apply"):
            await check_active(connection, "one")


async def test_storing_a_known_version_again_only_makes_it_active(database: Database) -> None:
    await keep(database, FIRST, SECOND, replace(FIRST, files={"purposes.yaml": "other"}))
    async with database.read() as connection:
        assert await active(connection) == FIRST
