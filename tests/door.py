"""The whole application behind its front door, in process: real tokens, database and ledger."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette

from models.database import Database
from models.engines import parse_url
from models.ledger import Entry, ledger_url
from server.app import create_app
from server.checkpoint import Checkpoint
from server.seeding import seed
from server.settings import Mode, Settings, Trust
from tests.clock import Clock
from tests.issuer import ISSUER, Issuer
from tests.made import make_tables, new_ledger

ID_KEY = "ab" * 32
ANY_NUMBER = dict.fromkeys(
    (
        *("company_rate", "subject_rate", "company_effort", "subject_effort"),
        *("company_operations", "subject_operations"),
    ),
    1_000_000,
)
"""What is asked here is asked as fast as it can be."""
AT_ONCE = {
    "max_tokens": 20_000,
    "max_root_fields": 100,
    "max_cost": 10_000_000,
    "time_limit": 300,
}
"""For tests that ask for much in one operation, to have fewer requests: slow machines, too."""
HOLDER = "見本 花子"
"""What no refusal may tell: the name of m1."""


@dataclass
class Door:
    """Asks as whoever it is told to; ids and clock stand still, so answers are comparable."""

    app: Starlette
    client: httpx.AsyncClient
    issuer: Issuer
    clock: Clock

    @property
    def checkpoint(self) -> Checkpoint:
        checkpoint: Checkpoint = self.app.state.checkpoint
        return checkpoint

    async def send(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        purpose: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """POST one operation; by default as a system of `card`."""
        sent: dict[str, Any] = {
            "Authorization": f"Bearer {self.issuer.token() if token is None else token}"
        }
        if purpose is not None:
            sent["Sekisho-Purpose"] = purpose
        body = {"query": query, "variables": variables}
        return await self.client.post(
            "/graphql", json=body, headers=list((sent | dict(headers or {})).items())
        )

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, **sent: Any
    ) -> dict[str, Any]:
        """The answer's JSON, which must be an answer and no refusal."""
        response = await self.send(query, variables, **sent)
        answer: dict[str, Any] = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        return answer

    async def entries(self) -> list[Entry]:
        """What the ledger holds."""
        return [entry async for entry in self.checkpoint.ledger.entries()]


@dataclass
class Ids:
    """Numbers in place of random ids."""

    numbers: Any = field(default_factory=lambda: count(1))

    def __call__(self) -> str:
        return f"decision-{next(self.numbers)}"


@asynccontextmanager
async def opened(
    database_url: str, clock: Clock, folder: Path, **given: Any
) -> AsyncIterator[Door]:
    """The application over a seeded database, trusting an issuer whose keys lie in the folder."""
    issuer = Issuer(clock)
    jwks = folder / "jwks.json"
    jwks.write_bytes(orjson.dumps({"keys": issuer.published}))
    own: dict[str, Any] = {
        "mode": Mode.PRODUCTION,
        "database_url": database_url,
        "issuer": ISSUER,
        "jwks_file": jwks,
        "id_keys": ID_KEY,
        "trusted_documents": Trust.OPTIONAL,
        **ANY_NUMBER,
        "development_key_file": folder / "no-development-key.json",
    }
    settings = Settings(**own | given)
    ledger = settings.ledger_url or ledger_url(database_url)
    if not _lies_there(ledger):
        await (await new_ledger(ledger)).close()
    app = create_app(settings, clock, Ids())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sekisho.example") as client,
    ):
        yield Door(app, client, issuer, clock)


def _lies_there(url: str) -> bool:
    """Whether it is a file that somebody made already, with its tables."""
    parsed = parse_url(url)
    return parsed.get_backend_name() == "sqlite" and Path(parsed.database or "").is_file()


async def seeded(url: str, clock: Clock) -> str:
    """The same database, filled with the demo world, and an empty ledger beside it."""
    async with Database.open(url) as database:
        await make_tables(database)
        await seed(database, clock, lambda _members: None)
    await (await new_ledger(ledger_url(url))).close()
    return url


def copy_of(seed_file: Path, folder: Path) -> str:
    """A copy of a seeded SQLite file, as a database of its own with a ledger."""
    shutil.copy(seed_file, folder / "copy.db")
    shutil.copy(ledger_beside(seed_file), folder / "copy-ledger.db")
    return f"sqlite+aiosqlite:///{folder / 'copy.db'}"


def ledger_beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}-ledger.db")


def refused(response: httpx.Response, status: int, code: str, *told: str) -> Mapping[str, Any]:
    """Check a refusal: errors and nothing else, each with its code and a correlation id."""
    answer: Mapping[str, Any] = response.json()
    assert response.status_code == status, answer
    assert answer.keys() == {"errors"}
    for error in answer["errors"]:
        assert error["extensions"]["code"] == code
        assert error["extensions"]["correlationId"].startswith("decision-")
        assert error["message"].endswith((".", "`."))
        assert not [word for word in told if word not in error["message"]], error["message"]
        assert "Did you mean" not in error["message"]
    assert HOLDER not in response.text
    return answer


def code_of(answer: Mapping[str, Any]) -> str:
    assert answer.keys() == {"errors"}
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])
