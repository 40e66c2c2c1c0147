"""GraphQL over WebSocket: the same caller, road, record and refusals as over HTTP, and limits."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from resolvers.stream import LISTED
from server.operation import MAX_BODY
from tests.door import HOLDER, Door, refused
from tests.sockets import dialled, served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
MEMBERS = "{ members { nodes { id fullName ekycStatus } } }"
LISTEN = f"subscription {{ {LISTED} {{ cursor kind }} }}"
ORIGIN = "https://app.example"


async def test_a_query_is_answered_and_recorded_as_over_http(either: Door) -> None:
    over_http = await either.ask(MEMBERS, purpose=PURPOSE)
    async with (
        served(either) as address,
        talking(address, either.issuer.token(), purpose=PURPOSE, reference="T-1") as talk,
    ):
        answer = await talk.ask(MEMBERS)
        # INVARIANT: what was heard is on record by now.
        first, second = await either.entries()
    assert answer["data"] == over_http["data"]
    ours, theirs = (each["extensions"]["privacy"] for each in (answer, over_http))
    assert {**ours, "decisionId": None} == {**theirs, "decisionId": None}
    assert ours["decisionId"] in {first.decision_id, second.decision_id}
    assert first.disclosures == second.disclosures
    assert {first.reference, second.reference} == {None, "T-1"}


async def test_each_operation_is_a_decision_of_its_own(door: Door) -> None:
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        earlier = await talk.ask(MEMBERS)
        door.clock.step(timedelta(seconds=5))
        later = await talk.ask(MEMBERS)
    told = [each["extensions"]["privacy"] for each in (earlier, later)]
    assert told[0]["decisionId"] != told[1]["decisionId"]
    assert [each["asOf"] for each in told] == ["2026-06-15T00:00:00Z", "2026-06-15T00:00:05Z"]


async def test_without_a_ledger_nothing_leaves(door: Door, tmp_path: Path) -> None:
    await door.ask(MEMBERS, purpose=PURPOSE)
    with closing(sqlite3.connect(tmp_path / "copy-ledger.db")) as ledger:
        ledger.execute("DROP TABLE ledger_entry")
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        error = await talk.refused(MEMBERS)
        assert error["extensions"]["code"] == "LEDGER_UNAVAILABLE"
        assert (await talk.ask("{ viewer { role } }"))["data"] == {"viewer": {"role": "SERVICE"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (MEMBERS, "PURPOSE_REQUIRED"),
        ("{ members", "GRAPHQL_PARSE_FAILED"),
        ("{ membres { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("", "BAD_USER_INPUT"),
        ("fragment F on Query { viewer { role } }", "BAD_USER_INPUT"),
        ("query A { viewer { role } } query B { viewer { role } }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ node(id: "x") { id } }', "BAD_USER_INPUT"),
        ("query ($a: Int!) { members(first: $a) { totalCount } }", "BAD_USER_INPUT"),
        (LISTEN, "FORBIDDEN"),
    ],
)
async def test_a_refusal_has_the_code_it_has_over_http(door: Door, query: str, code: str) -> None:
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        error = await talk.refused(query)
        assert error["extensions"]["code"] == code
        assert error["message"].endswith((".", "`."))
        assert "Did you mean" not in error["message"]
        assert HOLDER not in str(error)
        assert (await talk.ask("{ viewer { role } }"))["data"]  # and the socket is still good


async def test_an_operation_that_the_document_has_not_is_refused(door: Door) -> None:
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        error = await talk.refused("query A { viewer { role } }", operationName="B")
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_subscription_is_no_business_of_http(door: Door) -> None:
    refused(await door.send(LISTEN), 405, "BAD_USER_INPUT", "WebSocket")
    answer = await door.client.get(
        "/graphql",
        params={"query": LISTEN},
        headers={"Authorization": f"Bearer {door.issuer.token()}"},
    )
    refused(answer, 405, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("payload", "closed"),
    [
        (None, (4403, "UNAUTHENTICATED")),
        ({}, (4403, "UNAUTHENTICATED")),
        ({"authorization": "Bearer nonsense"}, (4403, "UNAUTHENTICATED")),
        ({"authorization": ["Bearer"]}, (4400, "BAD_USER_INPUT")),
        ({"purpose": "own:card"}, (4400, "PURPOSE_UNKNOWN")),
        ({"purpose": "own:bank:service"}, (4403, "PURPOSE_NOT_ALLOWED")),
        ({"reference": "x" * 201}, (4400, "BAD_USER_INPUT")),
        ("Bearer", (4400, "Invalid connection init payload")),
    ],
)
async def test_who_may_not_ask_is_not_acknowledged(
    door: Door, payload: Any, closed: tuple[int, str]
) -> None:
    if isinstance(payload, dict) and payload and "authorization" not in payload:
        payload["authorization"] = f"Bearer {door.issuer.token()}"
    async with served(door) as address, dialled(address) as talk:
        await talk.say(type="connection_init", payload=payload)
        assert await talk.closed() == closed


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('{"id": "1", "type": "subscribe", "payload": {"query": "{ viewer { role } }"}}', 4401),
        ("no JSON", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"type": "start"}', 4400),
        ('{"type": ["ping"]}', 4400),
        ('{"id": 1, "type": "subscribe", "payload": {"query": "{ a }"}}', 4400),
        ('{"id": "1", "type": "subscribe", "payload": {"query": 1}}', 4400),
        ('{"id": "1", "type": "subscribe", "payload": {"query": "", "variables": []}}', 4400),
        ('{"type": "complete"}', 4400),
        ("[" * 10_000, 4400),
        (b"{ }", 4400),
        ('"' + "x" * MAX_BODY + '"', 1009),
    ],
)
async def test_what_the_protocol_does_not_know_ends_the_connection(
    door: Door, message: str | bytes, code: int
) -> None:
    async with served(door) as address, dialled(address) as talk:
        await talk.line.send(message)
        assert (await talk.closed())[0] == code


async def test_a_connection_is_opened_once_and_an_id_used_once_at_a_time(door: Door) -> None:
    token = door.issuer.member("m1")
    async with served(door) as address:
        async with talking(address, token) as talk:
            await talk.say(type="connection_init", payload={})
            assert (await talk.closed())[0] == 4429
        async with talking(address, token) as talk:
            for _ in range(2):
                await talk.say(id="1", type="subscribe", payload={"query": LISTEN})
            assert (await talk.closed())[0] == 4409
        async with talking(address, token) as talk:
            await talk.say(type="ping")
            assert await talk.hear() == {"type": "pong"}
            await talk.say(type="complete", id="unknown")
            assert (await talk.ask("{ viewer { role } }"))["data"]


async def test_another_protocol_is_not_spoken(door: Door) -> None:
    async with (
        served(door) as address,
        dialled(address, subprotocols=["graphql-ws"]) as talk,
    ):
        assert (await talk.closed())[0] == 4406


async def test_http_is_served_beside_it(door: Door) -> None:
    async with served(door) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.get("/healthz")
        assert answer.status_code == 200
