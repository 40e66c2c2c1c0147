"""`sekisho serve` as it runs: several processes behind one address, over a database of many."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from threading import Timer

from policy.requester import Requester, Role
from policy.vocabulary import FOREVER
from resolvers.seal import Seal
from server.checkpoint import seal_of
from server.settings import Mode, Settings
from server.tokens import development_token
from tests.door import ANY_NUMBER

ROOT = Path(__file__).resolve().parents[1]
SEKISHO = str(Path(sys.executable).with_name("sekisho"))
WORKERS = 2
STARTS_WITHIN = 120
ENDS_WITHIN = 20
LINES = 6
"""What the server says once it listens; the address is in the first one."""

LIFE = '"$@" & child=$!; exec >&-; read -r _; kill -TERM $child; wait $child'
"""A shell that ends the server when our end of its pipe closes, however."""

OF_ACCEPTED = 2
"""Where a line of the kernel's table of connections has the other end, after number and own end."""


@dataclass(frozen=True)
class Host:
    """A running server, and what makes tokens and ids for it."""

    address: str
    group: int
    """The process group of the server and its workers."""
    settings: Settings
    stop: Callable[[], int]
    """Ask it to stop, and wait until it has: the status with which it ends."""
    tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    @cached_property
    def seal(self) -> Seal:
        return seal_of(self.settings)

    def token(self, requester: Requester, *purposes: str) -> str:
        """A token for an hour, the same one each time."""
        known = (f"{requester.role} {requester.subject}", purposes)
        if known not in self.tokens:
            self.tokens[known] = development_token(self.settings, requester, purposes)
        return self.tokens[known]

    def id_of(self, requester: Requester, member: str) -> str:
        return self.seal.node_id(requester.audience, "Member", member)

    def worker(self, port: int) -> int | None:
        """The process that holds the connection from this port of ours, where known (Linux)."""
        table = Path("/proc/net/tcp")
        if not table.exists():
            return None
        own = f":{int(self.address.rpartition(':')[2]):04X}"
        rows = (line.split() for line in table.read_text().splitlines()[1:])
        ends = f":{port:04X}"
        inodes = [r[9] for r in rows if r[1].endswith(own) and r[OF_ACCEPTED].endswith(ends)]
        held = {f"socket:[{inode}]" for inode in inodes}
        return next((pid for pid in self._processes() if held & set(_open_files(pid))), None)

    def workers(self) -> list[int]:
        """The workers that live now (Linux)."""
        told = {pid: Path(f"/proc/{pid}/cmdline") for pid in self._processes()}
        return [pid for pid, file in told.items() if b"spawn_main" in _read(file)]

    async def reload(self) -> None:
        """Have every worker replaced by a new one, and wait until that is done (Linux)."""
        before = {*self.workers()}
        told = {pid: _read(Path(f"/proc/{pid}/cmdline")).split(b"\0") for pid in self._processes()}
        (supervisor,) = (pid for pid, said in told.items() if SEKISHO.encode() == said[1])
        os.kill(supervisor, signal.SIGHUP)
        while before & {*self.workers()}:  # noqa: ASYNC110 (they do not tell)
            await asyncio.sleep(0.1)

    def waited(self, worker: int | None) -> float:
        """Seconds that this worker and we were kept from a processor by others, so far (Linux)."""
        if worker is None:
            return 0.0
        delays = (
            Path(f"/proc/{each}/schedstat").read_text().split()[1] for each in (worker, "self")
        )
        return sum(map(int, delays)) / 1e9

    def _processes(self) -> Iterator[int]:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(ProcessLookupError, PermissionError):
                if os.getpgid(int(folder.name)) == self.group:
                    yield int(folder.name)


def _open_files(pid: int) -> Iterator[str]:
    for each in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):  # closed in between
            yield str(each.readlink())


def member(key: str) -> Requester:
    """A member, signed in with the group's ID."""
    return Requester(Role.MEMBER, key, None, None, (), FOREVER, acr="RAKUTEN_ID")


def system(company: str) -> Requester:
    return Requester(Role.SERVICE, f"{company}-service", company, None, (), FOREVER)


def office() -> Requester:
    """A privacy officer of the group's office."""
    return Requester(Role.OFFICER, "group-officer", "*", None, (), FOREVER)


@contextmanager
def hosting(
    database_url: str, folder: Path, workers: int = WORKERS, **settings: str
) -> Iterator[Host]:
    """A server of several workers over a filled database; gone at the end, whatever happens."""
    log, environment = folder / "log", _environment(database_url, folder, **settings)
    subprocess.run([SEKISHO, "migrate"], check=True, cwd=folder, env=environment)  # noqa: S603 (our own)
    with log.open("w") as errors:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            ["/bin/sh", "-c", LIFE, "sekisho", *_serve(workers)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    limit = Timer(STARTS_WITHIN, os.killpg, (process.pid, signal.SIGKILL))
    with process:
        try:
            limit.start()
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(LINES)]
            limit.cancel()
            assert said[-1], f"The server did not start:\n{log.read_text()}"
            yield Host(
                said[0].split("//")[-1].strip(),
                process.pid,
                _settings(folder),
                partial(_end, process),
            )
        finally:
            limit.cancel()
            _end(process)


def _serve(workers: int) -> list[str]:
    return [SEKISHO, "serve", "--port", "0", "--workers", str(workers)]


def _read(file: Path) -> bytes:
    """Nothing where the process has ended."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _end(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):  # nobody of them is left
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _environment(database_url: str, folder: Path, **settings: str) -> dict[str, str]:
    """All that the command knows of its surroundings."""
    given = {
        "mode": Mode.DEVELOPMENT,
        "database_url": database_url,
        "ledger_url": f"sqlite+aiosqlite:///{folder / 'ledger.db'}",
        "development_key_file": str(_key(folder)),
        "log_level": "warning",
        **{name: str(number) for name, number in ANY_NUMBER.items()},
        **settings,
    }
    ours = {f"SEKISHO_{name.upper()}": value for name, value in given.items()}
    return {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **ours}


def _settings(folder: Path) -> Settings:
    """What this process needs of the server's settings: its keys."""
    return Settings(mode=Mode.DEVELOPMENT, development_key_file=_key(folder))


def _key(folder: Path) -> Path:
    return folder / "key.json"
