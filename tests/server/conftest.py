"""The application over the demo world, for every test behind the front door."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
import structlog

from server import logs
from server.settings import LogLevel, Settings
from tests import door as doors
from tests.clock import Clock
from tests.crowd import join
from tests.door import AT_ONCE, Door, copy_of, ledger_beside, opened
from tests.engines import ENGINES
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def seed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world in an SQLite file that nobody changes."""
    file = tmp_path_factory.mktemp("seeded") / "world.db"
    anyio.run(doors.seeded, f"sqlite+aiosqlite:///{file}", Clock())
    return file


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of its own, in development mode."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEKISHO_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEKISHO_MODE", "development")
    monkeypatch.setenv("SEKISHO_DEVELOPMENT_KEY_FILE", str(tmp_path / "key.json"))


@pytest.fixture
def seeded(seed_file: Path, tmp_path: Path) -> Path:
    """The demo world where the default settings look for it."""
    (tmp_path / "sekisho.db").write_bytes(seed_file.read_bytes())
    (tmp_path / "sekisho-ledger.db").write_bytes(ledger_beside(seed_file).read_bytes())
    return tmp_path / "sekisho.db"


@pytest.fixture(scope="session")
def seed_database(postgres: Postgres) -> str:
    """The demo world in a PostgreSQL database that nobody changes: a template for others."""
    anyio.run(doors.seeded, postgres.create("seeded"), Clock())
    return "seeded"


@pytest.fixture(params=ENGINES)
def world_url(
    request: pytest.FixtureRequest, names: Iterator[str], tmp_path: Path
) -> Iterator[str]:
    """The demo world in a database of its own, once on each engine."""
    if request.param == "sqlite":
        yield copy_of(request.getfixturevalue("seed_file"), tmp_path)
        return
    server, name = request.getfixturevalue("postgres"), next(names)
    yield server.create(name, template=request.getfixturevalue("seed_database"))
    server.drop(name)


@pytest.fixture
async def either(world_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """The application over the demo world, once on each engine."""
    async with opened(world_url, clock, tmp_path) as door:
        yield door


@pytest.fixture
async def door(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(copy_of(seed_file, tmp_path), clock, tmp_path) as door:
        yield door


@pytest.fixture(scope="module", params=ENGINES)
def crowd_url(
    request: pytest.FixtureRequest,
    names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The demo world in a database for one module of tests, once on each engine."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("crowd")
        yield copy_of(request.getfixturevalue("seed_file"), folder)
        return
    server, name = request.getfixturevalue("postgres"), next(names)
    yield server.create(name, template=request.getfixturevalue("seed_database"))
    server.drop(name)


@pytest.fixture(scope="module")
async def crowd(crowd_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """The application over the demo world and a crowd (tests/crowd.py), for tests that only read.

    A module that asks for it says that its `anyio_backend` is the module's too.
    """
    async with opened(crowd_url, Clock(), tmp_path_factory.mktemp("crowd"), **AT_ONCE) as door:
        await join(door)
        yield door


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged while the test runs."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with closing(io.StringIO()) as out:
        logs.configure(LogLevel.DEBUG, out)
        yield out
    root.handlers[:], root.level = before
    structlog.reset_defaults()
