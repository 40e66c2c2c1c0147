"""The databases that are measured: `sekisho seed` makes each once, and it is kept in a folder.

What is kept is known by a hash of what made it: another schema or population is made anew.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from server.settings import CHECKOUT
from tests.postgres import Postgres, running, sources

POSTGRESQL = {
    "shared_buffers": "2GB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    "listen_addresses": "",
}
"""How it is set up; all else, fsync among it, is as it comes."""
_MAKERS = (
    "migrations/members/*.py",
    "seeds/**/*.yaml",
    "server/population*.py",
    "server/happenings.py",
)


@dataclass(frozen=True)
class Data:
    """Members to ask about, on one engine."""

    engine: str
    members: int
    environment: Mapping[str, str]
    """What a server needs to know to answer from them."""
    postmaster: int | None = None
    """The process whose children work for the server, where there is one."""


@dataclass(frozen=True)
class Shelf:
    """Where databases of one engine are kept."""

    engine: str
    folder: Path
    scratch: Path
    server: Postgres | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def data(self, members: int) -> Data:
        """So many members, made now unless they are there, with a ledger of their own."""
        environment = self._environment(self._kept(members), self.ledger(members))
        return Data(self.engine, members, environment, self.server.pid if self.server else None)

    def ledger(self, members: int) -> str:
        """A new ledger beside them; its URL."""
        url = self._url(f"ledger-{os.getpid()}-{next(self._numbers)}")
        _run("migrate", environment=self._environment(self._kept(members), url))
        return url

    def _kept(self, members: int) -> str:
        name, making = f"members-{members}", f"making-{members}"
        if self.server is None:
            kept, made = self.folder / f"{name}.db", self.folder / f"{making}.db"
            if not kept.exists():
                made.unlink(missing_ok=True)
                self._fill(f"sqlite+aiosqlite:///{made}", members)
                made.rename(kept)
            return f"sqlite+aiosqlite:///{kept}"
        if name not in self.server.run("SELECT datname FROM pg_database").split():
            self.server.drop(making)
            self._fill(self.server.create(making), members)
            self.server.run("VACUUM", making)  # as would have come about in time
            self.server.run(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        return self.server.url(name)

    def _url(self, name: str) -> str:
        """A new, empty database."""
        if self.server is None:
            return f"sqlite+aiosqlite:///{self.scratch / name}.db"
        return self.server.create(name)

    def _fill(self, url: str, members: int) -> None:
        _run("seed", "--members", str(members), environment=self._environment(url, url))

    def _environment(self, database_url: str, ledger_url: str) -> dict[str, str]:
        return {
            "SEKISHO_MODE": "development",
            "SEKISHO_LOG_LEVEL": "warning",  # a line for each request is a cost of its own
            # One caller fills the server.
            "SEKISHO_COMPANY_RATE": "1000000",
            "SEKISHO_SUBJECT_RATE": "1000000",
            "SEKISHO_COMPANY_EFFORT": "1000000",
            "SEKISHO_SUBJECT_EFFORT": "1000000",
            "SEKISHO_COMPANY_OPERATIONS": "1000",
            "SEKISHO_SUBJECT_OPERATIONS": "1000",
            "SEKISHO_COMPANY_TURNS": "1000",
            "SEKISHO_TIME_LIMIT": "600",
            "SEKISHO_DATABASE_URL": database_url,
            "SEKISHO_LEDGER_URL": ledger_url,
            "SEKISHO_DEVELOPMENT_KEY_FILE": str(self.folder.parent / "development-key.json"),
        }


@contextmanager
def shelves(cache: Path, engine: str = "") -> Iterator[list[Shelf]]:
    """SQLite, and PostgreSQL where its programs are; ledgers are forgotten at the end.

    `engine` is how the names begin of those that are wanted.
    """
    kept = cache / _made_by()
    (kept / "sqlite").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="sekisho-bench-") as name, ExitStack() as stack:
        found = []
        if "SQLite".startswith(engine):
            found.append(Shelf("SQLite", kept / "sqlite", Path(name)))
        programs = next(iter(sources().values()), None)
        if programs is not None and "PostgreSQL".startswith(engine):
            found.append(stack.enter_context(_of_postgresql(programs, kept, Path(name))))
        yield found


@contextmanager
def _of_postgresql(programs: Path, kept: Path, scratch: Path) -> Iterator[Shelf]:
    version = _version(programs)
    options = " ".join(f"-c {name}='{value}'" for name, value in POSTGRESQL.items())
    folder = kept / f"postgresql-{version.partition('.')[0]}"
    with running(programs, options=options, kept=folder) as server:
        yield Shelf(f"PostgreSQL {version}", folder, scratch, server)
        for database in server.run("SELECT datname FROM pg_database").split():
            if database.startswith("ledger-"):
                server.drop(database)


def _run(*command: str, environment: Mapping[str, str]) -> None:
    """Run a command of the product."""
    line = [str(Path(sys.executable).with_name("sekisho")), *command]
    subprocess.run(line, check=True, env=os.environ | dict(environment))


def _made_by() -> str:
    """Which schema, population and catalogue."""
    said = hashlib.sha256()
    for pattern in _MAKERS:
        for file in sorted(CHECKOUT.glob(pattern)):
            said.update(file.read_bytes())
    return said.hexdigest()[:12]


def _version(programs: Path) -> str:
    asked = [str(programs / "postgres"), "--version"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True)
    return str(said.stdout).split()[2]
