"""What fails because a database cannot be reached is told from all else, on each engine."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from models.database import Database
from models.outage import is_outage
from models.postgresql import connect
from models.postgresql_reader import PostgresReader
from models.sqlite_reader import SqliteConnection
from tests.made import make_tables

pytestmark = pytest.mark.anyio

END_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
WRONG = ("SELEC 1", "SELECT * FROM nothing", "DELETE FROM standing")


async def fault_of(doing: Callable[[], Awaitable[object]]) -> Exception:
    with pytest.raises(Exception) as failed:  # noqa: PT011 (which one is the question)
        await doing()
    return failed.value


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as database:
        await make_tables(database)
        yield database


@pytest.mark.parametrize("statement", WRONG)
async def test_what_is_wrong_with_a_statement_is_none(database: Database, statement: str) -> None:
    async with database.readers.connect() as connection:
        assert not is_outage(await fault_of(lambda: connection.execute(text(statement))))


async def test_a_block_that_fails_by_itself_is_none() -> None:
    for fault in (LookupError(), OSError(), TimeoutError(), sqlite3.OperationalError("is closed")):
        assert not is_outage(fault)


async def test_a_connection_that_the_server_ends_is_one_to_all_who_use_it(
    postgresql_url: str,
) -> None:
    async with Database.open(postgresql_url) as database, database.read() as connection:
        one = text("SELECT 1")
        await connection.execute(one)
        async with Database.open(postgresql_url) as other, other.read() as ending:
            await ending.execute(text(END_ALL))
        for _ in range(2):
            assert is_outage(await fault_of(lambda: connection.execute(one)))


async def test_a_statement_that_is_cut_off_is_one(postgresql_url: str) -> None:
    reader = PostgresReader(make_url(postgresql_url), 1)
    async with reader.connection() as connection:
        asked = asyncio.create_task(connection.fetch("SELECT pg_sleep(3600)"))
        async with Database.open(postgresql_url) as other, other.read() as ending:
            while not asked.done():
                await ending.execute(text(END_ALL))
        assert is_outage(await fault_of(lambda: asked))
        assert is_outage(await fault_of(lambda: connection.fetch("SELECT 1")))
    await reader.close()


async def test_two_statements_at_once_on_one_connection_are_none(postgresql_url: str) -> None:
    connection = await connect(make_url(postgresql_url))
    asked = asyncio.create_task(connection.fetch("SELECT pg_sleep(3600)"))
    await asyncio.sleep(0)
    assert not is_outage(await fault_of(lambda: connection.fetch("SELECT 1")))
    asked.cancel()
    connection.terminate()


async def test_a_server_without_a_connection_left_is_one(postgresql_url: str) -> None:
    async with Database.open(postgresql_url, marked=False) as database:
        async with database.write() as connection:
            await connection.execute(text("CREATE ROLE nobody_more LOGIN CONNECTION LIMIT 0"))
        try:
            refused = make_url(postgresql_url).set(username="nobody_more")
            assert is_outage(await fault_of(lambda: connect(refused)))
        finally:
            async with database.write() as connection:
                await connection.execute(text("DROP ROLE nobody_more"))


@pytest.mark.parametrize("host", ["/nowhere", "127.0.0.1:1"])
async def test_where_nobody_listens_is_one(host: str) -> None:
    url = f"postgresql+asyncpg://postgres@/world?host={host}"
    assert is_outage(await fault_of(lambda: connect(make_url(url))))


async def test_a_lock_that_is_not_let_go_is_one(database: Database) -> None:
    brief = "PRAGMA busy_timeout=1" if database.dialect == "sqlite" else "SET lock_timeout = '1ms'"

    async def write() -> None:
        async with database.writers.connect() as connection:
            await connection.execute(text("UPDATE standing SET bits = 0"))

    url = database.writers.url.render_as_string()
    async with Database.open(url) as other, other.write() as connection:
        await connection.execute(text("DELETE FROM standing"))
        if database.dialect == "postgresql":
            await connection.execute(text("LOCK TABLE standing IN ACCESS EXCLUSIVE MODE"))
        async with database.writers.connect() as ours:
            driver: Any = (await ours.get_raw_connection()).driver_connection
            await driver.execute(brief)
        assert is_outage(await fault_of(write))


async def test_a_file_that_is_not_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "nothing.db"
    url = make_url(f"sqlite+aiosqlite:///{file}")
    for place in (url, url.set(database=str(tmp_path)), url.set(database=f"{__file__}/x.db")):
        opened = partial(asyncio.to_thread, SqliteConnection(place).opened)
        assert is_outage(await fault_of(opened))
    assert not file.exists()
