"""Heads: how far every segment had come at one moment, each bound to the head before.

A head that somebody outside was given fixes all entries before it. A segment says which head was
the last when it was opened, so the next one has to name it: none can be slipped in later.
"""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ledger_tables import LEDGER_HEAD


async def last_head(connection: AsyncConnection) -> int:
    """The number of the last head, 0 for none; no head is cut before the transaction ends.

    A segment that is opened in this transaction is therefore named by the next head.
    """
    await _hold(connection, "ROW SHARE")
    return await _last_number(connection)


async def _hold(connection: AsyncConnection, mode: str) -> None:
    """Keep heads and openings apart. On SQLite a transaction that writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"LOCK TABLE ledger_head IN {mode} MODE"))


async def _last_number(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.coalesce(func.max(LEDGER_HEAD.c.number), 0))) or 0
