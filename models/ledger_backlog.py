"""The backlog: entries that are written and not folded yet, in the order in which they are folded.

One writer's entries come in the order of writing, those of several merged by the time they were
asked at: so a backlog of years, or of a writer that is long dead, becomes a history in good order.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.disclosure import Entry
from models.history_tables import PROGRESS
from models.ledger_tables import LEDGER_ENTRY, LEDGER_SEGMENT
from models.purge_form import is_purge
from models.readable import readable

ENTRIES, MEMBERS = 256, 1000
"""Folded in one transaction: a few milliseconds' work, for which writers of entries may wait."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that is to be folded."""

    segment: int
    seq: int
    entry: Entry | None
    """None where there is none to be folded: purged, the record of a purge, or unreadable."""
    unreadable: bool = False


@dataclass(slots=True)
class Backlog:
    """The next entries to fold, and how far their segments are then."""

    pending: list[Pending] = field(default_factory=list)
    members: int = 0
    exhausted: bool = False
    """There was nothing more when it was read."""

    @property
    def full(self) -> bool:
        return len(self.pending) >= ENTRIES or self.members >= MEMBERS

    def take(self, pending: Pending) -> None:
        self.pending.append(pending)
        if pending.entry is not None:
            self.members += sum(len(each.members) for each in pending.entry.disclosures)

    @property
    def ends(self) -> dict[int, int]:
        """Segment → the last entry of it that is taken."""
        return {each.segment: each.seq for each in self.pending}


async def backlog(connection: AsyncConnection) -> Backlog:
    """Read what is to be folded next, decoded, as this snapshot has it."""
    ahead = deque(await _behind(connection))
    queues: list[tuple[datetime, int, Pending, _Queue]] = []
    taken = Backlog()
    while (ahead or queues) and not taken.full:
        if ahead and (not queues or ahead[0].at <= queues[0][0]):
            queue = ahead.popleft()
        else:
            _, _, pending, queue = heapq.heappop(queues)
            taken.take(pending)
            await asyncio.sleep(0)  # decoding many must not hold up those who ask meanwhile
        if (following := await queue.advance(connection)) is not None:
            heapq.heappush(queues, (queue.at, queue.segment, following, queue))
    taken.exhausted = not ahead and not queues
    return taken


@dataclass(slots=True)
class _Queue:
    """What is to be folded of one segment, read as it is needed."""

    segment: int
    at: datetime
    """Of its next entry, once that is read; else of the segment's opening."""
    seq: int
    """The last entry read."""
    rows: deque[tuple[int, bytes, bytes]] = field(default_factory=deque)

    async def advance(self, connection: AsyncConnection) -> Pending | None:
        """Come to the next entry, and give it; None: there is none."""
        if not self.rows:
            await self._read(connection)
        if not self.rows:
            return None
        following = _pending(self.segment, *self.rows.popleft())
        if following.entry is not None:
            self.at = max(self.at, following.entry.at)
        return following

    async def _read(self, connection: AsyncConnection) -> None:
        row = LEDGER_ENTRY.c
        query = select(row.seq, row.salt, row.body).where(
            row.segment == self.segment, row.seq > self.seq
        )
        for seq, salt, body in await connection.execute(query.order_by(row.seq).limit(_PAGE)):
            self.rows.append((seq, salt, body))
            self.seq = seq


_PAGE = 32


async def _behind(connection: AsyncConnection) -> Sequence[_Queue]:
    """Give the segments that are not folded to their end, oldest first."""
    segment, entry, seq = LEDGER_SEGMENT.c, LEDGER_ENTRY.c, func.coalesce(PROGRESS.c.seq, 0)
    query = (
        select(segment.segment, segment.opened_at, seq)
        .outerjoin(PROGRESS, PROGRESS.c.segment == segment.segment)
        .where(exists().where(entry.segment == segment.segment, entry.seq > seq))
        .order_by(segment.opened_at, segment.segment)
    )
    return [_Queue(*row) for row in await connection.execute(query)]


def _pending(segment: int, seq: int, salt: bytes, body: bytes) -> Pending:
    if not salt or is_purge(body):
        return Pending(segment, seq, None)
    entry = readable(body)
    return Pending(segment, seq, entry, unreadable=entry is None)
