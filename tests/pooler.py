"""A real PgBouncer before the tests' PostgreSQL, in its transaction mode, with few connections."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.postgresql import SETTINGS
from tests.postgres import Postgres

PORT = 6432
CONNECTIONS = 2
"""To the server, for each database: always fewer than there are clients."""
UNKNOWN = ", ".join(SETTINGS.keys() - {"timezone"})
"""The settings of ours that PgBouncer does not take from a client that connects."""

CONFIGURATION = """
[databases]
* = host={socket} user=postgres
[pgbouncer]
unix_socket_dir = {socket}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
server_login_retry = 1
ignore_startup_parameters = {ignored}
log_connections = 0
log_disconnections = 0
log_stats = 0
"""
LIFE = '"$0" "$1" & child=$!; read -r _; kill -TERM $child; wait $child'
"""A shell that ends the program when our end of its pipe closes, however."""


@dataclass(frozen=True, slots=True)
class Pooler:
    """A running PgBouncer."""

    server: Postgres

    def url(self, database: str) -> str:
        return f"{self.server.url(database)}&port={PORT}"


def program() -> str | None:
    """PgBouncer's program, which Debian keeps out of most users' path."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def pooling(server: Postgres, pgbouncer: str, ignored: str = "") -> Iterator[Pooler]:
    """One before this server, gone at the end; it ignores these settings, and refuses others."""
    file = _written(server, ignored)
    process = subprocess.Popen(  # noqa: S603 (what the tests wrote)
        ["/bin/sh", "-c", LIFE, pgbouncer, str(file)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **server.ownership,
    )
    with process:
        assert process.stdin is not None
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "process up" in line:
                break
        else:
            raise RuntimeError("PgBouncer did not start:\n" + "".join(said))
        try:
            yield Pooler(server)
        finally:
            process.stdin.close()
            process.stderr.read()


def _written(server: Postgres, ignored: str) -> Path:
    file = server.socket / "pgbouncer.ini"
    told = {"socket": server.socket, "port": PORT, "connections": CONNECTIONS, "ignored": ignored}
    file.write_text(CONFIGURATION.format(**told))
    return file
