"""An operation that takes too long is stopped, its statement with it, told tidily and on record."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy import text
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from models.database import Database
from server.work import OVERDUE
from tests.door import Door, refused
from tests.server.test_admission import allow
from tests.server.test_exports import fetched, rows_of, written
from tests.slow import endless, running
from tests.sockets import SECONDS, served, talking, until
from tests.streams import SHORT, happen, kinds, listening, withdrawn
from tests.telling import company

pytestmark = pytest.mark.anyio

ONE = "{ members { nodes { fullName } } }"
SEVERAL = "{ a: members { nodes { fullName } } b: members { nodes { city } } }"
PURPOSE = "own:card:service"
SHORT_TIME = 0.2
ENOUGH = 2.0
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


async def test_a_look_into_the_outbox_that_waits_for_a_lock_ends_and_the_next_ones_find_all(
    either: Door, caplog: pytest.LogCaptureFixture
) -> None:
    database, listeners = either.checkpoint.database, either.checkpoint.listeners
    listeners.time_limit = SHORT_TIME
    await happen(either, "m1", withdrawn(either))
    slow = locked(database) if database.dialect == "postgresql" else endless(database, "outbox")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slow)
        with listeners.to("m1") as woken:
            await until(lambda: caplog.messages.count("unreadable") > 1)
            assert {each.exc_info[0] for each in caplog.records if each.exc_info} == {TimeoutError}
            assert not woken.is_set()
            await stack.aclose()
            await woken.wait()  # everybody looks once, at first
            woken.clear()
            await happen(either, "m1", withdrawn(either))
            await woken.wait()


@asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """Nobody else reads the outbox; at the end nobody waits for it any more but one."""
    async with database.writers.begin() as connection:
        await connection.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
        yield
        waiting = text(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"
        )
        async with asyncio.timeout(SECONDS):
            while await connection.scalar(waiting):
                pass


async def test_a_part_of_a_file_that_takes_too_long_ends_it(either: Door) -> None:
    await written(either)
    token, told = company(either, "card"), bytearray()
    assert len(rows_of(await fetched(either, token, "receipt.csv"))) > 1
    async with AsyncExitStack() as slow:

        async def send(message: Message) -> None:
            told.extend(message.get("body", b""))
            if told.endswith(b"\r\n") and told.count(b"\n") == 1:  # the names are out
                await slow.enter_async_context(
                    endless(either.checkpoint.ledger.database, "ledger_record")
                )

        allow(either, time_limit=ENOUGH)
        with pytest.raises(ClientDisconnect):  # Starlette's word for an answer that breaks off
            await either.app(scope_of("/records/receipt.csv", token), nothing_more, send)
        await nothing_runs(either)
    assert told.count(b"\n") == 1
    allow(either)
    whole = await fetched(either, token, "receipt.csv")
    assert len(rows_of(whole)) > 1


async def nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def scope_of(path: str, token: str) -> Scope:
    """As a server tells the application of a request."""
    headers = [(b"host", b"sekisho.example"), (b"authorization", f"Bearer {token}".encode())]
    return {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "headers": headers, "query_string": b"", "scheme": "http", "root_path": "",
        "server": ("sekisho.example", 80),
        "client": ("127.0.0.1", 1), "http_version": "1.1", "asgi": {"spec_version": "2.4"},
    }  # fmt: skip
