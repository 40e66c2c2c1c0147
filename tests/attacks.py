"""What somebody might do so that others have to wait: each on and on, until it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import orjson
from graphql import get_introspection_query

from tests.workers import Host, system

AT_ONCE = 2
"""Connections of somebody who asks for too much."""
ALWAYS_NEW = 8
"""Of somebody whose documents are never the same."""
COUNTING = 8
"""Of each company that counts."""
PAUSE = 0.005
"""Seconds after each answer: attackers have processors of their own, and leave us ours."""
SLOW = 200
"""Connections of clients that take their time."""
MEGABYTE = 1024 * 1024
BOMB = "query { ...f0 } " + " ".join(
    f"fragment f{each} on Query {{ ...f{each + 1} ...f{each + 1} }}" for each in range(24)
)
BOMB += " fragment f24 on Query { __typename }"
TOKENS = "{" + " a" * 300_000 + "}"
COUNTED = "{ members { totalCount } }"
LONG = "{ members(first: 1) { nodes {" + " id" * 1_480 + " } } }"
LISTS = " ".join(f"a{each}: orders(first: 1) {{ totalCount }}" for each in range(95))
WIDE = f"{{ members(first: 1) {{ nodes {{ {LISTS} }} }} }}"
OTHERS = (("ichiba", "order_fulfil"), ("bank", "own:bank:service"))
"""Who counts, and for what: companies to which many members are open."""


@dataclass(frozen=True)
class Attacker:
    """Somebody with a token, who may ask like everybody else."""

    host: Host
    company: str = OTHERS[0][0]
    purpose: str = OTHERS[0][1]

    @property
    def port(self) -> int:
        return int(self.host.address.rpartition(":")[2])

    def head(self, length: int) -> bytes:
        token = self.host.token(system(self.company), self.purpose)
        lines = (
            "POST /graphql HTTP/1.1",
            "host: x",
            f"authorization: Bearer {token}",
            f"sekisho-purpose: {self.purpose}",
            "content-type: application/json",
            f"content-length: {length}",
        )
        return "\r\n".join([*lines, "", ""]).encode()

    async def repeat(self, make: Callable[[int], bytes]) -> None:
        """Send one after the other, each of its own, whatever it is answered with."""
        numbers = count()
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                async with self.line() as (reader, writer):
                    while True:
                        body = make(next(numbers))
                        writer.write(self.head(len(body)) + body)
                        told = (await reader.readuntil(b"\r\n\r\n")).lower()
                        length = told.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                        await reader.readexactly(int(length))
                        await asyncio.sleep(PAUSE)
            await asyncio.sleep(PAUSE)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def trickle(self, began: bytes) -> None:
        """Begin a request, and send a byte of the rest now and then."""
        while True:
            with suppress(OSError):
                async with self.line() as (reader, writer):
                    writer.write(began)
                    while not reader.at_eof():
                        await asyncio.sleep(1)
                        writer.write(b"x")
                        await writer.drain()

    async def pour(self) -> None:
        """Send thirty megabytes, as long as anybody takes them."""
        while True:
            with suppress(OSError):
                async with self.line() as (_, writer):
                    writer.write(self.head(30 * MEGABYTE))
                    for _ in range(30):
                        writer.write(b" " * MEGABYTE)
                        await writer.drain()

    async def ignore(self) -> None:
        """Ask for long answers, and read none."""
        while True:
            with suppress(OSError, TimeoutError):
                async with self.line() as (reader, writer), asyncio.timeout(15):
                    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it can
                    while not reader.at_eof():
                        writer.write(b"GET /schema.graphql HTTP/1.1\r\nhost: x\r\n\r\n" * 50)
                        await writer.drain()
                        await asyncio.sleep(0.05)


def _asking(query: str, number: int = 0) -> bytes:
    return orjson.dumps({"query": f"{query} # {number}"})


def _several(act: Callable[[Attacker], Awaitable[None]], number: int) -> "Attack":
    async def attack(host: Host) -> None:
        await asyncio.gather(*(act(Attacker(host)) for _ in range(number)))

    return attack


def _new(query: str) -> "Attack":
    return _several(lambda one: one.repeat(partial(_asking, query)), ALWAYS_NEW)


async def _count(host: Host) -> None:
    """Count everybody, for several companies at once."""
    ask = partial(_asking, COUNTED)
    counting = (Attacker(host, *other).repeat(ask) for other in OTHERS for _ in range(COUNTING))
    await asyncio.gather(*counting)


Attack = Callable[[Host], Coroutine[Any, Any, None]]
NESTED = b'{"query": "{ viewer { role } }", "variables": {"a": ' + b"[" * 400_000
ATTACKS: Mapping[str, Attack] = {
    "always new documents": _new(LONG),
    "always new statements": _new(WIDE),
    "always new introspection": _new(get_introspection_query()),
    "fragments that double": _several(lambda one: one.repeat(partial(_asking, BOMB)), AT_ONCE),
    "300,000 tokens": _several(lambda one: one.repeat(partial(_asking, TOKENS)), AT_ONCE),
    "nested lists": _several(lambda one: one.repeat(lambda _: NESTED), AT_ONCE),
    "30 MB bodies": _several(Attacker.pour, AT_ONCE),
    "slow heads": _several(lambda one: one.trickle(one.head(9)[:40]), SLOW),
    "slow bodies": _several(lambda one: one.trickle(one.head(MEGABYTE)), SLOW),
    "clients that do not read": _several(Attacker.ignore, 20),
    "counts of everybody": _count,
}
