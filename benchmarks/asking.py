"""The application asked without a network: many connections, and whichever ledger it is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from benchmarks.queries import BELOW, CHILDREN, COMPANY, FIELDS, PURPOSE, SELECTED
from models.database import Database
from models.ledger import Entry, Ledger
from policy.naming import purposes_naming
from server.checkpoint import Checkpoint, open_checkpoint
from server.clock import new_id, now
from server.graphql_endpoint import GraphQLEndpoint
from server.migrating import make_new
from server.seeding import populate, seed
from server.settings import Mode, Settings
from server.tokens import development_token, service_of

CONNECTIONS = 16
_FIELDS = " ".join(FIELDS[:SELECTED])
PAGE = f"""query ($after: String) {{ members(first: 100, after: $after) {{
  nodes {{ id {_FIELDS} }} pageInfo {{ endCursor hasNextPage }}
}} }}"""
MEMBER = f"""query ($id: ID!) {{ member(id: $id) {{
  {_FIELDS} orders(first: {BELOW}) {{ nodes {{ {" ".join(CHILDREN)} }} }}
}} }}"""

Request = bytes
Call = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Unwritten(Ledger):
    """Keeps entries in memory: what a ledger costs is what is missing here.

    The product has no way to get one; a benchmark gives it by argument, in its own process.
    """

    kept: list[Entry] = field(default_factory=list)

    async def append(self, entry: Entry, under_way: int = 0) -> None:
        self.kept.append(entry)


@dataclass(slots=True)
class Counted(Ledger):
    """A ledger that counts its commits."""

    batches: int = 0

    async def write(self, batch: Sequence[Any]) -> None:
        self.batches += 1
        await Ledger.write(self, batch)


@dataclass(frozen=True, slots=True)
class Door:
    """Answers requests of one company."""

    endpoint: GraphQLEndpoint
    headers: Sequence[tuple[bytes, bytes]]

    @classmethod
    def to(cls, here: Checkpoint, settings: Settings, ledger: Ledger) -> "Door":
        """The application, with this ledger in place of its own."""
        purposes = purposes_naming(here.catalogue, COMPANY, None, now())
        token = development_token(settings, service_of(COMPANY), purposes)
        headers = {"authorization": f"Bearer {token}", "sekisho-purpose": PURPOSE}
        headers["content-type"] = "application/json"
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        return cls(GraphQLEndpoint(replace(here, ledger=ledger)), sent)

    async def ask(self, request: Request) -> dict[str, Any]:
        """Give the answer's JSON."""
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "query_string": b"",
            "headers": self.headers,
            "state": {},
        }
        answer: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request, "more_body": False}

        async def send(message: Any) -> None:
            answer.append(message.get("body", b""))

        await self.endpoint(scope, receive, send)
        said: dict[str, Any] = orjson.loads(b"".join(answer))
        if "errors" in said:
            raise RuntimeError(said["errors"][0]["message"])
        return said


def request(query: str, **variables: object) -> Request:
    """The body of a request."""
    return orjson.dumps({"query": query, "variables": variables})


@asynccontextmanager
async def checkpoint(folder: Path, members: int) -> AsyncIterator[tuple[Checkpoint, Settings]]:
    """Everything open over a new SQLite database with so many synthetic members."""
    url = f"sqlite+aiosqlite:///{folder / 'members.db'}"
    key = folder / "key.json"
    settings = Settings(
        mode=Mode.DEVELOPMENT,
        database_url=url,
        development_key_file=key,
        company_rate=1e6,
        subject_rate=1e6,
        company_effort=1e6,
        subject_effort=1e6,
    )
    await make_new(settings)
    async with Database.open(url) as database:
        await seed(database, now, lambda _members: None)
        await populate(database, now, members, 1, lambda _members: None)
    async with open_checkpoint(settings, now, new_id) as here:
        yield here, settings


async def pages(door: Door) -> AsyncIterator[tuple[Request, dict[str, Any]]]:
    """Each page of all members, with its request."""
    after = None
    while True:
        asked = request(PAGE, after=after)
        answer = await door.ask(asked)
        yield asked, answer
        info = answer["data"]["members"]["pageInfo"]
        if not info["hasNextPage"]:
            return
        after = info["endCursor"]


async def over_connections(calls: Sequence[Call], number: int = CONNECTIONS) -> None:
    """Make all calls, each connection one after the other."""

    async def connection(own: Sequence[Call]) -> None:
        for call in own:
            await call()

    await asyncio.gather(*(connection(calls[n::number]) for n in range(number)))
