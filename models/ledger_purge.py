"""Purging: what entries said goes when nobody has to keep it any longer; that they were, stays.

Of a purged entry the commitment and the link are left, so that all others can still be verified.
Each purge is an entry itself, written in the transaction in which the contents go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.ledger_chain import commitment
from models.ledger_fold import forget
from models.ledger_segment import End, extend, open_segment
from models.ledger_tables import LEDGER_ENTRY, LEDGER_METADATA, LEDGER_SEGMENT
from models.projection_check import Advance, unobserved
from models.purge_form import MARK, Purge, encode
from models.records import forget_month
from policy.errors import StartUpError
from policy.retention import RECORD_YEARS, first_month_kept

PAGE = 1000
"""Entries purged in one transaction, so that no writer waits long."""

_PURGE = (
    update(LEDGER_ENTRY)
    .where(
        LEDGER_ENTRY.c.segment == bindparam("of"),
        LEDGER_ENTRY.c.seq == bindparam("number"),
    )
    .values(salt=b"", body=bindparam("committed"))
)


class _Contents(NamedTuple):
    seq: int
    salt: bytes
    body: bytes


class Purged(NamedTuple):
    """What went."""

    entries: Mapping[str, int]
    """Month → how many."""
    records: int


def check_over(before: str, at: datetime) -> None:
    """Raise StartUpError where a month before this one, as 2026-04, may not be purged yet."""
    kept = first_month_kept(at)
    if before > kept:
        raise StartUpError(
            f"Records are kept for {RECORD_YEARS} years after their month: "
            f"by now the months before {kept} can be purged, and none later."
        )


async def due(connection: AsyncConnection, before: str) -> Mapping[str, int]:
    """How many entries of which months before this one have contents still."""
    month = LEDGER_SEGMENT.c.month
    query = (
        select(month, func.count().label("entries"))
        .join(LEDGER_ENTRY, LEDGER_ENTRY.c.segment == LEDGER_SEGMENT.c.segment)
        .where(month < before, _has_contents())
        .group_by(month)
        .order_by(month)
    )
    return {each.month: each.entries for each in await connection.execute(query)}


async def purge(
    database: Database, at: datetime, before: str, advance: Advance = unobserved
) -> Purged:
    """Purge the months before this one, some entries at a time.

    Can be stopped at any moment and run again. Raises StartUpError as `check_over` does.
    """
    check_over(before, at)
    entries: dict[str, int] = {}
    records, purger = 0, _Purger(database, at)
    segments = await _segments(database, before)
    for segment, month in segments:
        while purged := await purger.next_of(segment):
            entries[month] = entries.get(month, 0) + purged
            advance(purged)
    for month in sorted({month for _, month in segments}):
        async with database.write() as connection:
            records += await forget_month(connection, month)
    await database.scrub(LEDGER_METADATA)
    return Purged(entries, records)


@dataclass(slots=True)
class _Purger:
    """A writer of its own, whose entries are purges."""

    database: Database
    at: datetime
    end: End | None = None

    async def next_of(self, segment: int) -> int:
        """Purge the next entries of a segment, together with what says so; tell how many."""
        async with self.database.write() as connection:
            entries = await _contents(connection, segment)
            if not entries:
                return 0
            said = Purge(self.at, segment, entries[0].seq, entries[-1].seq)
            await forget(connection, segment, said.first, said.last)
            await _leave_commitments(connection, segment, entries)
            end = self.end or await open_segment(connection, self.at)
            end = await extend(connection, end, [encode(said)])
        self.end = end
        return len(entries)


async def _segments(database: Database, before: str) -> Sequence[tuple[int, str]]:
    segment, month = LEDGER_SEGMENT.c.segment, LEDGER_SEGMENT.c.month
    query = select(segment, month).where(month < before).order_by(month, segment)
    async with database.read() as connection:
        return [(number, of) for number, of in await connection.execute(query)]


async def _contents(connection: AsyncConnection, segment: int) -> Sequence[_Contents]:
    """The next entries without a gap that have contents still."""
    table = LEDGER_ENTRY.c
    here = select(table.seq, table.salt, table.body).where(table.segment == segment)
    page = here.where(_has_contents()).order_by(table.seq).limit(PAGE)
    found = [_Contents(*row) for row in await connection.execute(page)]
    numbered = takewhile(lambda each: each[0] == each[1].seq - found[0].seq, enumerate(found))
    return [entry for _, entry in numbered]


def _has_contents() -> ColumnElement[bool]:
    """That an entry is not purged, and no purge either: those stay, to say so."""
    body = LEDGER_ENTRY.c.body
    return and_(LEDGER_ENTRY.c.salt != b"", func.substr(body, 1, len(MARK)) != MARK)


async def _leave_commitments(
    connection: AsyncConnection, segment: int, entries: Sequence[_Contents]
) -> None:
    """Leave nothing of the entries but their commitments."""
    left = [
        {"of": segment, "number": each.seq, "committed": commitment(each.salt, each.body)}
        for each in entries
    ]
    await connection.execute(_PURGE, left)
