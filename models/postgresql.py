"""The driver's connections to PostgreSQL, straight to the server or through a pooler.

Through a pooler (PgBouncer, in transaction mode) every transaction may run on another of the
server's connections. INVARIANT: nothing is left on one for later, neither a prepared statement nor
a setting, since whoever comes next would find it, and we something else.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy import URL

from models.outage import Unreachable

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # which takes no parameters when it runs

BUSY_SECONDS = 5

SETTINGS: Mapping[str, str] = {
    "synchronous_commit": "on",  # whatever the server's default is
    "lock_timeout": f"{BUSY_SECONDS}s",
    "client_connection_check_interval": "1s",  # nobody waits for a statement of one who is gone
    "timezone": "UTC",
    "jit": "off",  # compiling a grant costs many times what judging a page does
    "random_page_cost": "1.1",  # a member's rows are in memory: found by key, however few there are
    "max_parallel_workers_per_gather": "0",  # a page is read in the order in which it is found
    "plan_cache_mode": "force_generic_plan",  # and planning it as well: once on a connection is it
}
_BROUGHT = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in SETTINGS.items())

_STRAIGHT: dict[str, Any] = {
    "server_settings": dict(SETTINGS),
    # Wanted as long as the server runs; each takes PostgreSQL more than a MiB, on each connection.
    "statement_cache_size": 100,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}

_POOLED: set[URL] = set()
"""Where a pooler was found."""


class _Settled(Transaction):
    """A transaction that brings its settings along."""

    _connection: Connection

    async def start(self) -> None:
        await super().start()
        await self._connection.execute(_BROUGHT)


class _Pooled(Connection):
    """A connection through a pooler."""

    def transaction(
        self, *, isolation: Any = None, readonly: bool = False, deferrable: bool = False
    ) -> Transaction:
        return _Settled(self, isolation, readonly, deferrable)


async def connect(url: URL) -> Connection:
    """Open a connection. Whether it goes through a pooler is found out, and then remembered.

    Raises what the driver raises, and Unreachable where nobody listens.
    """
    try:
        return await _connect(url)
    except OSError as fault:
        raise Unreachable from fault


async def _connect(url: URL) -> Connection:
    if url not in _POOLED:
        connection = await _connect_straight(url)
        if connection is not None:
            return connection
        _POOLED.add(url)
    # Without a cache the driver gives statements no names, and sends each anew with its operands.
    through = {"statement_cache_size": 0, "connection_class": _Pooled}
    return await asyncpg.connect(**connect_arguments(url) | through)


def connect_arguments(url: URL) -> dict[str, Any]:
    """What the driver is told of an address, whichever way leads there."""
    _, told = url.get_dialect()().create_connect_args(url)
    told.pop("prepared_statement_cache_size", None)  # a word for SQLAlchemy alone
    return {**told, "timeout": BUSY_SECONDS}


def keeps_statements(connection: Any) -> bool:
    """Whether what is prepared on this connection of the driver is there the next time."""
    return type(connection) is not _Pooled  # of which the driver calls each of its own an instance


def alone(connection: Any) -> AbstractAsyncContextManager[Any]:
    """What a single statement needs around it so as to be a transaction with our settings."""
    return nullcontext() if keeps_statements(connection) else connection.transaction()


async def _connect_straight(url: URL) -> Connection | None:
    """A connection on which statements and settings last; None where there is a pooler between."""
    try:
        connection: Connection = await asyncpg.connect(**connect_arguments(url) | _STRAIGHT)
    except asyncpg.ProtocolViolationError as refusal:
        if "startup parameter" not in str(refusal):
            raise
        return None
    # Without rows or a statement of its own: how many there would be stands in the answer.
    same = f"SELECT WHERE pg_backend_pid() = {connection.get_server_pid()}"
    try:
        if await connection.execute(same) == "SELECT 1":
            return connection
    except BaseException:
        connection.terminate()
        raise
    await connection.close()
    return None
