"""The ledger: the record of every decision, durable before its answer leaves."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Self

from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.database import Database
from models.disclosure import Count, Disclosure, Entry, MemberDisclosure, Use, decode, encode
from models.engines import parse_url
from models.ledger_table import LEDGER_ENTRY, LEDGER_METADATA
from models.types import EPOCH
from policy.errors import ErrorCode, PrivacyError

__all__ = ["Count", "Disclosure", "Entry", "Ledger", "MemberDisclosure", "Use", "ledger_url"]

BATCH = 256
"""Entries made durable together."""
WAITING = 1024
"""Entries that may wait; one more is refused, none is dropped."""

_PROBE: Mapping[str, Any] = {"decision_id": "readiness", "at": EPOCH, "body": "{}"}


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
    row: Mapping[str, Any]
    written: asyncio.Future[None]


@dataclass(slots=True)
class Ledger:
    """Entries are made durable in batches by one writer; `append` returns once its own is.

    INVARIANT: nothing turns it off, and nothing that fails counts as written.
    """

    database: Database
    waiting: list[_Waiting] = field(default_factory=list)
    writer: asyncio.Task[None] | None = None
    prepared: bool = False
    """The table was found or made once. One that is lost later is a failure, not made again."""

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect lazily. Raises StartUpError for a bad URL."""
        return cls(Database.open(url, connections=2))

    async def append(self, entry: Entry) -> None:
        """Make the entry durable. Raises PrivacyError(LEDGER_UNAVAILABLE) whatever went wrong."""
        if len(self.waiting) >= WAITING:
            raise _refusal()
        row = {"decision_id": entry.decision_id, "at": entry.at, "body": encode(entry)}
        mine = _Waiting(row, asyncio.get_running_loop().create_future())
        self.waiting.append(mine)
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self._write_waiting())
        try:
            await mine.written
        except Exception as fault:
            raise _refusal() from fault

    async def ready(self) -> None:
        """Raise PrivacyError(LEDGER_UNAVAILABLE) unless an entry could be written now."""
        try:
            await self._prepare()
            async with self.database.writers.connect() as connection:
                # Never committed: the connection rolls back when it is given back.
                await connection.execute(insert(LEDGER_ENTRY), _PROBE)
        except Exception as fault:
            raise _refusal() from fault

    async def entries(self) -> AsyncIterator[Entry]:
        """Every entry, oldest first."""
        await self._prepare()
        table = LEDGER_ENTRY.c
        query = select(table.decision_id, table.at, table.body).order_by(
            table.at, table.decision_id
        )
        async with self.database.read() as connection:
            async for decision_id, at, body in await connection.stream(query):
                yield decode(decision_id, at, body)

    async def close(self) -> None:
        """Write what still waits, then close every connection."""
        if self.writer is not None:
            await asyncio.wait({self.writer})
        await self.database.close()

    async def _write_waiting(self) -> None:
        while self.waiting:
            batch = self.waiting[:BATCH]
            del self.waiting[:BATCH]
            await self._settle(batch)

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Write the batch and tell each of its entries what came of it."""
        fault = await self._insert([each.row for each in batch])
        if isinstance(fault, IntegrityError) and len(batch) > 1:
            # One entry alone is at fault; its neighbours must not suffer for it.
            for each in batch:
                await self._settle([each])
            return
        for each in batch:
            if each.written.done():
                continue
            if fault is None:
                each.written.set_result(None)
            else:
                each.written.set_exception(fault)

    async def _insert(self, rows: Sequence[Mapping[str, Any]]) -> Exception | None:
        try:
            await self._prepare()
            async with self.database.write() as connection:
                await connection.execute(insert(LEDGER_ENTRY), rows)
        except Exception as fault:  # noqa: BLE001 (whatever fails, the answer must not leave)
            return fault
        return None

    async def _prepare(self) -> None:
        """Make the table of a new ledger. Another process may make it at the same moment."""
        if self.prepared:
            return
        try:
            async with self.database.write() as connection:
                await connection.run_sync(LEDGER_METADATA.create_all)
        except DBAPIError:
            async with self.database.write() as connection:
                await connection.run_sync(LEDGER_METADATA.create_all)
        self.prepared = True


def _refusal() -> PrivacyError:
    return PrivacyError(
        ErrorCode.LEDGER_UNAVAILABLE,
        "The record of this disclosure could not be written. Try again; nothing was disclosed.",
    )
