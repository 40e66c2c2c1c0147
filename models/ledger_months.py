"""On PostgreSQL each month's entries lie in a partition of their own, made before the month begins.

A segment belongs to one month, and there its number begins with it: 202604000000012 is the twelfth
one ever opened, for entries of April 2026. So a segment leads to its partition and to no other. A
SQLite file has no partitions, and numbers segments from 1 on.
"""

from typing import Any

from sqlalchemy import DDL, event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.ledger_tables import LEDGER_ENTRY

SEGMENTS = 1_000_000_000
"""Numbers of a month: more than will ever be opened in all of them."""

# Below all months: where it is tried whether an entry could be written, which nobody ever sees.
_BELOW = DDL(  # type: ignore[no-untyped-call]
    "CREATE TABLE ledger_entry_below PARTITION OF ledger_entry "
    f"FOR VALUES FROM (MINVALUE) TO ({SEGMENTS})"
)
event.listen(LEDGER_ENTRY, "after_create", _BELOW.execute_if(dialect="postgresql"))

_LOCK = int.from_bytes(b"months", "big")
_IS_THERE = text(
    "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
    "WHERE inhparent = 'ledger_entry'::regclass AND relname = :name)"
)
_RUNNING = text("SELECT nextval(pg_get_serial_sequence('ledger_segment', 'segment'))")


async def number_in(connection: AsyncConnection, month: str) -> dict[str, Any]:
    """Give the number of a segment that is opened, with room for its entries and the next month's.

    On SQLite there is none to give: the engine numbers.
    """
    if connection.dialect.name == "sqlite":
        return {}
    for each in (month, _after(month)):
        await _make_room(connection, each)
    running = (await connection.execute(_RUNNING)).scalar_one()
    return {"segment": _first(month) + running}


async def _make_room(connection: AsyncConnection, month: str) -> None:
    """Make the month's partition unless it is there. Nobody who reads or writes waits for it."""
    name = f"ledger_entry_{month.replace('-', '_')}"
    if await _is_there(connection, name):
        return
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    if await _is_there(connection, name):  # somebody else's, by now
        return
    values = f"FROM ({_first(month)}) TO ({_first(_after(month))})"
    # To attach a table asks for less of a lock than to make it as a partition.
    await connection.execute(text(f"CREATE TABLE {name} (LIKE ledger_entry INCLUDING ALL)"))
    attach = f"ALTER TABLE ledger_entry ATTACH PARTITION {name} FOR VALUES {values}"
    await connection.execute(text(attach))


async def _is_there(connection: AsyncConnection, name: str) -> bool:
    return bool(await connection.scalar(_IS_THERE, {"name": name}))


def _first(month: str) -> int:
    return int(month.replace("-", "")) * SEGMENTS


def _after(month: str) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04}-{number + 1:02}"
