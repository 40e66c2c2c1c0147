"""Servers that reach PostgreSQL through PgBouncer in transaction mode, with few connections."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.acts import codes, give, member, states
from tests.clock import Clock
from tests.door import Door, opened, refused, seeded
from tests.load import load, recorded
from tests.pooler import CONNECTIONS, Pooler, pooling
from tests.postgres import Postgres
from tests.server.test_admission import allow
from tests.server.test_overdue import nothing_runs
from tests.slow import endless
from tests.sockets import SECONDS, served, talking
from tests.streams import following, happen, kinds, listening, told, withdrawn
from tests.workers import ROOT, hosting

pytestmark = pytest.mark.anyio

READ = "{ members(first: 5) { nodes { id fullName orders(first: 2) { nodes { at } } } } }"
HISTORY = "{ disclosures(first: 5) { nodes { at } } }"
PURPOSE = "own:card:service"
ASKING = """
import asyncio, sys
from models.database import Database
from models.engines import parse_url
from models.postgresql_reader import PostgresReader

async def ask():
    async with PostgresReader(parse_url(sys.argv[1]), 1).connection() as connection:
        await connection.fetch("SELECT pg_sleep(3600)")

asyncio.run(ask())
"""
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'"


@pytest.fixture
def pooler(postgres: Postgres, pgbouncer: str) -> Iterator[Pooler]:
    with pooling(postgres, pgbouncer) as running:
        yield running


@pytest.fixture
async def url(
    postgres: Postgres, pooler: Pooler, names: Iterator[str], clock: Clock
) -> AsyncIterator[str]:
    """The demo world, filled and reached through the pooler."""
    postgres.create(name := next(names))
    yield await seeded(pooler.url(name), clock)
    postgres.drop(name)


@pytest.fixture
async def door(url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(url, clock, tmp_path) as door:
        yield door


async def test_reads_acts_history_and_subscriptions_are_served(door: Door) -> None:
    token = member(door, "m1")
    async with (
        served(door) as address,
        talking(address, token) as consents,
        talking(address, token) as looks,
    ):
        await listening(consents, door, "m1")
        await following(looks, door)
        assert (await door.ask(READ, purpose=PURPOSE))["data"]["members"]["nodes"]
        assert told(await looks.next())["disclosure"]
        await happen(door, "m1", withdrawn(door))
        assert await kinds(consents, 1) == ["WITHDRAWN"]
    given = await give(door, token, "B.use")
    assert (codes(given), states(given)["B.use"]) == ([], "GRANTED")
    assert (await door.ask(HISTORY, token=token))["data"]["disclosures"]["nodes"]
    assert (await door.client.get("/readyz")).is_success


@pytest.mark.parametrize("query", [READ, f"{READ[:-2]} viewer {{ role }} }}"])
async def test_a_statement_that_takes_too_long_ends_on_the_server(door: Door, query: str) -> None:
    """Whether a plan reads it or the executor does."""
    allow(door, time_limit=0.2)
    async with endless(door.checkpoint.database, "standing"):
        for _ in range(CONNECTIONS + 1):
            refused(await door.send(query, purpose=PURPOSE), 503, "LIMIT_EXCEEDED")
        await nothing_runs(door)
    allow(door)
    assert (await door.ask(query, purpose=PURPOSE))["data"]["members"]["nodes"]


async def test_a_statement_of_a_client_that_died_ends_on_the_server(
    postgres: Postgres, door: Door, url: str
) -> None:
    asking = [sys.executable, "-c", ASKING, url]
    client = await asyncio.create_subprocess_exec(*asking, cwd=ROOT)
    await runs(postgres, "1")
    client.kill()
    await client.wait()
    await runs(postgres, "0")


async def runs(postgres: Postgres, number: str) -> None:
    """Wait until the server works at so many such statements."""
    async with asyncio.timeout(SECONDS):
        while (await asyncio.to_thread(postgres.run, ASLEEP)).strip() != number:
            pass


@pytest.mark.exhaustive
async def test_two_workers_answer_more_clients_than_there_are_connections(
    url: str, tmp_path: Path
) -> None:
    with hosting(url, tmp_path, ledger_url=url) as host:
        async with load(host) as asking:
            await asking.answers(300)
    assert not asking.refused
    assert asking.told <= await recorded(url)
