"""Servers to measure, each a process of its own: the product, and what it is held against."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.data import Data
from benchmarks.load import Load, Seen
from benchmarks.machine import children_seconds, resident_mebibytes, seconds_of
from policy.naming import purposes_naming
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE
from server.clock import now
from server.moments import span
from server.purposes import HEADER
from server.settings import PREFIX, Settings, read_settings
from server.tokens import development_token, service_of

LISTENS = re.compile(r"listens on http://127\.0\.0\.1:(\d+)")
_PYTHON = sys.executable
PRODUCT = (str(Path(_PYTHON).with_name("sekisho")), "serve", "--workers", "1", "--port", "0")
UNRECORDED = (_PYTHON, "-m", "benchmarks.other_ledger")
BARE = (_PYTHON, "-m", "benchmarks.bare")
"""What runs: the product as it is served, the product without its ledger, the bare endpoint."""


def unfolded(ledger_url: str) -> Sequence[str]:
    """The product with a ledger that nobody folds."""
    return (*UNRECORDED, ledger_url)


@dataclass(frozen=True)
class Cost:
    """What one request took: milliseconds of processor time, and what the client saw."""

    server: float
    database: float
    seen: Seen

    @property
    def cpu(self) -> float:
        return self.server + self.database


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    data: Data
    process: subprocess.Popen[bytes]
    port: int

    def ask(self, load: Load) -> Seen:
        """Let a client ask it. Raises RuntimeError if an answer was none."""
        command = [_PYTHON, "-m", "benchmarks.load"]
        said = subprocess.run(command, input=msgspec.json.encode(load), check=True, stdout=-1)
        seen = msgspec.json.decode(said.stdout, type=Seen)
        if seen.errors:
            raise RuntimeError(f"{seen.errors} of {seen.requests} requests to {load.path} failed")
        return seen

    def cost(self, load: Load) -> Cost:
        """What each of these requests takes."""
        before = self._spent()
        seen = self.ask(load)
        server, database = (
            (then - earlier) / seen.requests * 1000
            for then, earlier in zip(self._spent(), before, strict=True)
        )
        return Cost(server, database, seen)

    @property
    def memory(self) -> float:
        """MiB that it holds."""
        return resident_mebibytes(self.process.pid)

    def _spent(self) -> tuple[float, float]:
        postmaster = self.data.postmaster
        database = 0.0 if postmaster is None else children_seconds(postmaster)
        return seconds_of(self.process.pid), database


@contextmanager
def serving(kind: Sequence[str], data: Data) -> Iterator[Server]:
    """A server of this kind, from its start to its end."""
    with (
        TemporaryDirectory(prefix="sekisho-bench-") as folder,
        Path(folder, "log").open("wb") as log,
    ):
        process = subprocess.Popen(
            kind,
            stdout=log,
            stderr=log,
            env=os.environ | data.environment | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            yield Server(data, process, _port(process, Path(log.name)))
        finally:
            process.terminate()
            process.wait()


def headers(data: Data, company: str, purpose: str) -> dict[str, str]:
    """Those of a request by this company, for half a day."""
    settings = settings_of(data)
    purposes = purposes_naming(load_catalogue(CATALOGUE), company, None, now())
    token = development_token(settings, service_of(company), purposes, span("12h"))
    return {"authorization": f"Bearer {token}", HEADER: purpose}


def settings_of(data: Data) -> Settings:
    """As a server of this data reads them."""
    given = {name.removeprefix(PREFIX).lower(): each for name, each in data.environment.items()}
    return read_settings(**given)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Where it listens, as soon as it says so."""
    while True:
        said = log.read_text()
        if found := LISTENS.search(said):
            return int(found[1])
        if process.poll() is not None:
            raise RuntimeError(f"a server did not start:\n{said}")
        time.sleep(0.05)
