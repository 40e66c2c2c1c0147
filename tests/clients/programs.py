"""Programs run beside the test: a server of its own, its commands, and the tools of Node."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = HERE / "node_modules"
SEKISHO = str(Path(sys.executable).with_name("sekisho"))
SECONDS = 300
"""How long a program may take; the longest fetches what Node needs."""


AT_ONCE = {
    "SEKISHO_MAX_CHARACTERS": "500000",
    "SEKISHO_MAX_TOKENS": "20000",
    "SEKISHO_MAX_COST": "10000000",
    "SEKISHO_SUBJECT_EFFORT": "3600",
    "SEKISHO_COMPANY_EFFORT": "3600",
}
"""Operations that programs make ask for every field, several lists deep, and none twice."""


class Failed(Exception):
    """A claim that does not hold, with what was said instead."""


class Server(NamedTuple):
    """A live server, with the file of its key, which tokens are made with."""

    address: str
    token: str
    key: Path


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server on a free port, with a throw-away database; ended whatever happens."""
    key = folder / "key.json"
    given = _with(SEKISHO_DEVELOPMENT_KEY_FILE=str(key), **AT_ONCE)
    with _started([*given, SEKISHO, "serve", "--ephemeral"], folder, key) as server:
        yield server


@contextmanager
def populated(folder: Path, members: int) -> Iterator[Server]:
    """The same, over so many synthetic members beside the demo world."""
    given = _kept(folder)
    run(*given, SEKISHO, "seed", "--members", str(members), folder=ROOT)
    with _started([*given, SEKISHO, "serve"], folder, folder / "key.json") as server:
        yield server


@contextmanager
def trusting(folder: Path, files: Sequence[str], *scope: str) -> Iterator[Server]:
    """A server over the demo world whose systems ask the documents of these files alone."""
    given = [*_kept(folder), "SEKISHO_TRUSTED_DOCUMENTS=required"]
    run(*given, SEKISHO, "seed", folder=ROOT)
    for task in ("add", "check"):
        run(*given, SEKISHO, "documents", task, *scope, *files, folder=HERE)
    with _started([*given, SEKISHO, "serve"], folder, folder / "key.json") as server:
        yield server


def _kept(folder: Path) -> list[str]:
    """What a server is started with whose database lies in this folder."""
    return _with(
        SEKISHO_MODE="development",
        SEKISHO_DEVELOPMENT_KEY_FILE=str(folder / "key.json"),
        SEKISHO_DATABASE_URL=f"sqlite+aiosqlite:///{folder / 'sekisho.db'}",
        SEKISHO_LEDGER_URL=f"sqlite+aiosqlite:///{folder / 'ledger.db'}",
    )


@contextmanager
def _started(command: Sequence[str], folder: Path, key: Path) -> Iterator[Server]:
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    limit = Timer(SECONDS, process.kill)
    try:
        limit.start()
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        limit.cancel()
        if not lines[-1]:
            raise Failed("The server did not start:\n" + (folder / "log").read_text())
        yield Server(lines[0].split()[-1], lines[-1].strip(), key)
    finally:
        limit.cancel()
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def sekisho(server: Server, *arguments: str) -> str:
    given = _with(SEKISHO_DEVELOPMENT_KEY_FILE=str(server.key), SEKISHO_MODE="development")
    return run(*given, SEKISHO, *arguments).strip().splitlines()[-1]


def tool(name: str, *arguments: str) -> str:
    return run(str(TOOLS / ".bin" / name), *arguments)


def node(script: str, *arguments: str, given: bytes = b"") -> str:
    return run("node", script, *arguments, given=given)


def run(
    *command: str, server: Server | None = None, folder: Path = HERE, given: bytes = b""
) -> str:
    """What a program says on its standard output. Raises Failed unless it ends well, in time."""
    known = _with(SERVER_URL=server.address, TOKEN=server.token) if server else []
    process = subprocess.Popen(
        [*known, *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(given, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} took longer than {SECONDS} s.") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
    require(process.returncode == 0, f"{out.decode()}{err.decode()}")
    return out.decode()


def _with(**variables: str) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in variables.items())]


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim)
    if not holds:
        raise Failed(otherwise)
