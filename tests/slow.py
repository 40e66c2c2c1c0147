"""A database that is slow to tell something: the statements of others wait or never end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from models.database import Database

ENDLESS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n)",
    "postgresql": "(SELECT pg_sleep(3600)::text)",
}


@asynccontextmanager
async def endless(database: Database, table: str, what: str | None = None) -> AsyncIterator[None]:
    """Whoever reads this table does not get to the end of it, or gets to it late."""
    never = what or ENDLESS[database.dialect]
    async with database.writers.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO whole_{table}"))
        await connection.execute(
            text(f"CREATE VIEW {table} AS SELECT * FROM whole_{table} WHERE {never} IS NOT NULL")  # noqa: S608 (ours)
        )
    yield
    async with database.writers.begin() as connection:
        await connection.execute(text(f"DROP VIEW {table}"))
        await connection.execute(text(f"ALTER TABLE whole_{table} RENAME TO {table}"))


async def running(database: Database) -> int:
    """How many statements the server still works at that have to do with sleeping (PostgreSQL)."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE state = 'active' AND wait_event = 'PgSleep' AND datname = current_database()"
    )
    async with database.readers.connect() as connection:
        return int(await connection.scalar(text(asked)) or 0)
