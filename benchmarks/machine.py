"""What the machine tells of its own work: processor time, and how often data was forced to disk."""

import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
OF_PARENT, OF_TIMES = 1, slice(11, 13)
"""Where /proc/<pid>/stat has them, behind the name of the command."""


@dataclass
class Syncs:
    """How many calls of fsync and fdatasync there were; None where nobody could count."""

    number: int | None = None


def cpu_seconds(parent: int | None) -> float:
    """Processor seconds so far of this process, and of the children of another one (Linux)."""
    own = time.process_time()
    return own if parent is None else own + sum(_of_children(parent))


def _of_children(parent: int) -> Iterator[float]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = file.read_text().rpartition(")")[2].split()
        except OSError:  # it ended in between
            continue
        if int(said[OF_PARENT]) == parent:
            yield sum(map(int, said[OF_TIMES])) * TICK


@contextmanager
def counting() -> Iterator[Syncs]:
    """Count what this process forces to disk, where strace is installed and may look on."""
    found, syncs = shutil.which("strace"), Syncs()
    if found is None:
        yield syncs
        return
    how = ["-f", "-e", "trace=fsync,fdatasync", "-p", str(os.getpid())]
    with subprocess.Popen([found, *how], stderr=subprocess.PIPE, text=True) as strace:  # noqa: S603
        said: Iterable[str] = strace.stderr or ()
        attached = "attached" in next(iter(said), "")
        try:
            yield syncs
        finally:
            strace.send_signal(signal.SIGINT)
        calls = [line for line in said if "sync(" in line]
    syncs.number = len(calls) if attached else None


def versions() -> str:
    """The machine and what runs on it."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return (
        f"{os.cpu_count()} × {model}, {platform.system()} {platform.release()}, "
        f"Python {python}, SQLite {sqlite}"
    )
