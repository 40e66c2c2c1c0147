"""The ledger: the record of every decision, durable before its answer leaves."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import PurePath
from secrets import token_bytes
from typing import Any, Self

from sqlalchemy import bindparam, delete, insert, select

from models.appender import Appender, appender_to
from models.database import Database
from models.disclosure import Count, Disclosure, Entry, MemberDisclosure, Use
from models.engines import parse_url
from models.entry_form import decode, encode
from models.ledger_segment import End, extend, extend_at_once, open_segment
from models.ledger_tables import LEDGER_ENTRY, month_of
from models.purge_form import is_purge
from models.revision import LEDGER
from policy.errors import ErrorCode, PrivacyError

__all__ = ["Count", "Disclosure", "Entry", "Ledger", "MemberDisclosure", "Use", "ledger_url"]

BATCH = 256
"""Entries made durable together."""
FEW = 2
"""Others for whose entries none waits."""
GATHER = 0.005
"""Seconds at most that an entry waits for others."""
WAITING = 1024
"""Entries that may wait; one more is refused, none is dropped."""

_PROBE: Mapping[str, Any] = {
    "seq": 0,  # which no entry has
    "salt": b"",
    "link": b"",
    "body": token_bytes(4096),  # needs the room of a large entry, and no database packs it
}
_FORGET_PROBE = delete(LEDGER_ENTRY).where(
    LEDGER_ENTRY.c.segment == bindparam("beside"), LEDGER_ENTRY.c.seq == 0
)


def ledger_url(database_url: str) -> str:
    """Where the ledger lies by default: a file beside SQLite's, else the same database."""
    parsed = parse_url(database_url)
    if parsed.get_backend_name() != "sqlite":
        return database_url
    file = PurePath(parsed.database or "")
    beside = parsed.set(database=str(file.with_name(f"{file.stem}-ledger.db")))
    return beside.render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    body: bytes
    at: datetime
    written: asyncio.Future[None]


@dataclass(slots=True)
class Ledger:
    """Entries are made durable in batches by one writer; `append` returns once its own is.

    INVARIANT: nothing turns it off, and nothing that fails counts as written. What was refused may
    be there nevertheless: whether a commit that failed took place is not always known.
    """

    database: Database
    waiting: list[_Waiting] = field(default_factory=list)
    writing: int = 0
    """Entries of the batch that is being written."""
    followers: int = 0
    """Operations whose entries might still follow when the last one came."""
    gathered: asyncio.Event = field(default_factory=asyncio.Event)
    writer: asyncio.Task[None] | None = None
    end: End | None = None
    """None: the next batch opens a segment."""
    last: int = 0
    """The segment that was written to last, or tried to: where there is room, or none."""
    written: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after each batch; who waits for it clears it."""
    prepared: bool = False
    """The tables were found once."""
    _appender: Appender | None = None

    @property
    def appender(self) -> Appender:
        """The way by which entries are written behind those that are there."""
        if self._appender is None:
            self._appender = appender_to(self.database.writers.url)
        return self._appender

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect lazily. Raises StartUpError for a bad URL."""
        return cls(Database.open(url, connections=2, marked=False))

    async def append(self, entry: Entry, under_way: int = 0) -> None:
        """Make the entry durable, together with others where many operations are `under_way`.

        Raises PrivacyError(LEDGER_UNAVAILABLE) whatever went wrong.
        """
        self._check_room()
        mine = _Waiting(encode(entry), entry.at, asyncio.get_running_loop().create_future())
        self.waiting.append(mine)
        self.followers = under_way - len(self.waiting) - self.writing
        if self._enough:
            self.gathered.set()
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self._write_waiting())
        try:
            await mine.written
        except Exception as fault:
            raise _refusal() from fault

    async def ready(self) -> None:
        """Raise PrivacyError(LEDGER_UNAVAILABLE) unless an entry could be made durable now.

        One is, and nobody ever sees it: it is gone when its transaction ends.
        """
        self._check_room()
        try:
            await self.prepare()
            async with self.database.write() as connection:
                await connection.execute(insert(LEDGER_ENTRY), {"segment": self.last, **_PROBE})
                await connection.execute(_FORGET_PROBE, {"beside": self.last})
        except Exception as fault:
            raise _refusal() from fault

    async def entries(self) -> AsyncIterator[Entry]:
        """Every entry that is not purged, each writer's in the order of writing."""
        await self.prepare()
        table = LEDGER_ENTRY.c
        kept = select(table.body).where(table.salt != b"").order_by(table.segment, table.seq)
        async with self.database.read() as connection:
            async for (body,) in await connection.stream(kept):
                if not is_purge(body):
                    yield decode(body)

    async def close(self) -> None:
        """Write what still waits, then close every connection."""
        if self.writer is not None:
            await asyncio.wait({self.writer})
        if self._appender is not None:
            await self._appender.close()
        await self.database.close()

    def _check_room(self) -> None:
        if len(self.waiting) >= WAITING:
            raise _refusal()

    async def _write_waiting(self) -> None:
        while self.waiting:
            await self._gather()
            batch = self.waiting[:BATCH]
            del self.waiting[:BATCH]
            self.writing = len(batch)
            try:
                await self.write(batch)
            except Exception as fault:  # noqa: BLE001 (whatever fails, the answer must not leave)
                _settle(batch, fault)
            else:
                _settle(batch, None)
                self.written.set()
            self.writing = 0

    async def _gather(self) -> None:
        """Let others join while fewer wait than may follow: a batch costs little more than one."""
        self.gathered.clear()
        if not self._enough:
            late = asyncio.get_running_loop().call_later(GATHER, self.gathered.set)
            await self.gathered.wait()
            late.cancel()

    @property
    def _enough(self) -> bool:
        waiting = len(self.waiting)
        return waiting >= BATCH or self.followers <= max(FEW, waiting)

    async def write(self, batch: Sequence[_Waiting]) -> None:
        """Make the batch durable: each entry in a segment of its month. Raises whatever fails."""
        await self.prepare()
        # While it is not known where the segment ends, nothing is chained to it.
        end, self.end = self.end, None
        times = [each.at for each in batch]
        if end is not None and month_of(min(times)) == end.month == month_of(max(times)):
            bodies = (each.body for each in batch)
            self.end = await extend_at_once(self.appender, end, bodies)
            return
        async with self.database.write() as connection:
            for month, of_month in groupby(batch, lambda each: month_of(each.at)):
                entries = list(of_month)
                if end is None or end.month != month:
                    end = await open_segment(connection, entries[0].at)
                end = await extend(connection, end, (each.body for each in entries))
        self.end, self.last = end, end.segment if end else self.last

    async def prepare(self) -> None:
        """Raise StartUpError unless the tables are those of this code. Looks until they are."""
        if not self.prepared:
            await LEDGER.check(self.database)
            self.prepared = True


def _settle(batch: Sequence[_Waiting], fault: Exception | None) -> None:
    """Tell each entry what came of it, unless nobody waits for it any more."""
    for each in batch:
        if each.written.done():
            continue
        if fault is None:
            each.written.set_result(None)
        else:
            each.written.set_exception(fault)


def _refusal() -> PrivacyError:
    return PrivacyError(
        ErrorCode.LEDGER_UNAVAILABLE,
        "The record of this disclosure could not be written. Try again; nothing was disclosed.",
    )
