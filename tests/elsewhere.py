"""Reads that may be answered elsewhere than at the primary, in either way, and where they were."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import live_versions
from models.database import Database
from models.query import query_of
from models.reader import Read
from models.tables import STANDING
from models.view import Layout

SOON = 10.0
"""Seconds within which a replica that is well is read from again."""

Seen = tuple[bool, set[str]]
"""Whether it was at a replica, and what was seen."""
Reading = Callable[[Database], Awaitable[Seen]]

KEYS = select(func.array_agg(STANDING.c.member_key)).scalar_subquery()
_QUERY = query_of(select(func.pg_is_in_recovery(), KEYS, live_versions()), "postgresql")
EVERYBODY = Read(Layout({}), (), _QUERY, (), key=0, counted=False)


@asynccontextmanager
async def opened(url: str, replica_url: str, missed: list[str]) -> AsyncIterator[Database]:
    async with Database.open(url).followed([replica_url], missed.append) as database:
        yield database


async def at_a_replica(connection: AsyncConnection) -> bool:
    return bool(await connection.scalar(select(func.pg_is_in_recovery())))


async def write(database: Database, key: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert(STANDING), {"member_key": key})


async def in_a_snapshot(database: Database) -> Seen:
    async with database.read_anywhere() as connection:
        found = await connection.scalars(select(STANDING.c.member_key))
        return await at_a_replica(connection), set(found)


async def on_the_driver(database: Database) -> Seen:
    ((replica, found, _),) = (await database.reader.alone(EVERYBODY, {})).rows
    return replica, set(found or ())


async def come_back(database: Database, read: Reading) -> set[str]:
    """Read until the replica is read from, and give what was seen there."""
    async with asyncio.timeout(SOON):
        while True:
            at_replica, seen = await read(database)
            if at_replica:
                return seen
