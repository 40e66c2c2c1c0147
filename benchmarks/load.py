"""A client that fills a server: keep-alive connections, each asking as soon as it is answered.

A process of its own, `python -m benchmarks.load`: reads what to ask on stdin and writes what it saw
on stdout, both JSON. It knows as much of HTTP as these servers answer with.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import perf_counter
from typing import cast

import msgspec
import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "


class Load(msgspec.Struct):
    """What to ask, again and again, until so many requests are answered."""

    port: int
    path: str
    headers: dict[str, str]
    bodies: list[str]
    requests: int
    connections: int = 1
    seconds: float = 3600
    """After so long no more are asked."""


class Seen(msgspec.Struct):
    """How long answers took, in milliseconds, and how many were none."""

    requests: int
    errors: int
    seconds: float
    p50: float
    p99: float


@dataclass
class Work:
    """What all connections share: the requests to come, the answers that came."""

    requests: Iterator[bytes]
    until: float
    taken: list[float] = field(default_factory=list)
    errors: int = 0

    def next(self) -> bytes | None:
        return next(self.requests, None) if perf_counter() < self.until else None


class Connection(asyncio.Protocol):
    """Asks, waits for the whole answer, asks again."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        request = self.work.next()
        if request is None:
            self.transport.close()
            return
        self.begun = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(HEAD_END)
        if head < 0:
            return
        at = self.received.find(LENGTH, 0, head) + len(LENGTH)
        length = int(self.received[at : self.received.find(b"\r", at)])
        if len(self.received) < head + len(HEAD_END) + length:
            return
        self.work.taken.append(perf_counter() - self.begun)
        if not self.received.startswith(b"HTTP/1.1 200 ") or b'"errors":' in self.received:
            self.work.errors += 1
        self.received.clear()
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.work.errors += 1
        self.closed.set_result(None)


async def fill(load: Load) -> Seen:
    """Ask it all, over so many connections."""
    requests = islice(cycle([_request(load, body.encode()) for body in load.bodies]), load.requests)
    loop, begun = asyncio.get_running_loop(), perf_counter()
    work = Work(requests, begun + load.seconds)
    made = [
        await loop.create_connection(lambda: Connection(work), "127.0.0.1", load.port)
        for _ in range(load.connections)
    ]
    await asyncio.gather(*(connection.closed for _, connection in made))
    taken = sorted(each * 1000 for each in work.taken) or [0.0]
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return Seen(len(work.taken), work.errors, perf_counter() - begun, p50, p99)


def _request(load: Load, body: bytes) -> bytes:
    headers = {"host": "127.0.0.1", **load.headers, "content-type": "application/json"}
    headers["content-length"] = str(len(body))
    lines = [f"POST {load.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    seen = uvloop.run(fill(asked))
    sys.stdout.buffer.write(msgspec.json.encode(seen))
