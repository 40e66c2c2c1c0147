"""An issuer changes its keys while several servers are asked without a pause: nobody is refused."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson
import pytest

from server.identity import REMEMBERED
from server.keys import COOLDOWN, EARLY, MAX_AGE
from tests.clock import Clock
from tests.door import Door, copy_of, opened, refused
from tests.issuer import Issuer, ed25519, p256
from tests.say import Say
from tests.sockets import served

pytestmark = pytest.mark.anyio

SERVERS, CLIENTS, ANSWERS = 3, 6, 30
QUERY = {"query": "{ members(first: 2) { nodes { fullName } } }"}
PURPOSE = "own:card:service"


@dataclass
class Published:
    """The issuer's address: whose keys it tells now, and how often it was asked."""

    issuers: list[Issuer]
    asked: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        keys = [key for issuer in self.issuers for key in issuer.published]
        status = b"200 OK" if keys else b"503 Service Unavailable"
        body = orjson.dumps({"keys": keys})
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()


@dataclass
class Clients:
    """They ask without a pause, with a new token each time, and count what they are answered."""

    addresses: Iterable[str]
    issuer: Issuer
    statuses: Counter[int] = field(default_factory=Counter)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answered(self) -> None:
        """Wait for many more answers, all of them to what is asked from now on but for a few."""
        wanted = self.statuses.total() + ANSWERS
        async with self.news:
            await self.news.wait_for(lambda: self.statuses.total() >= wanted)

    async def ask(self, address: str) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while True:
                token = self.issuer.token(jti=str(self.statuses.total()))
                said = {"Authorization": f"Bearer {token}", "Sekisho-Purpose": PURPOSE}
                answer = await client.post(f"http://{address}/graphql", json=QUERY, headers=said)
                self.statuses[answer.status_code] += 1
                async with self.news:
                    self.news.notify_all()


@asynccontextmanager
async def publishing(issuer: Issuer) -> AsyncIterator[tuple[str, Published]]:
    published = Published([issuer])
    async with await asyncio.start_server(published.answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/jwks.json", published


@asynccontextmanager
async def asking(clients: Clients) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(clients.ask(address))
            for address in clients.addresses
            for _ in range(CLIENTS // SERVERS)
        ]
        yield
        for each in tasks:
            each.cancel()


@pytest.fixture
async def doors(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> AsyncIterator[tuple[list[Door], Published]]:
    """Servers that ask the same issuer for its keys."""
    async with publishing(Issuer(clock)) as (url, published), AsyncExitStack() as stack:
        doors = []
        for number in range(SERVERS):
            folder = tmp_path / str(number)
            folder.mkdir()
            given = {"jwks_file": None, "jwks_url": url}
            door = opened(copy_of(seed_file, folder), clock, folder, **given)
            doors.append(await stack.enter_async_context(door))
        yield doors, published


async def test_keys_come_and_go_while_servers_are_asked_and_none_refuses(
    doors: tuple[list[Door], Published], clock: Clock, say: Say
) -> None:
    servers, published = doors
    (old,), new = published.issuers, Issuer(clock, p256("next"))
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(served(door)) for door in servers]
        clients = Clients(addresses, old)
        async with asking(clients):
            await clients.answered()
            published.issuers = [old, new]
            clock.step(COOLDOWN)
            clients.issuer = new  # it is met before anybody has read it
            await clients.answered()
            published.issuers = [new]
            clock.step(EARLY)
            await clients.answered()
            published.issuers = []  # the issuer is down
            for _ in range(2):
                clock.step(MAX_AGE)
                await clients.answered()
    assert clients.statuses.keys() == {200}
    for door in servers:
        refused(await door.send(QUERY["query"], token=old.token(), purpose=PURPOSE), 401,
                "UNAUTHENTICATED", "publish")  # fmt: skip
    say(f"{clients.statuses.total()} requests on {SERVERS} servers, {published.asked} readings")


async def test_a_key_that_is_gone_opens_nothing_after_eleven_minutes(
    doors: tuple[list[Door], Published], clock: Clock
) -> None:
    """Whether or not anybody asked in between, and though its token was verified before."""
    (door, busy, _), published = doors
    (old,) = published.issuers
    token = old.token()
    for each in (door, busy):
        await each.ask("{ viewer { role } }", token=token)
    published.issuers = [Issuer(clock, ed25519("next"))]
    for _ in range(11):
        clock.step((MAX_AGE + REMEMBERED) / 11)
        await busy.send("{ viewer { role } }", token=token)
    for each in (door, busy):
        response = await each.send("{ viewer { role } }", token=token)
        refused(response, 401, "UNAUTHENTICATED", "publish")


async def test_a_flood_of_keys_that_nobody_published_does_not_reach_the_issuer(
    doors: tuple[list[Door], Published], clock: Clock
) -> None:
    (door, *_), published = doors
    before, genuine = published.asked, published.issuers[0]
    for _ in range(3):
        clock.step(COOLDOWN)
        flood = (Issuer(clock, ed25519(f"made up {number}")) for number in range(100))
        sent = (door.send("{ viewer { role } }", token=each.token()) for each in flood)
        for response in await asyncio.gather(*sent):
            refused(response, 401, "UNAUTHENTICATED", "publish")
        await door.ask("{ viewer { role } }", token=genuine.token())
    assert published.asked == before + 3
