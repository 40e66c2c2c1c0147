"""The catalogue's versions as the database keeps them: the active one, and the numbers it gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import CATALOGUE_VERSION
from policy.errors import StartUpError


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """One version: its files' text by name, and the numbers given to bits and provisions."""

    version: str
    files: Mapping[str, str]
    numbers: Mapping[str, int]


async def active(connection: AsyncConnection) -> StoredCatalogue | None:
    """The version that standings and records are made with; None in a new database."""
    table = CATALOGUE_VERSION.c
    query = select(table.version, table.content, table.numbers).where(table.active)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    version, content, numbers = row
    return StoredCatalogue(version, orjson.loads(content), orjson.loads(numbers))


async def store(connection: AsyncConnection, stored: StoredCatalogue, now: datetime) -> None:
    """Keep this version, unless it is kept already, and make it the active one."""
    table = CATALOGUE_VERSION
    known = select(table.c.version).where(table.c.version == stored.version)
    await connection.execute(update(table).values(active=False).where(table.c.active))
    if await connection.scalar(known) is None:
        values = {
            "version": stored.version,
            "content": orjson.dumps(dict(stored.files), option=orjson.OPT_SORT_KEYS).decode(),
            "numbers": orjson.dumps(dict(stored.numbers), option=orjson.OPT_SORT_KEYS).decode(),
            "active": True,
            "stored_at": now,
        }
        await connection.execute(insert(table).values(values))
    else:
        await connection.execute(
            update(table).values(active=True).where(table.c.version == stored.version)
        )


async def check_active(connection: AsyncConnection, version: str) -> None:
    """Raise StartUpError unless the database was filled with exactly this catalogue."""
    stored = await active(connection)
    if stored is None or stored.version != version:
        raise StartUpError(
            "The catalogue's files differ from the version the database was filled with. Start a "
            "new database: name another one in SEKISHO_DATABASE_URL, or remove this one, then run "
            "`sekisho seed`."
        )
