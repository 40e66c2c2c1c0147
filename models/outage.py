"""Outages: what goes wrong because a database cannot be reached, told from what is our fault."""

import sqlite3
from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, PendingRollbackError

_STATES = ("08", "57P", "53300", "55P03")
"""How PostgreSQL's codes begin where a connection failed, the server stops, starts or recovers, has
no connection left, or a lock was waited for in vain."""
_RESULTS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""SQLite's: another has the lock all the time, the disk fails, the file cannot be opened."""
_PRIMARY = 0xFF
"""What of a code of SQLite's does not tell details."""
_CLOSED = "is closed"
"""As asyncpg says it of a connection. It has no code for that."""
_INVALIDATED = "8s2b"
"""As SQLAlchemy calls it, if a connection is asked on that was lost to another statement."""


class Unreachable(ConnectionError):
    """There is no database where its URL says."""


def is_outage(fault: BaseException) -> bool:
    """Whether the same may well be answered later, with nothing mended but the database."""
    return any(map(_is_outage, _causes(fault)))


def _is_outage(fault: BaseException) -> bool:
    match fault:
        case Unreachable():
            return True
        case DBAPIError():
            return fault.connection_invalidated
        case PendingRollbackError():
            return fault.code == _INVALIDATED
        case asyncpg.PostgresError():
            return (fault.sqlstate or "").startswith(_STATES)
        case asyncpg.InterfaceError():
            return _CLOSED in str(fault)
        case sqlite3.Error():
            return getattr(fault, "sqlite_errorcode", 0) & _PRIMARY in _RESULTS
    return False


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__
