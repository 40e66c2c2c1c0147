"""Who listens, and the one reader of the outbox that wakes them."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from models.database import Database
from models.outbox import Position, end, tail

EVERY = 0.1
"""Seconds between two looks into the outbox, while somebody listens."""
BATCH = 1000

log = logging.getLogger("sekisho.outbox")


@dataclass(slots=True)
class Listeners:
    """Wakes those who listen to a member once the outbox may hold something of that member.

    Who listens to None listens to everybody.

    What is there each of them reads for itself, from where it was: the outbox is the queue, so
    nothing piles up for one who is slow, and who was woken for nothing finds nothing.
    """

    database: Database
    time_limit: float = 30
    """Seconds that a look may take; then its statement is stopped, and the next look goes on."""
    waiting: dict[str | None, set[asyncio.Event]] = field(default_factory=dict)
    reader: asyncio.Task[None] | None = None
    position: Position | None = None
    """What is behind it was told."""

    @contextmanager
    def to(self, member: str | None) -> Iterator[asyncio.Event]:
        """Listen to a member, or to all: the event given is set whenever it is time to look.

        INVARIANT: look once after this and before waiting for the first time.
        """
        woken = asyncio.Event()
        self.waiting.setdefault(member, set()).add(woken)
        if self.reader is None or self.reader.done():
            self.reader = asyncio.create_task(self._read())
        try:
            yield woken
        finally:
            self.waiting[member].discard(woken)
            if not self.waiting[member]:
                del self.waiting[member]

    async def close(self) -> None:
        """Read no more."""
        if self.reader is not None:
            self.reader.cancel()
            with suppress(asyncio.CancelledError):
                await self.reader

    async def _read(self) -> None:
        """Look again and again until nobody listens. What cannot be read now is read later."""
        self.position = None
        while self.waiting:
            try:
                async with asyncio.timeout(self.time_limit):
                    await self._look()
            except Exception:
                log.exception("unreadable")
            await asyncio.sleep(EVERY)

    async def _look(self) -> None:
        async with self.database.read() as connection:
            if self.position is None:
                # What came before this position was read by nobody: let everybody look.
                self.position = await end(connection)
                self._wake(*self.waiting)
            while notices := await tail(connection, self.position, BATCH):
                self._wake(None, *(notice.member for notice in notices))
                self.position = notices[-1].position

    def _wake(self, *members: str | None) -> None:
        for member in members:
            for woken in self.waiting.get(member, ()):
                woken.set()
