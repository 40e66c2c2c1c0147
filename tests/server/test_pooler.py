"""Servers that reach PostgreSQL through PgBouncer in transaction mode, with few connections."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.acts import codes, give, member, states
from tests.clock import Clock
from tests.door import Door, opened, seeded
from tests.load import load, recorded
from tests.pooler import Pooler, pooling
from tests.postgres import Postgres
from tests.sockets import served, talking
from tests.streams import following, happen, kinds, listening, told, withdrawn
from tests.workers import hosting

pytestmark = pytest.mark.anyio

READ = "{ members(first: 5) { nodes { id fullName orders(first: 2) { nodes { at } } } } }"
HISTORY = "{ disclosures(first: 5) { nodes { at } } }"
PURPOSE = "own:card:service"


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


@pytest.mark.exhaustive
async def test_two_workers_answer_more_clients_than_there_are_connections(
    url: str, tmp_path: Path
) -> None:
    with hosting(url, tmp_path, ledger_url=url) as host:
        async with load(host) as asking:
            await asking.answers(300)
    assert not asking.refused
    assert asking.told <= await recorded(url)
