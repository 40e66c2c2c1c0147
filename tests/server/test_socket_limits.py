"""What one socket may take of the server, who may open one, and when it ends."""

import asyncio
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from resolvers.limits import Limits
from resolvers.stream import LISTED
from server.identity import LEEWAY
from server.operation import MAX_DEPTH
from server.socket_line import SocketAllowance
from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.sockets import PROTOCOL, SECONDS, dialled, served, talking, until

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
MEMBERS = "{ members { nodes { id fullName ekycStatus } } }"
LISTEN = f"subscription {{ {LISTED} {{ cursor kind }} }}"
ORIGIN = "https://app.example"


async def test_variables_are_as_shallow_as_over_http(door: Door) -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        error = await talk.refused("{ viewer { role } }", variables={"deep": deep})
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_who_says_nothing_is_let_go(door: Door) -> None:
    async with (
        served(door, opening=timedelta(milliseconds=20)) as address,
        dialled(address) as talk,
    ):
        assert (await talk.closed())[0] == 4408


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
        served(door, glance=timedelta(hours=9)) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        door.clock.step(timedelta(hours=1) + LEEWAY)
        await talk.begin(MEMBERS)
        assert await talk.closed() == (4403, "UNAUTHENTICATED")
    assert await door.entries() == []


async def test_who_does_not_read_is_hung_up_on(door: Door) -> None:
    listeners = door.checkpoint.listeners
    async with served(door, sending=timedelta(milliseconds=100)) as address:
        with await dialled_by_hand(address) as lazy:
            opening = {"authorization": f"Bearer {door.issuer.member('m1')}"}
            await say(lazy, {"type": "connection_init", "payload": opening})
            await say(lazy, {"id": "0", "type": "subscribe", "payload": {"query": LISTEN}})
            await until(lambda: "m1" in listeners.waiting)
            with capture_logs() as logs:
                saying = asyncio.create_task(say_much(lazy))
                await until(lambda: not listeners.waiting and bool(logs))
                saying.cancel()  # nobody may have read the last of it
                await asyncio.wait({saying})
    assert [line["given_up"] for line in logs if line["event"] == "socket"] == [True]


async def dialled_by_hand(address: str) -> socket.socket:
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


async def say_much(lazy: socket.socket) -> None:
    """Ask for more than the kernel takes in."""
    long = f"{{ {'a' * (Limits().characters - 200)}: __typename }}"
    for number in range(200):
        asked = {"id": f"{number + 1}", "type": "subscribe", "payload": {"query": long}}
        await say(lazy, asked)


async def say(lazy: socket.socket, message: Any) -> None:
    with suppress(ConnectionError):  # it may have been hung up by now
        await asyncio.get_running_loop().sock_sendall(lazy, frame(message))


def frame(message: Any) -> bytes:
    """One of text, masked with zeros."""
    text = orjson.dumps(message)
    return bytes([0x81, 0x80 | 127]) + len(text).to_bytes(8, "big") + bytes(4) + text


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
        assert (await talk.closed())[0] == 1001
        await line.__aexit__(None, None, None)


def test_the_limits_are_those_of_the_page_for_clients() -> None:
    allowance = SocketAllowance()
    assert allowance.opening == allowance.sending == timedelta(seconds=10)
