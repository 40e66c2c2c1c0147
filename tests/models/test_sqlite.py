"""A connection to an SQLite file is handed over, or it is closed."""

import asyncio
import sqlite3
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest
from sqlalchemy import URL, make_url

from models import sqlite

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("late", [False, True])
async def test_what_is_given_up_while_it_opens_is_closed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    own, made, threads = sqlite.opened, list[sqlite3.Connection](), list[Thread]()
    begun, go_on, there = Event(), Event(), Event()

    def slowly(url: URL, *, read_only: bool) -> sqlite3.Connection:
        threads.append(current_thread())
        begun.set()
        go_on.wait()
        made.append(own(url, read_only=read_only))
        there.set()
        return made[0]

    monkeypatch.setattr(sqlite, "opened", slowly)
    opening = asyncio.create_task(sqlite.connect(make_url(sqlite_url), read_only=True))
    await asyncio.to_thread(begun.wait)
    if late:  # the thread has it, and our loop has not heard of it
        go_on.set()
        there.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    go_on.set()
    threads[0].join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        made[0].execute("SELECT 1")


def test_what_cannot_be_set_up_is_closed(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database\n" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database") as refused:
        sqlite.opened(make_url(f"sqlite:///{tmp_path / 'notes.txt'}"), read_only=True)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        refused.traceback[-1].frame.f_locals["driver"].execute("SELECT 1")
