"""Two connections that see one snapshot, so that two processors can read in it.

INVARIANT: the second sees neither more nor less than the first, or there is none.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.postgresql import keeps_statements

Pair = Sequence[AsyncConnection]


@asynccontextmanager
async def _on_sqlite(readers: AsyncEngine) -> AsyncIterator[Pair]:
    """The second one looks before the first and after it: what it finds unchanged, both see."""
    async with readers.connect() as second:
        before = await _version(second)
        await second.rollback()
        async with readers.connect() as first:
            await _version(first)
            alike = await _version(second) == before and first.info["file"] == second.info["file"]
            yield (first, second) if alike else (first,)


async def _version(connection: AsyncConnection) -> int:
    """Begin to see what is there; a number that changes with each commit of anybody else."""
    found = await connection.exec_driver_sql("PRAGMA data_version")
    return int(found.scalar_one())


@asynccontextmanager
async def _on_postgresql(readers: AsyncEngine) -> AsyncIterator[Pair]:
    async with readers.connect() as first:
        if not keeps_statements(await _driver(first)):
            yield (first,)  # a pooler may have no second before it is given back the first
            return
        exported = (await first.exec_driver_sql("SELECT pg_export_snapshot()")).scalar_one()
        async with readers.connect() as second:
            await second.exec_driver_sql("SET TRANSACTION READ ONLY")  # which begins it
            # On the driver itself, which keeps no statement that is never sent again.
            await (await _driver(second)).execute(f"SET TRANSACTION SNAPSHOT '{exported}'")
            yield first, second


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


PAIRED: Mapping[str, Callable[[AsyncEngine], AbstractAsyncContextManager[Pair]]] = {
    "sqlite": _on_sqlite,
    "postgresql": _on_postgresql,
}
"""By the engine's name."""
