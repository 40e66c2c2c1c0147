"""Engines: how connections to SQLite and to PostgreSQL are made, so that both behave alike.

INVARIANT: no error of an engine holds a parameter or a stored value, so no log does.
"""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, ExceptionContext, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from models import postgresql, sqlite
from policy.errors import StartUpError

DRIVERS = {"sqlite+aiosqlite", "postgresql+asyncpg"}
STEP = 0.01
"""Seconds until a statement of SQLite that was given up is interrupted again."""
_QUOTED_PARAMETER = re.compile(r"(invalid input for query argument \$\d+).*", re.DOTALL)


def parse_url(url: str) -> URL:
    """Read a database URL. Raises StartUpError unless it names a supported engine and driver."""
    try:
        parsed = make_url(url)
    except ArgumentError as fault:
        raise StartUpError(
            "The database URL cannot be read. Write sqlite+aiosqlite:///sekisho.db "
            "or postgresql+asyncpg://user@host/name."
        ) from fault
    if parsed.drivername not in DRIVERS:
        raise StartUpError(
            f"There is no driver {parsed.drivername} here. "
            "Write sqlite+aiosqlite:///… or postgresql+asyncpg://…"
        )
    if parsed.drivername.startswith("sqlite") and not _names_a_file(parsed):
        raise StartUpError("SQLite needs a file: write sqlite+aiosqlite:///sekisho.db")
    return parsed


def _names_a_file(url: URL) -> bool:
    """Of SQLite: it can also be told to keep everything in memory, in more than one way."""
    database = url.database or ""
    return database not in {"", ":memory:"} and not database.startswith("file:") and not url.query


def sqlite_engine(url: URL, connections: int, *, read_only: bool) -> AsyncEngine:
    """An engine over one SQLite file in WAL mode.

    The driver begins no transaction of its own: a reader's BEGIN makes one snapshot of all its
    statements, a writer's BEGIN IMMEDIATE takes the one write lock before it reads. A connection
    whose file is no longer the one at its path is given up: what it wrote would be found nowhere.
    Once it was there it is not made anew: where it is gone, Unreachable is raised.
    """
    known = False
    """Whether there was one."""

    async def connect() -> aiosqlite.Connection:
        if known:
            sqlite.check_there(url)
        return await sqlite.connect(url, read_only=read_only)

    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        async_creator=connect,
    )

    def remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        nonlocal known
        known, record.info["file"] = True, sqlite.file_at(url)

    def still_there(_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if record.info["file"] != sqlite.file_at(url):
            raise DisconnectionError

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "connect", remember)
    event.listen(engine.sync_engine, "checkout", still_there)
    event.listen(engine.sync_engine, "begin", begin)
    event.listen(engine.sync_engine, "invalidate", _interrupt)
    return engine


def _interrupt(connection: Any, _record: ConnectionPoolEntry, _why: BaseException | None) -> None:
    """End what runs on a connection that was given up: it is closed behind that."""
    _end_statement(connection.driver_connection, asyncio.get_running_loop())


def _end_statement(driver: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Interrupt again and again until it is closed: the thread may not have begun yet."""
    if driver._connection is not None:  # noqa: SLF001 (its own `interrupt` can be awaited alone)
        with suppress(sqlite3.ProgrammingError):  # the thread has just closed it
            driver._connection.interrupt()  # noqa: SLF001
        loop.call_later(STEP, _end_statement, driver, loop)


def postgresql_engine(url: URL, connections: int) -> AsyncEngine:
    """An engine over PostgreSQL, or over a pooler before it.

    A connection that the server has closed is not given out again: after a restart of the server
    nobody meets one, and none has to be asked, since the driver heard of it when it happened.
    """
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        async_creator=partial(postgresql.connect, url),
    )

    def still_open(adapted: Any, _record: ConnectionPoolEntry, _proxy: Any) -> None:
        if adapted.driver_connection.is_closed():
            raise DisconnectionError

    event.listen(engine.sync_engine, "checkout", still_open)
    event.listen(engine.sync_engine, "handle_error", _forget_values)
    return engine


def _forget_values(context: ExceptionContext) -> None:
    forget_values(context.sqlalchemy_exception, context.original_exception)


def forget_values(*faults: BaseException | None) -> None:
    """Take out what the driver quotes of a failing row or of a parameter it could not send."""
    for fault in _chain(*faults):
        if getattr(fault, "detail", None):
            vars(fault)["detail"] = None
        if isinstance(fault, UnicodeError):  # which holds the text that cannot be sent
            fault.args = ()
        fault.args = tuple(_QUOTED_PARAMETER.sub(r"\1", str(part)) for part in fault.args)


def _chain(*faults: BaseException | None) -> Iterator[BaseException]:
    for fault in faults:
        link = fault
        while link is not None:
            yield link
            link = link.__cause__ or link.__context__
