"""Somebody who asks a server small questions, at an even pace, while others do as they like.

A process of its own, `python -m tests.bystander`: reads what to ask from its standard input and
writes how long each answer took, counted from when it was due, both as JSON.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

import uvloop

EVERY = 0.02
"""Seconds between two questions."""
LINES = 10
"""Connections; each question takes one that is free."""


@dataclass(frozen=True)
class Asked:
    """One question, again and again."""

    port: int
    headers: dict[str, str]
    query: str
    seconds: float


@dataclass(frozen=True)
class Seen:
    """How long answers took, in milliseconds, and how many there were of each status."""

    p50: float
    p99: float
    worst: float
    statuses: dict[str, int]


async def ask(asked: Asked) -> Seen:
    """Ask until the time is over, then wait for what is under way."""
    body = json.dumps({"query": asked.query}).encode()
    head = {"host": "x", "content-type": "application/json", "content-length": f"{len(body)}"}
    lines = [f"{name}: {value}" for name, value in (head | asked.headers).items()]
    request = "\r\n".join(["POST /graphql HTTP/1.1", *lines, "", ""]).encode() + body
    free: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(LINES):
        free.put_nowait(None)
    taken, statuses = list[float](), dict[str, int]()

    async def one(due: float) -> None:
        line = await free.get()
        try:
            reader, writer = line or await asyncio.open_connection("127.0.0.1", asked.port)
            writer.write(request)
            told = await reader.readuntil(b"\r\n\r\n")
            length = told.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            line, status = (reader, writer), told[9:12].decode()
        except (OSError, asyncio.IncompleteReadError):
            line, status = None, "none"
        free.put_nowait(line)
        taken.append((monotonic() - due) * 1000)
        statuses[status] = statuses.get(status, 0) + 1

    began = monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(asked.seconds / EVERY)):
            due = began + number * EVERY
            await asyncio.sleep(max(0.0, due - monotonic()))
            group.create_task(one(due))
    taken.sort()
    return Seen(taken[len(taken) // 2], taken[len(taken) * 99 // 100], taken[-1], statuses)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(ask(Asked(**json.load(sys.stdin)))))))  # noqa: T201 (its answer)
