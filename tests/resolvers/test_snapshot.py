"""The snapshot of an operation: what is written while it is read is not seen."""

import anyio
import pytest
from sqlalchemy import select

from models.database import Database
from models.tables import STANDING
from resolvers.snapshot import Snapshot
from tests.made import make_tables

pytestmark = pytest.mark.anyio

KNOWN = select(STANDING.c.member_key)


async def test_a_later_statement_sees_what_the_first_one_saw(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with Snapshot(database) as snapshot:
            before = await snapshot.fetch(KNOWN, {})
            async with database.write() as connection:
                await connection.execute(STANDING.insert().values(member_key="m"))
            assert await snapshot.fetch(KNOWN, {}) == before == []
        async with Snapshot(database) as snapshot:
            assert await snapshot.fetch(KNOWN, {}) == [("m",)]


async def test_statements_asked_at_once_take_turns(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with Snapshot(database) as snapshot, anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(snapshot.fetch, KNOWN, {})


async def test_nothing_is_read_once_the_operation_is_over(sqlite_url: str) -> None:
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        async with Snapshot(database) as snapshot:
            pass
        with pytest.raises(RuntimeError, match="over"):
            await snapshot.fetch(KNOWN, {})
