"""Records as rows: what has one content, added up where it is stored."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import URL, case, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import among
from models.history_tables import CONTENT, NAME_OF, RECORD
from models.record_fold import Content, decode


class Addend(NamedTuple):
    """What is added to a record: a row as the driver takes it, times in microseconds."""

    scope: int
    member: int
    content: int
    entries: int
    first_at: int
    last_at: int
    first_seq: int
    last_seq: int


async def add(connection: AsyncConnection, addends: Iterable[Addend]) -> None:
    """Add them, in a transaction that has begun with a statement."""
    rows = list(addends)
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql(_ON_SQLITE, rows)
        return
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.executemany(_ON_POSTGRESQL, rows)


async def contents_of(
    connection: AsyncConnection, numbers: Collection[int]
) -> Mapping[int, Content]:
    """What these numbers of contents stand for."""
    query = select(CONTENT).where(among(CONTENT.c.id, numbers))
    return {
        row.id: decode(row.body, statutory=bool(row.statutory))
        for row in await connection.execute(query)
    }


async def names_of(connection: AsyncConnection, numbers: Collection[int]) -> Mapping[int, str]:
    """What these numbers of names stand for."""
    query = select(NAME_OF.c.id, NAME_OF.c.name).where(among(NAME_OF.c.id, numbers))
    return {row.id: row.name for row in await connection.execute(query)}


def _statement(insert: Any, dialect: Any) -> str:
    """Insert a row, or add it to the one that is there."""
    adding, row = insert(RECORD), RECORD.c
    new = adding.excluded
    adding = adding.on_conflict_do_update(
        index_elements=[row.scope, row.member, row.content],
        set_={
            "entries": row.entries + new.entries,
            **{
                name: case((new[name] < row[name], new[name]), else_=row[name])
                for name in ("first_at", "first_seq")
            },
            **{
                name: case((new[name] > row[name], new[name]), else_=row[name])
                for name in ("last_at", "last_seq")
            },
        },
    )
    return str(adding.compile(dialect=dialect))


_ASYNCPG: Any = URL.create("postgresql+asyncpg").get_dialect()()
_ON_SQLITE = _statement(sqlite.insert, sqlite.dialect(paramstyle="qmark"))
_ON_POSTGRESQL = _statement(postgresql.insert, _ASYNCPG)
