"""A real streaming replica for the tests: held up, frozen, killed, promoted, watched."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Postgres, running


class Standby(Postgres):
    """A replica of another server."""

    def follow(self, primary: Postgres) -> None:
        """Come back when it shows all that the primary has written."""
        written = primary.run("SELECT pg_current_wal_flush_lsn()").strip()
        shown = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        while self.run(shown).strip() != "t":
            pass

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It serves on, and shows nothing of what is written meanwhile."""
        self.run("SELECT pg_wal_replay_pause()")
        while self.run("SELECT pg_get_wal_replay_pause_state()").strip() != "paused":
            pass
        try:
            yield
        finally:
            self.run("SELECT pg_wal_replay_resume()")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of it stands still, as when its machine does (Linux)."""
        pids = [self.pid, *children(self.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """It serves on, and the process that hears the primary stands still (Linux)."""
        (receiver,) = self.run("SELECT pid FROM pg_stat_wal_receiver").split()
        os.kill(int(receiver), signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(int(receiver), signal.SIGCONT)

    def promote(self) -> None:
        """Make it a primary of its own."""
        self._control("promote")


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


@dataclass(frozen=True, slots=True)
class Followed:
    """One database, on its primary and on a replica."""

    primary: Postgres
    standby: Standby
    name: str

    @property
    def url(self) -> str:
        return self.primary.url(self.name)

    @property
    def replica_url(self) -> str:
        return self.standby.url(self.name)

    def looks(self, server: Postgres) -> int:
        """How often accounts were looked at there, by connections that are closed by now."""
        looks = "sum(seq_scan + coalesce(idx_scan, 0))"
        ours = f"SELECT {looks} FROM pg_stat_user_tables WHERE relname = 'account'"  # noqa: S608
        return int(server.run(ours, self.name).strip() or 0)


@contextmanager
def following(primary: Postgres) -> Iterator[Standby]:
    """A fresh replica of this server, gone at the end."""
    with running(primary.programs, primary) as server:
        standby = Standby(server.socket, server.programs)
        standby.follow(primary)
        yield standby
