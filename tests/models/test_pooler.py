"""Through a pooler in transaction mode all is as on a straight connection, and nothing stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select, text

from models.bulk import insert_many
from models.database import Database
from models.engines import parse_url
from models.postgresql import SETTINGS, Connection, alone, connect, keeps_statements
from models.tables import STANDING
from tests.chains import entry
from tests.made import make_tables, new_ledger
from tests.pooler import CONNECTIONS, UNKNOWN, Pooler, pooling
from tests.postgres import Postgres

pytestmark = pytest.mark.anyio

CLIENTS = 6 * CONNECTIONS


@pytest.fixture(params=["", UNKNOWN], ids=["refuses settings", "ignores settings"])
def pooler(request: pytest.FixtureRequest, postgres: Postgres, pgbouncer: str) -> Iterator[Pooler]:
    with pooling(postgres, pgbouncer, request.param) as running:
        yield running


@pytest.fixture
def name(postgres: Postgres, names: Iterator[str]) -> Iterator[str]:
    """A database whose own settings are not ours."""
    name = next(names)
    postgres.create(name)
    for setting, value in (("synchronous_commit", "off"), ("lock_timeout", "1h"), ("jit", "on")):
        postgres.run(f"ALTER DATABASE {name} SET {setting} = '{value}'")
    yield name
    postgres.drop(name)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await connect(parse_url(url))
    try:
        yield connection
    finally:
        await connection.close()


async def settings_of(connection: Connection) -> dict[str, str]:
    names = ", ".join(f"current_setting('{name}') AS {name}" for name in SETTINGS)
    row = await connection.fetchrow(f"SELECT {names}")
    assert row is not None
    return dict(row)


async def left(connection: Connection) -> tuple[int, str]:
    """What a transaction finds on the server's connection."""
    count = "SELECT count(*) FROM pg_prepared_statements"
    return await connection.fetchval(count), (await settings_of(connection))["jit"]


async def test_a_pooler_is_noticed_and_a_straight_way_too(
    postgres: Postgres, pooler: Pooler, name: str
) -> None:
    async with connected(postgres.url(name)) as straight, connected(pooler.url(name)) as pooled:
        assert keeps_statements(straight)
        assert not keeps_statements(pooled)


async def test_every_transaction_has_our_settings_and_leaves_none(
    postgres: Postgres, pooler: Pooler, name: str
) -> None:
    async with connected(postgres.url(name)) as straight, connected(pooler.url(name)) as pooled:
        assert await settings_of(straight) == SETTINGS
        async with alone(straight), alone(pooled):
            assert await settings_of(straight) == await settings_of(pooled) == SETTINGS
        async with pooled.transaction(isolation="repeatable_read", readonly=True):
            assert await settings_of(pooled) == SETTINGS
        assert await left(pooled) == (0, "on")


async def test_a_statement_of_the_database_finds_our_settings(pooler: Pooler, name: str) -> None:
    async with Database.open(pooler.url(name)) as database:
        await make_tables(database)
        for block in (database.read, database.write):
            async with block() as connection:
                for setting, value in SETTINGS.items():
                    assert await connection.scalar(text(f"SHOW {setting}")) == value


async def test_more_clients_than_connections_read_and_write_side_by_side(
    pooler: Pooler, name: str
) -> None:
    url = pooler.url(name)
    async with Database.open(url, connections=CLIENTS) as database:
        await make_tables(database)
        ledger = await new_ledger(url)

        async def client(number: int) -> None:
            for turn in range(10):
                key = f"{number}-{turn}"
                async with database.write() as writer:
                    await writer.execute(insert(STANDING), {"member_key": f"{key}-one"})
                    await insert_many(writer, STANDING, [{"member_key": f"{key}-many"}])
                await ledger.append(entry(number * 100 + turn))
                assert await found(database, key) == [f"{key}-many", f"{key}-one"]

        async with asyncio.TaskGroup() as clients:
            for number in range(CLIENTS):
                clients.create_task(client(number))
        assert len([each async for each in ledger.entries()]) == CLIENTS * 10
        await ledger.close()
    async with connected(url) as pooled:
        assert await left(pooled) == (0, "on")


async def found(database: Database, key: str) -> Sequence[str]:
    """The keys that begin like this, read twice in one snapshot, row by row and at once."""
    query = select(STANDING.c.member_key).where(STANDING.c.member_key.startswith(f"{key}-"))
    async with database.read() as reader:
        rows = [row.member_key async for row in await reader.stream(query.order_by("member_key"))]
        assert (await reader.scalars(query.order_by("member_key"))).all() == rows
    return rows
