"""A read block is one snapshot, a write block one transaction."""

import asyncio
import threading
from pathlib import Path
from traceback import format_exception

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.outage import Unreachable
from models.tables import ACCOUNT, STANDING
from policy.errors import StartUpError
from tests.made import make_tables

pytestmark = pytest.mark.anyio

ROW = {"member_key": "m1"}


async def keys(connection: AsyncConnection) -> list[str]:
    return list((await connection.scalars(select(STANDING.c.member_key))).all())


async def write_and_fail(database: Database) -> None:
    async with database.write() as writer:
        await writer.execute(insert(STANDING), ROW)
        raise LookupError


async def test_a_read_block_is_one_snapshot(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.read() as reader:
            assert await keys(reader) == []
            async with database.write() as writer:
                await writer.execute(insert(STANDING), ROW)
            assert await keys(reader) == []


async def test_a_read_that_starts_after_a_write_ended_sees_it(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        for number in range(20):
            async with database.write() as writer:
                await writer.execute(insert(STANDING), {"member_key": str(number)})
            async with database.read() as reader:
                assert len(await keys(reader)) == number + 1


async def test_a_read_block_cannot_write(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            async with database.read() as reader:
                await reader.execute(insert(STANDING), ROW)


async def test_a_write_block_that_raises_leaves_nothing(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        with pytest.raises(LookupError):
            await write_and_fail(database)
        async with database.read() as reader:
            assert await keys(reader) == []


async def test_a_writer_sees_what_it_wrote_and_others_do_not_yet(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as writer:
            await writer.execute(insert(STANDING), ROW)
            assert await keys(writer) == ["m1"]
            async with database.read() as reader:
                assert await keys(reader) == []


async def test_concurrent_writers_lose_no_update(database_url: str) -> None:
    async def add(database: Database) -> None:
        async with database.write() as writer:
            await writer.execute(update(STANDING).values(bits=STANDING.c.bits + 1))

    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as writer:
            await writer.execute(insert(STANDING), ROW)
        await asyncio.gather(*(add(database) for _ in range(30)))
        async with database.read() as reader:
            assert await reader.scalar(select(STANDING.c.bits)) == 30


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("sekisho.db", "cannot be read"),
        ("mysql+aiomysql://u:secret@h/d", "no driver mysql"),
        ("sqlite:///sekisho.db", "sqlite\\+aiosqlite"),
        ("sqlite+aiosqlite://", "needs a file"),
        ("sqlite+aiosqlite:///:memory:", "needs a file"),
    ],
)
def test_a_url_that_cannot_serve_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(StartUpError, match=advice) as refused:
        Database.open(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("balance", [2**40, "Classified Number"])
async def test_an_error_of_the_engine_shows_no_value(database_url: str, balance: object) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        row = {"member_key": "m1", "full_name": "Classified Name", "point_balance": balance}
        with pytest.raises(DBAPIError) as refused:
            async with database.write() as writer:
                await writer.execute(insert(ACCOUNT), row)
    shown = "".join(format_exception(refused.value))
    assert "INSERT INTO account" in shown
    assert "Classified" not in shown


async def test_two_accounts_at_a_company_are_two_ids(database_url: str) -> None:
    link = "INSERT INTO link VALUES (:member, 'card', :account, 0, 0, 0)"
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as writer:
            for member, account in (("m1", ""), ("m2", ""), ("m3", "c-3")):
                await writer.execute(text(link), {"member": member, "account": account})
        with pytest.raises(DBAPIError):
            async with database.write() as writer:
                await writer.execute(text(link), {"member": "m4", "account": "c-3"})


async def test_sqlite_commits_are_durable_and_logged_ahead(sqlite_url: str) -> None:
    async with Database.open(sqlite_url) as database:
        for block in (database.read, database.write):
            async with block() as connection:
                assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
                assert await connection.scalar(text("PRAGMA synchronous")) == 2
                assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def test_postgresql_commits_are_durable_whatever_the_servers_default(
    postgresql_url: str,
) -> None:
    async with (
        Database.open(postgresql_url, marked=False) as database,
        database.write() as connection,
    ):
        assert await connection.scalar(text("SHOW synchronous_commit")) == "on"


async def test_closing_ends_the_threads_of_sqlite(sqlite_url: str) -> None:
    before = set(threading.enumerate())
    database = Database.open(sqlite_url)
    async with database.read() as one, database.read() as other, database.write() as writer:
        for connection in (one, other, writer):
            await connection.execute(text("SELECT 1"))
        threads = set(threading.enumerate()) - before
    assert threads
    await database.close()
    for thread in threads:
        thread.join(timeout=5)
        assert not thread.is_alive()


async def test_opening_touches_no_file(tmp_path: Path) -> None:
    file = tmp_path / "later.db"
    await Database.open(f"sqlite+aiosqlite:///{file}").close()
    assert not file.exists()


async def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "gone.db"
    async with Database.open(f"sqlite+aiosqlite:///{file}") as database:
        await make_tables(database)
        async with database.read() as reader:
            assert await keys(reader) == []
        file.unlink()
        for block in (database.read, database.write):
            with pytest.raises(Unreachable):
                async with block():
                    pass
        assert not file.exists()
