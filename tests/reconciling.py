"""Operations asked of a running server, and what its ledger holds of each beside what it has to."""

import asyncio
import json
import socket
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import httpx
from graphql import GraphQLSchema

from models.disclosure import Item, Opened, Origin
from models.ledger import Entry
from tests.due import Due, Told
from tests.fronts import Fronts, Request
from tests.lives import Life
from tests.received import ABOUT, MEMBERS, MORE, NOBODY, Reader, with_ids, without_ids
from tests.sights import Eyes

RESET = struct.pack("ii", 1, 0)
"""Of a socket that is closed: at once, and the other end hears of it."""


@dataclass(frozen=True)
class Heard:
    """One request and its whole answer."""

    request: Request
    token: str
    answer: httpx.Response

    @property
    def data(self) -> Mapping[str, Any] | None:
        """None: it was refused."""
        data: Mapping[str, Any] | None = self.answer.json().get("data")
        return data if "errors" not in self.answer.json() else None

    @property
    def decision(self) -> str | None:
        """Under which something personal was told."""
        privacy = self.answer.json().get("extensions", {}).get("privacy")
        return str(privacy["decisionId"]) if privacy else None


@dataclass(frozen=True, kw_only=True)
class Line(Fronts):
    """One application, asked over a real line, as two fronts are asked."""

    client: httpx.AsyncClient
    heard: list[Heard] = field(default_factory=list)

    async def same(self, request: Request, token: str) -> httpx.Response:
        answer = await self.send(request, token)
        self.heard.append(Heard(request, token, answer))
        return answer

    async def send(self, request: Request, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **request.headers}
        body = {"query": request.query, "variables": request.variables}
        if request.method == "POST":
            return await self.client.post("/graphql", json=body, headers=headers)
        params = {"query": request.query, "variables": json.dumps(request.variables)}
        return await self.client.get("/graphql", params=params, headers=headers)

    async def told_of_whom(self, heard: Heard) -> Mapping[str, Any] | None:
        """The data of the same request with ids beside; None where that is asked too much."""
        query = with_ids(self.core, heard.request.query, heard.request.variables)
        answer = (await self.send(replace(heard.request, query=query), heard.token)).json()
        if "errors" in answer:
            return None
        assert without_ids(answer["data"]) == heard.data
        data: Mapping[str, Any] = answer["data"]
        return data


Items = Mapping[str, Mapping[Item, frozenset[Opened]]]


@dataclass(frozen=True)
class Sum:
    """What was told of members, and what was not: due, or recorded."""

    items: Items
    withheld: Mapping[str, Mapping[str, int]]
    counts: frozenset[Told]
    cells: int

    def __len__(self) -> int:
        """How many items, each of each member."""
        return sum(map(len, self.items.values()))


def recorded(entry: Entry) -> Sum:
    """What the ledger holds."""
    parts = entry.disclosures
    members = [each for part in parts for each in part.members.items()]
    counts = (count for part in parts for count in part.counts)
    return Sum(
        _joined((member, told.items) for member, told in members),
        _added((member, told.withheld) for member, told in members),
        frozenset((each.entry, frozenset(each.fields), each.number) for each in counts),
        sum(sum(part.disclosed.values()) for part in parts),
    )


def told(dues: Sequence[Due], found: Sum) -> Sum:
    """What the ledger has to hold. Where any of some numbers will do, it is what it does hold."""
    either = (
        (m, {item: _chosen(found, m, item, numbers)})
        for root in dues
        for (m, item), numbers in root.either.items()
    )
    return Sum(
        _joined(chain(either, *(root.members.items() for root in dues))),
        _added(each for root in dues for each in root.reasons.items()),
        frozenset(each for root in dues for each in root.counts),
        sum(root.cells for root in dues),
    )


def _chosen(found: Sum, member: str, item: Item, numbers: Mapping[Origin, set[int]]) -> set[Opened]:
    """Of each origin, what is on record if it is one of these numbers."""
    has = found.items.get(member, {}).get(item, frozenset())
    due = {each for each in has if each.origin and each.provision in numbers.get(each.origin, ())}
    missing = numbers.keys() - {each.origin for each in due}
    return due | {Opened(min(numbers[origin]), origin) for origin in missing}


def _joined(told: Iterable[tuple[str, Mapping[Item, Iterable[Opened]]]]) -> Items:
    items: dict[str, dict[Item, frozenset[Opened]]] = {}
    for member, its in told:
        mine = items.setdefault(member, {})
        for item, opened in its.items():
            if both := mine.get(item, frozenset()).union(opened):
                mine[item] = both
    return items


def _added(told: Iterable[tuple[str, Mapping[str, int]]]) -> Mapping[str, Mapping[str, int]]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for member, reasons in told:
        sums[member].update(reasons)
    return {member: each for member, each in sums.items() if each}


def differences(due: Sum, found: Sum) -> Iterator[str]:
    """Whatever was told and is not on record, or is on record and was not told."""
    for member in due.items.keys() | found.items.keys():
        mine, theirs = due.items.get(member, {}), found.items.get(member, {})
        for item in mine.keys() | theirs.keys():
            if mine.get(item) != theirs.get(item):
                yield f"{member} {item}: told {mine.get(item)}, on record {theirs.get(item)}"
    for what in ("withheld", "counts", "cells"):
        if (one := getattr(due, what)) != (other := getattr(found, what)):
            yield f"{what}: told {one}, on record {other}"


def due(schema: GraphQLSchema, heard: Heard, data: Mapping[str, Any], like: Due) -> Sequence[Due]:
    """What each root showed, by the answer that has ids. `like`: for whom, and in which world."""
    reader = Reader(schema, heard.request.query, heard.request.variables)
    found: dict[str, Due] = {}
    for key, node in reader.roots(data):
        name = node.name.value
        if name not in NOBODY:
            assert name in MEMBERS | ABOUT.keys()
            mine = Due(like.eyes, like.audience, like.lives, like.seal)
            reader.root(node, data[key], found.setdefault(key, mine), data.get(f"{MORE}{key}"))
    return list(found.values())


def is_known(schema: GraphQLSchema, heard: Heard) -> bool:
    """Whether all that it asks for is of the kinds that are read here."""
    roots = Reader(schema, heard.request.query, heard.request.variables).roots(heard.data or {})
    return all(node.name.value in MEMBERS | ABOUT.keys() | NOBODY for _, node in roots)


def like(line: Line, eyes: Eyes, lives: Mapping[str, Life]) -> Due:
    return Due(eyes, eyes.caller.requester.audience, lives, line.a.checkpoint.seal)


async def cut_short(address: str, heard: Heard, reference: str, at: int) -> bytes:
    """Ask again, take so many bytes of the body, and be gone; what was received of the body."""
    host, _, port = address.rpartition(":")
    body = json.dumps({"query": heard.request.query, "variables": heard.request.variables}).encode()
    headers = {
        **heard.request.headers,
        "Host": address,
        "Authorization": f"Bearer {heard.token}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Sekisho-Reference": reference,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    loop, received = asyncio.get_running_loop(), b""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.setblocking(False)
        await loop.sock_connect(line, (host, int(port)))
        await loop.sock_sendall(line, f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body)
        while at and len(received.partition(b"\r\n\r\n")[2]) < at:
            part = await loop.sock_recv(line, max(1, min(at, 2048)))
            assert part
            received += part
    return received.partition(b"\r\n\r\n")[2]
