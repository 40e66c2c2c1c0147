"""Filling a database: its tables, the catalogue's version, the demo world."""

import asyncio
from collections.abc import Callable

from models.catalogue_store import StoredCatalogue, active, check_active, store
from models.database import Database
from models.world import load
from policy.numbers import numbers_of
from server.catalogue_files import load_catalogue, texts_of
from server.checkpoint import CATALOGUE, fitting_schema
from server.clock import Clock
from server.settings import CHECKOUT
from server.world_file import load_world

WORLD = CHECKOUT / "seeds" / "world.yaml"

Advance = Callable[[int], None]


async def seed(database: Database, clock: Clock, advance: Advance) -> bool:
    """Fill a new database with the demo world, in one transaction; False if it is filled already.

    Raises StartUpError for a database of another schema or another catalogue.
    """
    await database.create_tables()
    async with database.write() as connection:
        stored = await active(connection)
        numbers = stored.numbers if stored else None
        texts = await asyncio.to_thread(texts_of, CATALOGUE)
        catalogue = await asyncio.to_thread(load_catalogue, CATALOGUE, numbers)
        fitting_schema(catalogue)
        if stored is not None:
            await check_active(connection, catalogue.version)
            return False
        world = await asyncio.to_thread(load_world, WORLD, catalogue)
        version = StoredCatalogue(catalogue.version, texts, numbers_of(catalogue))
        await store(connection, version, clock())
        await load(connection, catalogue, world, clock(), advance)
    return True
