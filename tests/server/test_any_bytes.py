"""Any bytes in, a tidy answer out: a code of ours and a sentence, no fault, no dropped line."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from tests.door import Door
from tests.sockets import SECONDS, served, talking
from tests.tidy import untidy, untidy_error

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
VIEWER = b'{"query": "{ viewer { role } }"}'
NINES = "9" * 5000

BODIES = (
    b"[" * 900_000,
    b'{"query":' * 100_000,
    b'{"query": "{ viewer { role } }", "variables": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
    b'{"query": "{ viewer { role } }", "variables": {"n": %s}}' % (b"9" * 100_000),
    b'{"query": "{ viewer { role } }", "variables": {"n": -1e999}}',
    b'{"query": "{ viewer { role } }", "variables": {"n": NaN}}',
    b'{"query": "{ viewer { role } }", "variables": {"": 1, "\\u0000": {"a": []}}}',
    b'{"query": "{ viewer { role } }\\u0000"}',
    b'{"query": "\xed\xa0\x80"}',
    b'{"query": "\\ud800"}',
    b'{"query": "{ viewer { role } }", "query": "{"}',
    b'{"query": "{ viewer { role } }", "operationName": "\\u0000"}',
    b'{"query": "{ viewer { role } }"} and more',
    b'{"query": "{}"}',
    b'{"query": "#"}',
    b'{"query": "type A { a: Int }"}',
    b'{"query": "{ viewer { role @defer } }"}',
    b'{"query": "{ ... @defer { viewer { role } } }"}',
    b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "\\u0000"}}}',
    b'{"documentId": "\\u0000"}',
    b"\xef\xbb\xbf" + VIEWER,
    VIEWER.decode().encode("utf-16"),
    gzip.compress(VIEWER),
    b"\0" * 100,
    b"true",
    b'"',
)

FILTERED = "query ($f: MemberFilter) { members(filter: $f) { nodes { id } } }"
QUERIES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (f"{{ members(first: {NINES}) {{ nodes {{ id }} }} }}", {}),
    (f"{{ members(filter: {{pointBalance: {{eq: -{NINES}}}}}) {{ totalCount }} }}", {}),
    (f"query ($n: Int = {NINES}) {{ members(first: $n) {{ totalCount }} }}", {}),
    ("query ($n: Int) { members(first: $n) { totalCount } }", {"n": 1e300}),
    ("query ($n: Int) { members(first: $n) { totalCount } }", {"n": 2**63}),
    (FILTERED, {"f": {"fullName": {"eq": "\0"}}}),
    (FILTERED, {"f": {"fullName": {"contains": "\0"}}}),
    (FILTERED, {"f": {"loginEmail": {"eq": "\0@b"}}}),
    (FILTERED, {"f": {"birthDate": {"eq": "0000-00-00"}}}),
    (FILTERED, {"f": {"lastLoginAt": {"gt": "9999-12-31T23:59:59-23:59"}}}),
    (FILTERED, {"f": {"lastLoginAt": {"gt": "0001-01-01T00:00:00+23:59"}}}),
    (FILTERED, {"f": {"pointBalance": {"in": [2**31 - 1, -(2**31)]}}}),
    ("query ($i: ID!) { member(id: $i) { id } }", {"i": "\0"}),
    ("query ($i: ID!) { member(id: $i) { id } }", {"i": 2**70}),
    ("query ($i: ID!) { memberByAccount(accountId: $i) { id } }", {"i": "\0"}),
    ("query ($i: ID!) { memberByAccount(accountId: $i) { id } }", {"i": "é" * 100_000}),
    ("query ($i: String) { members(after: $i) { totalCount } }", {"i": "\0"}),
    ("query ($k: ID!) { company(key: $k) { key } purposes(company: $k) { key } }", {"k": "\0"}),
    ('query { disclosures(filter: {purpose: "\\u0000"}) { nodes { id } } }', {}),
    ('{ __type(name: "\\u0000") { name } }', {}),
    ("query ($a: [[[[[Int]]]]]) { viewer { role } }", {"a": [[[[[1]]]]]}),
    ("{ viewer { role @skip(if: null) } }", {}),
    ("{ companies @stream { key } }", {}),
    ("subscription { __typename }", {}),
)


async def test_no_body_gets_more_than_a_refusal(door: Door) -> None:
    headers = {
        "Authorization": f"Bearer {door.issuer.token()}",
        "Content-Type": "application/json",
        "Sekisho-Purpose": PURPOSE,
    }
    with capture_logs() as logs:
        for body in BODIES:
            response = await door.client.post("/graphql", content=body, headers=headers)
            assert untidy(response.status_code, response.content) == "", body[:80]
    assert not [line for line in logs if line["event"] == "fault"]


async def test_no_operand_breaks_anything_on_either_engine(either: Door) -> None:
    with capture_logs() as logs:
        for query, variables in QUERIES:
            response = await either.send(query, variables, purpose=PURPOSE)
            assert untidy(response.status_code, response.content) == "", (query, variables)
    assert not [line for line in logs if line["event"] == "fault"]


HEADS = (b"", b'{"query": "', b'{"query": "{ viewer { role } }", "variables": ', b'{"a": "\\u')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=60))
async def test_bytes_out_of_the_blue_are_refused(door: Door, head: bytes, rest: bytes) -> None:
    headers = {"Authorization": f"Bearer {door.issuer.token()}", "Content-Type": "application/json"}
    response = await door.client.post("/graphql", content=head + rest, headers=headers)
    assert untidy(response.status_code, response.content) == ""
    params = (head + rest).hex("%")
    address = f"/graphql?query=%{params}&variables=%{params}" if params else "/graphql"
    response = await door.client.get(address, headers=headers)
    assert untidy(response.status_code, response.content) == ""


async def test_a_body_without_end_is_answered_before_its_end(door: Door) -> None:
    async with served(door) as address, asyncio.timeout(SECONDS):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        token = door.issuer.token()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

        async def sent() -> None:
            with suppress(ConnectionError):
                while True:
                    writer.write(chunk)
                    await writer.drain()

        sending = asyncio.create_task(sent())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
        await sending  # the server hangs up
        writer.close()


def _json(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return "null"


MESSAGES = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    ).map(_json),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["subscribe", "complete", "ping", "pong", "connection_init"])},
        optional={
            "id": st.sampled_from(["1", "", "\0", 1, None]),
            "payload": st.sampled_from(
                [
                    None,
                    {},
                    [],
                    "",
                    {"query": "{"},
                    {"query": "\0"},
                    {"query": "{ viewer { role } }"},
                ]
            ),
        },
    ).map(_json),
)
CLOSED = {4400, 4401, 4403, 4409, 4429, 1000, 1007, 1009}


@pytest.fixture
async def line(door: Door) -> AsyncIterator[tuple[str, Door]]:
    async with served(door) as address:
        yield address, door


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(MESSAGES, min_size=1, max_size=6))
async def test_any_messages_on_a_socket_are_answered_or_end_it(
    line: tuple[str, Door], messages: list[str | bytes]
) -> None:
    address, door = line
    with capture_logs() as logs:
        async with talking(address, door.issuer.token()) as talk:
            try:
                for message in messages:
                    await talk.line.send(message)
                await talk.say(type="ping", payload={"last": True})
                while (heard := await talk.hear())["type"] != "pong":
                    for error in heard["payload"] if heard["type"] == "error" else ():
                        assert untidy_error(error) == ""
            except ConnectionClosed:
                assert talk.line.close_code in CLOSED
    assert not [one for one in logs if one["event"] in {"fault", "failed"}]


MASKED = bytes(4)
FRAMES = {
    "not masked": (b"\x81\x02{}", 1002),
    "reserved bits": (b"\xf1\x82" + MASKED + b"{}", 1002),
    "an opcode that is none": (b"\x83\x82" + MASKED + b"{}", 1002),
    "no UTF-8": (b"\x81\x82" + MASKED + b"\xc3\x28", 1007),
    "a part of nothing": (b"\x80\x82" + MASKED + b"{}", 1002),
    "a ping in parts": (b"\x09\x80" + MASKED, 1002),
    "a length that nobody has": (b"\x81\xff" + b"\x7f" + b"\xff" * 7 + MASKED, 1009),
    "parts without end": (b"\x01\xfe\xff\xff" + MASKED + b" " * 0xFFFF, 1009),
}


@pytest.mark.parametrize("what", FRAMES)
async def test_frames_that_are_none_end_the_connection_with_a_code(door: Door, what: str) -> None:
    frame, code = FRAMES[what]
    async with served(door) as address, asyncio.timeout(SECONDS):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        lines = (
            f"GET /graphql HTTP/1.1\r\nHost: {address}",
            "Upgrade: websocket\r\nConnection: Upgrade",
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        )
        writer.write("\r\n".join(lines).encode())
        assert b"101" in await reader.readuntil(b"\r\n\r\n")
        writer.write(frame)
        for _ in range(20 if what == "parts without end" else 0):
            writer.write(b"\x00" + frame[1:])
        closing = await reader.readexactly(4)
        assert closing[0] == 0x88
        assert int.from_bytes(closing[2:]) == code
        writer.close()
