"""GraphQL over WebSocket: the same caller, road, record and refusals as over HTTP, and limits."""

import asyncio
import socket
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from resolvers.stream import LISTED
from server.identity import LEEWAY
from server.operation import MAX_BODY, MAX_DEPTH
from tests.clock import Clock
from tests.door import HOLDER, Door, copy_of, opened, refused
from tests.sockets import PROTOCOL, SECONDS, dialled, served, talking, until

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


async def test_variables_are_as_shallow_as_over_http(door: Door) -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        error = await talk.refused("{ viewer { role } }", variables={"deep": deep})
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


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
        ("[" * 100_000, 4400),
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


async def test_who_says_nothing_is_let_go(door: Door) -> None:
    async with (
        served(door, opening=timedelta(milliseconds=20)) as address,
        dialled(address) as talk,
    ):
        assert (await talk.closed())[0] == 4408


async def test_another_protocol_is_not_spoken(door: Door) -> None:
    async with (
        served(door) as address,
        dialled(address, subprotocols=["graphql-ws"]) as talk,
    ):
        assert (await talk.closed())[0] == 4406


async def test_a_socket_has_only_so_many_operations_under_way(door: Door) -> None:
    async with (
        served(door, operations=2) as address,
        talking(address, door.issuer.member("m1")) as talk,
    ):
        first = await talk.begin(LISTEN)
        await talk.begin(LISTEN)
        error = await talk.refused("{ viewer { role } }")
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        await talk.say(type="complete", id=first)
        assert (await talk.ask("{ viewer { role } }"))["data"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 101),
        (ORIGIN, 101),
        ("http://{}", 101),
        ("https://evil.example", 403),
        ("null", 403),
        (f"{ORIGIN}.evil.example", 403),
        ("http://127.0.0.1:1", 403),
    ],
)
async def test_a_browser_s_page_opens_a_socket_from_an_allowed_origin_alone(
    seed_file: Path, clock: Clock, tmp_path: Path, origin: str | None, status: int
) -> None:
    async with (
        opened(copy_of(seed_file, tmp_path), clock, tmp_path, allowed_origins=(ORIGIN,)) as door,
        served(door) as address,
    ):
        given = origin and origin.format(address)
        if status == 101:
            async with dialled(address, given) as talk:
                assert talk.line.subprotocol == PROTOCOL
        else:
            with pytest.raises(InvalidStatus) as refusal:
                async with dialled(address, given):
                    pass
            assert refusal.value.response.status_code == status


@pytest.mark.parametrize("query", [None, LISTEN])
async def test_an_expired_token_closes_the_socket(door: Door, query: str | None) -> None:
    async with (
        served(door, glance=timedelta(milliseconds=10)) as address,
        talking(address, door.issuer.member("m1")) as talk,
    ):
        if query:
            await talk.begin(query)
        door.clock.step(timedelta(minutes=59, seconds=59))
        assert (await talk.ask("{ viewer { role } }"))["data"]
        door.clock.step(timedelta(seconds=1))
        assert await talk.closed() == (4403, "UNAUTHENTICATED")


async def test_a_token_that_is_let_in_after_its_end_lasts_as_long_as_over_http(door: Door) -> None:
    token = door.issuer.member("m1")
    door.clock.step(timedelta(hours=1))
    async with (
        served(door, glance=timedelta(milliseconds=10)) as address,
        talking(address, token) as talk,
    ):
        assert (await talk.ask("{ viewer { role } }"))["data"]
        door.clock.step(LEEWAY)
        assert await talk.closed() == (4403, "UNAUTHENTICATED")


async def test_who_is_verified_no_more_is_told_nothing_more(door: Door) -> None:
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        door.clock.step(timedelta(hours=1) + LEEWAY)
        await talk.begin(MEMBERS)
        assert await talk.closed() == (4403, "UNAUTHENTICATED")
    assert await door.entries() == []


async def test_who_does_not_read_is_hung_up_on(door: Door) -> None:
    listeners = door.checkpoint.listeners
    async with served(door, sending=timedelta(milliseconds=100)) as address:
        with await _dialled_by_hand(address) as lazy:
            opening = {"authorization": f"Bearer {door.issuer.member('m1')}"}
            await _say(lazy, {"type": "connection_init", "payload": opening})
            await _say(lazy, {"id": "0", "type": "subscribe", "payload": {"query": LISTEN}})
            await until(lambda: "m1" in listeners.waiting)
            long = f"{{ {'a' * (MAX_BODY - 200)}: __typename }}"
            for number in range(12):  # more than the kernel takes in
                asked = {"id": f"{number + 1}", "type": "subscribe", "payload": {"query": long}}
                await _say(lazy, asked)
            await until(lambda: not listeners.waiting)


async def _dialled_by_hand(address: str) -> socket.socket:
    """A socket with little room for what comes, of which nothing is read after the handshake."""
    host, port = address.split(":")
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect((host, int(port)))
    lazy.setblocking(False)
    lines = (
        "GET /graphql HTTP/1.1",
        f"Host: {address}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {PROTOCOL}",
    )
    lazy.send("\r\n".join((*lines, "", "")).encode())
    assert b"101" in await asyncio.get_running_loop().sock_recv(lazy, 4096)
    return lazy


async def _say(lazy: socket.socket, message: Any) -> None:
    """One text frame, masked with zeros."""
    text = orjson.dumps(message)
    head = bytes([0x81, 0x80 | 127]) + len(text).to_bytes(8, "big") + bytes(4)
    with suppress(ConnectionError):  # it may have been hung up by now
        await asyncio.get_running_loop().sock_sendall(lazy, head + text)


async def test_nothing_goes_on_when_the_client_is_gone(door: Door) -> None:
    listeners = door.checkpoint.listeners
    async with served(door) as address:
        async with talking(address, door.issuer.member("m1")) as talk:
            await talk.begin(LISTEN)
            await until(lambda: "m1" in listeners.waiting)
        await until(lambda: not listeners.waiting)
        await until(lambda: listeners.reader is not None and listeners.reader.done())


async def test_sockets_are_closed_when_the_server_stops(door: Door) -> None:
    async with asyncio.timeout(SECONDS):
        async with served(door) as address:
            line = talking(address, door.issuer.member("m1"))
            talk = await line.__aenter__()
            await talk.begin(LISTEN)
        assert (await talk.closed())[0] == 1012
        await line.__aexit__(None, None, None)


async def test_http_is_served_beside_it(door: Door) -> None:
    async with served(door) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.get("/healthz")
        assert answer.status_code == 200
