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
OF_PARENT, OF_TIMES, OF_ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)
"""Where /proc/<pid>/stat has them, behind the name of the command."""


@dataclass
class Syncs:
    """How many calls of fsync and fdatasync there were; None where nobody could count."""

    number: int | None = None


def cpu_seconds(parent: int | None) -> float:
    """Processor seconds so far of this process, and of the children of another one (Linux)."""
    own = time.process_time()
    return own if parent is None else own + children_seconds(parent)


def seconds_of(pid: int) -> float:
    """Processor seconds so far of all threads of a process (Linux)."""
    return _seconds(_said_of(Path(f"/proc/{pid}")))


def children_seconds(parent: int) -> float:
    """Processor seconds so far of the children of a process, ended ones too (Linux)."""
    total = _seconds(_said_of(Path(f"/proc/{parent}")), OF_ENDED_CHILDREN)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = _said_of(folder)
        except OSError:  # it ended in between
            continue
        if int(said[OF_PARENT]) == parent:
            total += _seconds(said)
    return total


def resident_mebibytes(pid: int) -> float:
    """The memory that a process holds (Linux), without the pages of databases that it maps."""
    kibibytes, counts = 0, True
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, _, said = line.partition(" ")
        if not name.endswith(":"):  # a mapping, and what is mapped
            counts = not said.endswith(".db")
        elif name == "Rss:" and counts:
            kibibytes += int(said.split()[0])
    return kibibytes / 1024


def _said_of(folder: Path) -> list[str]:
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _seconds(said: list[str], times: slice = OF_TIMES) -> float:
    return sum(map(int, said[times])) * TICK


@contextmanager
def counting() -> Iterator[Syncs]:
    """Count what this process forces to disk, where strace is installed and may look on."""
    found, syncs = shutil.which("strace"), Syncs()
    if found is None:
        yield syncs
        return
    how = ["-f", "-e", "trace=fsync,fdatasync", "-p", str(os.getpid())]
    with subprocess.Popen([found, *how], stderr=subprocess.PIPE, text=True) as strace:
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
