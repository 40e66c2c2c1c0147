"""Clients that keep the server waiting: those that send slowly, and those that do not read."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import orjson
import pytest

from resolvers.limits import Limits
from server.patience import Patience
from tests.door import Door
from tests.server.test_socket_limits import LISTEN, dialled_by_hand, frame, say
from tests.sockets import SECONDS, dialled, served, talking, until

pytestmark = pytest.mark.anyio

SOON = 0.5
PATIENCE = Patience(arrival=SOON, unread=SOON, linger=SOON)
HEAD = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
VIEWER = orjson.dumps({"query": "{ viewer { role } }"})
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def line(door: Door, patience: Patience = PATIENCE) -> AsyncIterator[Streams]:
    """A connection over which nothing was said yet."""
    async with served(door, patience) as address:
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        yield reader, writer
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that still comes, to the end."""
    async with asyncio.timeout(SECONDS):
        return await reader.read()


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, Any]:
    """One whole response: its head and what its body says."""
    async with asyncio.timeout(SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return head, orjson.loads(await reader.readexactly(int(length)))


def asking(door: Door, body: bytes = VIEWER, length: int | None = None) -> bytes:
    """A request, of which the head may promise more than there is."""
    promised = len(body) if length is None else length
    bearer = f"authorization: Bearer {door.issuer.token()}\r\ncontent-length: {promised}\r\n\r\n"
    return (HEAD + bearer).encode() + body


@pytest.mark.parametrize("part", ["POST /gra", HEAD, HEAD + "content-length: 9\r\n\r\n{"])
async def test_a_request_that_does_not_arrive_is_refused(door: Door, part: str) -> None:
    async with line(door) as (reader, writer):
        bearer = f"authorization: Bearer {door.issuer.token()}\r\n"
        writer.write(part.replace("content-length", bearer + "content-length").encode())
        head, told = await answer(reader)
        assert head.startswith(b"http/1.1 408 ")
        assert b"connection: close" in head
        (error,) = told["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["correlationId"]
        assert await rest(reader) == b""


@pytest.mark.parametrize("said", [b"", b"\r\n"])
async def test_who_asks_nothing_is_hung_up_on(door: Door, said: bytes) -> None:
    async with line(door) as (reader, writer):
        writer.write(said)
        assert await rest(reader) == b""


async def test_who_goes_on_sending_what_was_refused_is_hung_up_on(door: Door) -> None:
    async with line(door) as (reader, writer):
        writer.write((HEAD + "content-length: 1000000\r\n\r\n").encode())
        head, _ = await answer(reader)
        assert head.startswith(b"http/1.1 401 ")
        writer.write(b" ")
        with suppress(ConnectionResetError):
            assert await rest(reader) == b""


async def test_a_connection_in_use_lasts_longer_than_a_request_may(door: Door) -> None:
    async with line(door) as (reader, writer):
        for _ in range(3):
            request = asking(door)
            writer.write(request[:-1])
            await asyncio.wait({asyncio.create_task(writer.drain())}, timeout=SOON / 2)
            writer.write(request[-1:])
            head, told = await answer(reader)
            assert (head[:13], told["data"]) == (b"http/1.1 200 ", {"viewer": {"role": "SERVICE"}})


async def test_a_socket_lasts_longer_than_a_request_may(door: Door) -> None:
    async with (
        served(door, PATIENCE) as address,
        talking(address, door.issuer.token()) as talk,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * SOON):
                await talk.hear()
        assert (await talk.ask("{ viewer { role } }"))["data"]


async def test_bytes_that_are_no_http_are_refused_like_everything_else(door: Door) -> None:
    async with line(door) as (reader, writer):
        writer.write(b"\x16\x03\x01\r\n\r\n")
        head, told = await answer(reader)
        assert head.startswith(b"http/1.1 400 ")
        assert told["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert await rest(reader) == b""


async def test_above_so_many_connections_the_next_one_is_told_to_come_later(door: Door) -> None:
    async with served(door, Patience(connections=1)) as address, dialled(address):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head, told = await answer(reader)
        assert head.startswith(b"http/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in head
        assert told["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert await rest(reader) == b""
        writer.close()


async def test_what_is_not_read_is_thrown_away_with_its_connection(door: Door) -> None:
    schema = b"GET /schema.graphql HTTP/1.1\r\nhost: x\r\n\r\n"
    async with served(door, PATIENCE) as address:
        with _lazy(address) as lazy:
            for _ in range(200):  # more than both kernels' buffers take
                await asyncio.get_running_loop().sock_sendall(lazy, schema)
            assert await _thrown_away(lazy)


async def test_what_is_read_slowly_is_sent_to_its_end(door: Door) -> None:
    async with served(door, PATIENCE) as address:
        with _lazy(address) as slow:
            loop, length = asyncio.get_running_loop(), 0
            schema = b"GET /schema.graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
            await loop.sock_sendall(slow, schema)
            while part := await loop.sock_recv(slow, 64 * 1024):
                length += len(part)
                await asyncio.sleep(0)
            assert length > 100_000


async def test_a_socket_that_is_not_read_is_thrown_away_as_well(door: Door) -> None:
    listeners = door.checkpoint.listeners
    async with served(door, PATIENCE) as address:
        with await dialled_by_hand(address) as lazy:
            opening = {"authorization": f"Bearer {door.issuer.member('m1')}"}
            await say(lazy, {"type": "connection_init", "payload": opening})
            await say(lazy, {"id": "0", "type": "subscribe", "payload": {"query": LISTEN}})
            await until(lambda: "m1" in listeners.waiting)
            with pytest.raises(ConnectionError):
                await _ask_for_much(lazy)
            await until(lambda: not listeners.waiting)


def _lazy(address: str) -> socket.socket:
    host, port = address.split(":")
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect((host, int(port)))
    lazy.setblocking(False)
    return lazy


async def _ask_for_much(lazy: socket.socket) -> None:
    """More than both kernels take, until nobody is there any more."""
    long = f"{{ {'a' * (Limits().characters - 200)}: __typename }}"
    for number in count(1):
        asked = {"id": f"{number}", "type": "subscribe", "payload": {"query": long}}
        await asyncio.get_running_loop().sock_sendall(lazy, frame(asked))


async def _thrown_away(lazy: socket.socket) -> bool:
    """Whether the connection ends without a goodbye, once what the kernel has is read."""
    await asyncio.sleep(3 * SOON)  # in which nothing is read
    try:
        async with asyncio.timeout(SECONDS):
            while await asyncio.get_running_loop().sock_recv(lazy, 1024 * 1024):
                pass
    except ConnectionResetError:
        return True
    return False
