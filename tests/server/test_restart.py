"""PostgreSQL is stopped as if it lost its power, and started again: the server outlives it.

Whoever asks meanwhile is refused, and told nothing of why. Whoever asks afterwards is answered, at
the first try, by each road; and what was acknowledged before is there.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from policy.errors import ErrorCode
from policy.events import EventKind
from server.refusals import UNREACHABLE, UNSETTLED
from tests.acts import ANSWER, codes, do, log_of, member, operation, present, states
from tests.clock import Clock
from tests.door import Door, code_of, opened, refused, seeded
from tests.load import Load, load, recorded
from tests.postgres import Postgres, running
from tests.sockets import SECONDS, served, talking
from tests.streams import following, happen, kinds, listening, told, withdrawn
from tests.workers import hosting

pytestmark = pytest.mark.anyio

READ = "{ members(first: 5) { nodes { id fullName } } }"
HISTORY = "{ disclosures(first: 5) { nodes { at } } }"
PURPOSE = "own:card:service"
CODES = {ErrorCode.DATABASE_UNAVAILABLE, ErrorCode.LEDGER_UNAVAILABLE}
AT_ONCE = 12
"""More than the connections that are kept."""


@pytest.fixture
def server(programs: Path) -> Iterator[Postgres]:
    """One that nobody else uses."""
    with running(programs) as server:
        yield server


@pytest.fixture
async def door(server: Postgres, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(await seeded(server.create("world"), clock), clock, tmp_path) as door:
        yield door


async def read_together(door: Door) -> list[str]:
    """What so many reads at once are answered with: names of members."""
    asked = (door.ask(READ, purpose=PURPOSE) for _ in range(AT_ONCE))
    answers = await asyncio.gather(*asked)
    return [node["fullName"] for answer in answers for node in answer["data"]["members"]["nodes"]]


def gone(answer: httpx.Response, text: str) -> None:
    told = refused(answer, 503, "DATABASE_UNAVAILABLE")
    assert [error["message"] for error in told["errors"]] == [text]
    assert answer.headers["retry-after"] == "1"


async def test_reads_acts_and_history_are_refused_meanwhile_and_answered_afterwards(
    server: Postgres, door: Door
) -> None:
    token = member(door, "m1")
    names = await read_together(door)
    shown = await present(door, token)
    giving = operation("giveConsent", ANSWER, {"presentation": shown, "items": ["B.use"]})
    with server.gone():
        for _ in range(2):  # a connection that breaks, and then none
            gone(await door.send(READ, purpose=PURPOSE), UNREACHABLE)
            gone(await door.send(*giving, token=token), UNSETTLED)
            history = await door.send(HISTORY, token=token)
            assert code_of(history.json()) in CODES
            refused(history, 503, code_of(history.json()))
        ready = await door.client.get("/readyz")
        assert (ready.status_code, set(ready.json().values())) == (503, {False})
    assert await read_together(door) == names
    given = (await door.ask(*giving, token=token))["data"]["giveConsent"]
    assert (codes(given), states(given)["B.use"]) == ([], "GRANTED")
    assert (await door.ask(HISTORY, token=token))["data"]["disclosures"]["nodes"]
    ready = await door.client.get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {True})


async def test_a_change_that_was_cut_off_at_its_commit_may_have_been_made(
    server: Postgres, door: Door
) -> None:
    token = member(door, "m1")
    given: dict[str, Any] = {"items": ["B.use"], "idempotencyKey": "k"}
    given["presentation"] = await present(door, token)
    # Committed here, it waits for a replica that nobody has.
    server.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.run("SELECT pg_reload_conf()")
    giving = asyncio.create_task(door.send(*operation("giveConsent", ANSWER, given), token=token))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    async with asyncio.timeout(SECONDS):
        while await asyncio.to_thread(server.run, waiting) == "0\n":
            pass
    with server.gone():
        gone(await giving, UNSETTLED)
    server.run("ALTER SYSTEM RESET synchronous_standby_names")
    server.run("SELECT pg_reload_conf()")
    assert EventKind.GRANTED in [event.kind for event in await log_of(door, "m1")]
    again = await do(door, "giveConsent", token, **given)
    assert (codes(again), states(again)["B.use"]) == ([], "GRANTED")


async def test_sockets_are_told_alike(server: Postgres, door: Door) -> None:
    token = member(door, "m1")
    giving, given = operation("withdrawConsent", ANSWER, {"items": ["B.use"]})
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as system,
        talking(address, token) as person,
    ):
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, server.gone())
            for told, text in (
                (await system.refused(READ), UNREACHABLE),
                (await person.refused(giving, variables=given), UNSETTLED),
            ):
                assert told["message"] == text
                assert told["extensions"]["code"] == ErrorCode.DATABASE_UNAVAILABLE
                assert told["extensions"]["retryAfter"] == 1
            await asyncio.to_thread(stack.close)
        assert (await system.ask(READ))["data"]


async def test_who_asks_only_afterwards_notices_nothing(server: Postgres, door: Door) -> None:
    names = await read_together(door)
    await asyncio.to_thread(_restart, server)
    assert await read_together(door) == names
    await happen(door, "m1", withdrawn(door))


def _restart(server: Postgres) -> None:
    with server.gone():
        pass


async def test_subscriptions_go_on(server: Postgres, door: Door) -> None:
    token = member(door, "m1")
    async with (
        served(door) as address,
        talking(address, token) as consents,
        talking(address, token) as looks,
    ):
        await listening(consents, door, "m1")
        await following(looks, door)
        with ExitStack() as stack:  # in a thread: a server's loop goes on meanwhile
            await asyncio.to_thread(stack.enter_context, server.gone())
            await door.send(READ, purpose=PURPOSE)
            await asyncio.to_thread(stack.close)
        await happen(door, "m1", withdrawn(door))
        assert await kinds(consents, 1) == ["WITHDRAWN"]
        await door.ask(READ, purpose=PURPOSE)
        assert told(await looks.next())["disclosure"]


@pytest.mark.exhaustive
async def test_of_servers_under_load_nothing_is_refused_that_is_asked_afterwards(
    server: Postgres, tmp_path: Path, clock: Clock
) -> None:
    url = await seeded(server.create("world"), clock)
    with hosting(url, tmp_path, ledger_url=url) as host:
        async with load(host) as asking:
            await asking.answers(50)
            for _ in range(3):
                await _outlives(asking, server)
    assert asking.told <= await recorded(url)


async def _outlives(asking: Load, server: Postgres) -> None:
    with server.gone():
        await asking.only_refusals(20)
        assert not await asking.ready()
    back = monotonic()
    await asking.answers(200)
    assert asking.last_refused < back
    assert asking.refused.keys() <= CODES
    assert not asking.cut_off
