"""One application in front of two databases: whatever it answers, it answers twice."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from graphql import GraphQLSchema
from sqlalchemy.util import LRUCache

from models.catalogue_store import StoredCatalogue, store
from models.database import Database
from models.ledger import Entry
from models.ledger_fold import Folder
from policy.grant import Grants
from policy.numbers import numbers_of
from server.app import create_app
from server.checkpoint import Checkpoint
from server.graphql_endpoint import GraphQLEndpoint
from server.settings import Settings
from server.versions import Versions
from tests.clock import Clock
from tests.door import AT_ONCE, Door, Ids, opened
from tests.lives import settle
from tests.made import make_tables, new_ledger
from tests.real import CATALOGUE
from tests.two_worlds import Pair

COMPILED = 300
"""Statements kept in the form that is sent."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, but for its token."""

    query: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True)
class Fronts:
    """Two doors that differ in the database behind them alone."""

    a: Door
    b: Door
    tokens: dict[object, str] = field(default_factory=dict)

    @property
    def core(self) -> GraphQLSchema:
        """The schema that both serve."""
        return self.a.checkpoint.schema.core

    def token(self, claims: Mapping[str, Any]) -> str:
        """A token, the same one for the same claims while the clock stands still."""
        key = (str(sorted(claims.items())), self.a.clock())
        if key not in self.tokens:
            self.tokens[key] = self.a.issuer.token(**claims)
        return self.tokens[key]

    async def settle(self, pair: Pair) -> None:
        """Fill both databases."""
        for door, lives in ((self.a, pair.a), (self.b, pair.b)):
            async with door.checkpoint.database.write() as connection:
                await settle(connection, list(lives.values()), pair.now)

    @property
    def engine(self) -> str:
        return self.a.checkpoint.database.dialect

    async def both(self, request: Request, token: str) -> tuple[httpx.Response, httpx.Response]:
        """Ask both; give either answer. When their ledgers are folded is no difference, either."""
        for door in (self.a, self.b):
            await door.checkpoint.folder.fold()
        return await sent(self.a, request, token), await sent(self.b, request, token)

    async def same(self, request: Request, token: str) -> httpx.Response:
        """Ask both; give the answer, which is the same to the byte, status and headers too."""
        first, second = await self.both(request, token)
        told = [(r.status_code, sorted(r.headers.items()), r.content) for r in (first, second)]
        assert told[0] == told[1], report(request, first, second)
        return first

    async def entries(self) -> tuple[list[Entry], list[Entry]]:
        """What either ledger holds."""
        return await self.a.entries(), await self.b.entries()


async def sent(door: Door, request: Request, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", **request.headers}
    body = {"query": request.query, "variables": request.variables}
    if request.method == "POST":
        return await door.client.post("/graphql", json=body, headers=headers)
    params = {"query": request.query, "variables": json.dumps(request.variables)}
    return await door.client.get("/graphql", params=params, headers=headers)


def report(request: Request, first: httpx.Response, second: httpx.Response) -> str:
    """A leak, ready to be repeated."""
    said = (f"{r.status_code} {r.headers.get('content-length')}\n{r.text}" for r in (first, second))
    variables = json.dumps(request.variables, ensure_ascii=False)
    return "\n".join([f"{request.headers}", request.query, variables, *said])


@asynccontextmanager
async def two_fronts(url_a: str, url_b: str, clock: Clock, folder: Path) -> AsyncIterator[Fronts]:
    """The application in front of both databases, which are made here."""
    for url in (url_a, url_b):
        await _make(url, clock)
    ledgers = [f"sqlite+aiosqlite:///{folder / name}" for name in ("ledger-a.db", "ledger-b.db")]
    async with (
        opened(url_a, clock, folder, ledger_url=ledgers[0], **AT_ONCE) as first,
        Database.open(url_b) as database,
    ):
        # Grants of their own, so that the limit of leads holds for what is made here alone.
        versions = Versions(first.checkpoint.catalogue)
        versions.held = replace(versions.held, grants=Grants(CATALOGUE))
        here = replace(first.checkpoint, versions=versions)
        first_database, second_database = _compiling_once(here.database, database)
        here = replace(here, database=first_database)
        ledger = await new_ledger(ledgers[1])
        folded = Folder(ledger, here.folder.catalogue_of)
        there = replace(here, database=second_database, ledger=ledger, folder=folded, ids=Ids())
        try:
            async with _door(first, here) as a, _door(first, there) as b:
                yield Fronts(a, b)
        finally:
            await ledger.close()


@asynccontextmanager
async def one_front(url: str, clock: Clock, folder: Path) -> AsyncIterator[Door]:
    """The application in front of one database, which is made here."""
    await _make(url, clock)
    ledger = f"sqlite+aiosqlite:///{folder / 'l.db'}"
    async with opened(url, clock, folder, ledger_url=ledger, **AT_ONCE) as d:
        yield d


@asynccontextmanager
async def _door(like: Door, checkpoint: Checkpoint) -> AsyncIterator[Door]:
    """A door to the application as it would be after a start that gave this checkpoint."""
    app = create_app(Settings(), like.clock, checkpoint.ids)
    app.state.checkpoint, app.state.graphql = checkpoint, GraphQLEndpoint(checkpoint)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sekisho.example") as client:
        yield Door(app, client, like.issuer, like.clock)


def _compiling_once(first: Database, second: Database) -> tuple[Database, Database]:
    """Two databases of one dialect, whose readers share what is compiled for it."""
    second.readers.sync_engine.dialect = first.readers.sync_engine.dialect
    cache: LRUCache[Any, Any] = LRUCache(COMPILED)
    made = [
        replace(each, readers=each.readers.execution_options(compiled_cache=cache))
        for each in (first, second)
    ]
    return made[0], made[1]


async def _make(url: str, clock: Clock) -> None:
    stored = StoredCatalogue(CATALOGUE.version, {}, numbers_of(CATALOGUE))
    async with Database.open(url) as database:
        await make_tables(database)
        async with database.write() as connection:
            await store(connection, stored, clock())
