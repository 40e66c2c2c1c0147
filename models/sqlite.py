"""The driver's connections to an SQLite file, each set up as it is opened."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from os import stat

import aiosqlite
from sqlalchemy import URL

from models.outage import Unreachable
from models.postgresql import BUSY_SECONDS

_MAPPED_BYTES = 256 * 1024 * 1024
_ROWS_AT_ONCE = 64


def opened(url: URL, *, read_only: bool) -> sqlite3.Connection:
    """Open the file; the driver begins no transaction of its own. Raises sqlite3.Error."""
    driver = sqlite3.connect(
        url.database or "",
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=512,
        check_same_thread=False,
    )
    try:
        for pragma in pragmas(read_only=read_only):
            driver.execute(f"PRAGMA {pragma}")
    except BaseException:
        driver.close()
        raise
    return driver


async def connect(url: URL, *, read_only: bool) -> aiosqlite.Connection:
    """Open it off the loop. INVARIANT: what is given up meanwhile does not stay open."""
    threads = ThreadPoolExecutor(1, "sekisho-open")
    opening = threads.submit(opened, url, read_only=read_only)
    threads.shutdown(wait=False)
    try:
        driver = await asyncio.wrap_future(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        raise
    connection = aiosqlite.Connection(lambda: driver, _ROWS_AT_ONCE)
    connection._thread.daemon = True  # noqa: SLF001 (as SQLAlchemy does: no exit waits for it)
    connection._connection = driver  # noqa: SLF001 (so that there is nothing to wait for)
    return await connection


def _close(opening: Future[sqlite3.Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def pragmas(*, read_only: bool) -> Sequence[str]:
    """Give what is set on every connection."""
    return (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",  # what is erased is overwritten, not only unlinked
        f"mmap_size={_MAPPED_BYTES}",
        f"query_only={'ON' if read_only else 'OFF'}",
    )


def file_at(url: URL) -> tuple[int, int] | None:
    """Which file lies where the URL says, whatever its name was; None for none.

    Raises Unreachable where that cannot be seen.
    """
    try:
        found = stat(url.database or "")  # noqa: PTH116 (models open no files)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise Unreachable from fault
    return found.st_dev, found.st_ino


def check_there(url: URL) -> None:
    """Raise Unreachable unless a file lies where the URL says: SQLite would make an empty one."""
    if file_at(url) is None:
        raise Unreachable
