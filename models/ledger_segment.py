"""A segment as its writer extends it: opened with its first entries, each chained to the last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models import ledger_chain as chain
from models.appender import COLUMNS, Appender
from models.ledger_heads import last_head
from models.ledger_months import number_in
from models.ledger_tables import LEDGER_ENTRY, LEDGER_SEGMENT, month_of

_OPEN = insert(LEDGER_SEGMENT).returning(LEDGER_SEGMENT.c.segment)


@dataclass(frozen=True, slots=True)
class End:
    """Where a segment ends. INVARIANT: one writer has it, and lets go of it when a write fails."""

    segment: int
    month: str
    seq: int
    link: bytes


async def open_segment(connection: AsyncConnection, at: datetime) -> End:
    """Open a segment for entries of this month, in the transaction of the first of them."""
    month, after_head = month_of(at), await last_head(connection)
    number = await number_in(connection, month)
    said = {"month": month, "opened_at": at, "after_head": after_head, **number}
    segment = (await connection.execute(_OPEN, said)).scalar_one()
    return End(segment, month, 0, chain.first_link(segment, month, at, after_head))


async def extend(connection: AsyncConnection, end: End, bodies: Iterable[bytes]) -> End:
    """Write entries behind the end of a segment, and give where it ends then."""
    rows, end = _chained(end, bodies)
    await connection.execute(
        insert(LEDGER_ENTRY), [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    )
    return end


async def extend_at_once(appender: Appender, end: End, bodies: Iterable[bytes]) -> End:
    """Do so in a transaction of its own: this is what every answer waits for."""
    rows, end = _chained(end, bodies)
    await appender.write(rows)
    return end


def _chained(end: End, bodies: Iterable[bytes]) -> tuple[Sequence[tuple[Any, ...]], End]:
    rows, seq, link = [], end.seq, end.link
    for body, salt in chain.salted(bodies):
        seq += 1
        link = chain.next_link(link, chain.commitment(salt, body))
        rows.append((end.segment, seq, salt, body, link))
    return rows, End(end.segment, end.month, seq, link)
