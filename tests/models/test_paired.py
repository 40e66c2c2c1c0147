"""Two connections that are given together see one snapshot; else there is one."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import postgresql
from models.database import Database
from models.engines import parse_url
from models.reader import WIDE
from models.tables import STANDING
from resolvers.snapshot import Snapshot
from tests.made import make_tables

pytestmark = pytest.mark.anyio


async def write(database: Database, key: str) -> None:
    async with database.write() as writer:
        await writer.execute(insert(STANDING), {"member_key": key})


async def keys(connection: AsyncConnection) -> list[str]:
    return sorted((await connection.scalars(select(STANDING.c.member_key))).all())


async def test_neither_sees_what_is_written_after_they_were_given(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        await write(database, "before")
        async with database.read_paired() as (first, second):
            await write(database, "after")
            assert await keys(second) == await keys(first) == ["before"]
        async with database.read_paired() as (first, second):
            assert await keys(second) == await keys(first) == ["after", "before"]


async def test_on_sqlite_there_is_no_second_if_another_writes_between(sqlite_url: str) -> None:
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        begun = 0

        def write_before_the_first(_connection: Any) -> None:
            nonlocal begun
            begun += 1
            if begun == 2:
                with sqlite3.connect(parse_url(sqlite_url).database or "") as driver:
                    driver.execute("INSERT INTO standing VALUES (?, 0, 0, 0, 0)", ("between",))
                driver.close()

        event.listen(database.readers.sync_engine, "begin", write_before_the_first)
        async with database.read_paired() as (first,):
            assert await keys(first) == ["between"]


async def test_a_pooler_is_asked_for_one(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_POOLED", {parse_url(postgresql_url)})
    async with Database.open(postgresql_url) as database:
        await make_tables(database)
        async with database.read_paired() as (first,):
            assert await keys(first) == []


async def test_few_have_a_pair_at_the_same_time(database_url: str) -> None:
    async with Database.open(database_url, connections=WIDE) as database:
        async with database.read_paired() as pair, database.read_paired() as other:
            assert (len(pair), len(other)) == (2, 1)
        async with database.read_paired() as pair:
            assert len(pair) == 2


async def test_what_was_read_before_is_read_on_by_the_same_connection(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with Snapshot(database) as snapshot:
            async with snapshot.reading() as alone:
                assert await keys(alone) == []
            await write(database, "later")
            async with snapshot.reading_widely() as connections:
                assert connections == (alone,)
                assert await keys(alone) == []
            await snapshot.renew()
            async with snapshot.reading_widely() as (first, second):
                assert await keys(second) == await keys(first) == ["later"]
            async with snapshot.reading() as same:
                assert same is first
