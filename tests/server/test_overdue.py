"""An operation that takes too long is stopped, its statement with it, told tidily and on record."""

import asyncio

import pytest

from server.work import OVERDUE
from tests.door import Door, refused
from tests.server.test_admission import allow
from tests.slow import endless, running
from tests.sockets import served, talking
from tests.streams import SHORT, happen, kinds, listening, withdrawn

pytestmark = pytest.mark.anyio

ONE = "{ members { nodes { fullName } } }"
SEVERAL = "{ a: members { nodes { fullName } } b: members { nodes { city } } }"
PURPOSE = "own:card:service"
SHORT_TIME = 0.2
ENOUGH = 1.0
"""Seconds in which everything is done that comes to an end."""


async def nothing_runs(door: Door) -> None:
    """Wait until the engine works at nothing more that was asked."""
    if door.checkpoint.database.dialect == "postgresql":
        async with asyncio.timeout(10):
            while await running(door.checkpoint.database):  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("query", [ONE, SEVERAL])
async def test_the_statement_ends_with_the_operation(either: Door, query: str) -> None:
    allow(either, time_limit=SHORT_TIME)
    async with endless(either.checkpoint.database, "standing"):
        answer = await either.send(query, purpose=PURPOSE)
        refused(answer, 503, "LIMIT_EXCEEDED", "nothing was disclosed")
        assert answer.headers["retry-after"] == "6"
        await nothing_runs(either)
    allow(either)
    assert (await either.ask(query, purpose=PURPOSE))["data"]


async def test_it_is_on_record_that_it_was_asked_and_that_nothing_was_told(either: Door) -> None:
    allow(either, time_limit=SHORT_TIME)
    async with endless(either.checkpoint.database, "standing"):
        answer = await either.send(ONE, purpose=PURPOSE)
    (entry,) = await either.entries()
    told = answer.json()["errors"][0]["extensions"]
    assert (entry.decision_id, entry.purpose) == (told["correlationId"], PURPOSE)
    (disclosure,) = entry.disclosures
    assert (disclosure.members, disclosure.withheld) == ({}, {("", OVERDUE): 1})


async def test_nobody_finds_out_much_by_what_takes_too_long(door: Door) -> None:
    allow(door, time_limit=SHORT_TIME, overdue_per_minute=1)
    async with endless(door.checkpoint.database, "standing"):
        refused(await door.send(ONE, purpose=PURPOSE), 503, "LIMIT_EXCEEDED")
        answer = await door.send(ONE, purpose=PURPOSE)
    refused(answer, 429, "LIMIT_EXCEEDED", "took too long")
    assert answer.headers["retry-after"] == "60"
    allow(door)
    other = door.issuer.token(sub="another")
    assert (await door.send(ONE, purpose=PURPOSE, token=other)).status_code == 200


async def test_a_ledger_that_takes_too_long_is_told_as_such(door: Door) -> None:
    allow(door, time_limit=SHORT_TIME)
    async with door.checkpoint.ledger.database.writers.begin():  # SQLite's one write lock
        refused(await door.send(ONE, purpose=PURPOSE), 503, "LEDGER_UNAVAILABLE")


async def test_a_subscription_lives_on_however_long_nothing_happens(either: Door) -> None:
    allow(either, time_limit=ENOUGH)
    async with (
        served(either) as address,
        talking(address, either.issuer.member("m1")) as talk,
    ):
        await listening(talk, either, "m1")
        heard = asyncio.create_task(kinds(talk, 1))
        await asyncio.wait({heard}, timeout=1.5 * ENOUGH)
        await happen(either, "m1", withdrawn(either))
        assert await heard == ["WITHDRAWN"]


async def test_a_read_of_a_subscription_ends_as_well(either: Door) -> None:
    await happen(either, "m1", withdrawn(either))
    allow(either, time_limit=SHORT_TIME)
    async with (
        endless(either.checkpoint.database, "outbox"),
        served(either) as address,
        talking(address, either.issuer.member("m1")) as talk,
    ):
        error = await talk.refused(SHORT)
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        await nothing_runs(either)
