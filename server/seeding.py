"""Filling a database: the catalogue's version, the demo world, a population."""

import asyncio
from collections.abc import Callable

from models.catalogue_store import StoredCatalogue, check_active, live, store
from models.database import Database
from models.populations import grow
from models.revision import MEMBERS
from models.world import load
from policy.errors import StartUpError
from policy.numbers import numbers_of
from server.catalogue_files import texts_of
from server.checkpoint import CATALOGUE, catalogue_in_force, catalogue_of_files, fitting_schema
from server.clock import Clock
from server.population import Population
from server.population_file import load_mix
from server.settings import CHECKOUT
from server.world_file import load_world

WORLD = CHECKOUT / "seeds" / "world.yaml"
POPULATION = CHECKOUT / "seeds" / "population.yaml"

Advance = Callable[[int], None]


async def seed(database: Database, clock: Clock, advance: Advance) -> bool:
    """Fill a new database with the demo world, in one transaction; False if it is filled already.

    Raises StartUpError for a database of another revision, or that follows another catalogue.
    """
    await MEMBERS.check(database)
    async with database.write() as connection:
        found = await live(connection)
        texts = await asyncio.to_thread(texts_of, CATALOGUE)
        catalogue = await catalogue_of_files(connection)
        fitting_schema(catalogue)
        if found.active is not None:
            await check_active(connection, catalogue.version)
            return False
        world = await asyncio.to_thread(load_world, WORLD, catalogue)
        version = StoredCatalogue(catalogue.version, texts, numbers_of(catalogue))
        await store(connection, version, clock())
        await load(connection, catalogue, world, clock(), advance)
    return True


async def populate(
    database: Database, clock: Clock, wanted: int, seed: int, advance: Advance
) -> int:
    """Add what is missing of the first `wanted` members of a seed, in one transaction; how many.

    Raises StartUpError for a database without this catalogue, and before the last of it happened.
    """
    catalogue = await catalogue_in_force(database)
    mix = await asyncio.to_thread(load_mix, POPULATION, catalogue)
    if clock() < mix.until:
        raise StartUpError(
            f"The members of {POPULATION.name} live until {mix.until:%Y-%m-%d}, which is "
            "still to come by this machine's clock. Set the clock."
        )
    members = Population(mix, catalogue, seed).members
    async with database.write() as connection:
        return await grow(connection, catalogue, seed, wanted, members, mix.until, advance)
