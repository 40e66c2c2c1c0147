"""Replicas: servers that follow the primary, and when a read may be answered from one of them.

INVARIANT: a read is answered from a replica only in a snapshot that holds every transaction which
the primary, asked after the read began, shows as committed. So it does not matter how far a replica
is behind, which server it follows by way of which others, whether it has lost its connection, and
what other hosts read from; no writer waits for any, and no clock is compared.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.marks import Marks, marks_in
from policy.errors import StartUpError

PATIENCE = 0.1
"""Seconds that a read waits for a replica before it goes to the primary."""
STEP = 0.002
"""Seconds until a replica that was behind is looked at again."""
REST = 1.0
"""Seconds for which one that kept a read waiting is not tried."""

Missed = Callable[[str], None]
"""Told the name of a replica that is left out for a while."""


@dataclass(slots=True, eq=False)
class Replica:
    """One of them, by its URL without its password."""

    name: str
    engine: AsyncEngine
    rests_until: float = 0.0
    """By the loop's own clock."""


@dataclass(slots=True, eq=False)
class Asked:
    """What the primary shows, asked once for all reads that wait for it.

    A read that begins while a question is under way is answered by the next one: the one under way
    may have been put before what the read must see was acknowledged.
    """

    primary: AsyncEngine
    under_way: asyncio.Task[Marks] | None = None
    next: asyncio.Task[Marks] | None = None

    async def marks(self) -> Marks:
        """How far the primary's lanes stand, seen after this was called."""
        if self.next is None:
            self.next = asyncio.create_task(self._ask(self.under_way))
        return await asyncio.shield(self.next)

    async def _ask(self, before: asyncio.Task[Marks] | None) -> Marks:
        if before is not None:
            await asyncio.wait({before})
        self.under_way, self.next = self.next, None
        async with self.primary.connect() as connection:
            return await marks_in(connection)


@dataclass(slots=True, eq=False)
class Replicas:
    """Those of one primary, taken in turn."""

    asked: Asked
    each: Sequence[Replica]
    missed: Missed
    turns: Iterator[int] = field(default_factory=count)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection | None]:
        """A connection in a snapshot that shows all that was acknowledged before this began.

        None where no replica has one soon enough: the primary has.
        """
        connection = await self._connection()
        try:
            yield connection
        finally:
            if connection is not None:
                await connection.close()

    async def check(self) -> None:
        """Raise StartUpError for a server that does not follow the primary; one may be down."""
        here = await self.asked.marks()
        for replica in self.each:
            try:
                async with asyncio.timeout(PATIENCE * 100), replica.engine.connect() as connection:
                    there = await marks_in(connection)
            except (DBAPIError, OSError, TimeoutError):
                self._rest(replica)
                continue
            if not there.replica or there.database != here.database:
                raise StartUpError(
                    f"{replica.name} is no replica of the database. SEKISHO_REPLICA_URL names "
                    "servers that follow the one of SEKISHO_DATABASE_URL."
                )

    async def close(self) -> None:
        for engine in (self.asked.primary, *(replica.engine for replica in self.each)):
            await engine.dispose()

    async def _connection(self) -> AsyncConnection | None:
        now = asyncio.get_running_loop().time()
        awake = [replica for replica in self.each if replica.rests_until <= now]
        if not awake:
            return None
        replica = awake[next(self.turns) % len(awake)]
        # Not awaited when it is given up: a server that hangs would hold up the end, too.
        trial = asyncio.create_task(self._confirmed(replica))
        try:
            await asyncio.wait({trial}, timeout=PATIENCE)
        except asyncio.CancelledError:
            _give_up(trial)
            raise
        if trial.done() and trial.exception() is None:
            return trial.result()
        _give_up(trial)
        self._rest(replica)
        return None

    async def _confirmed(self, replica: Replica) -> AsyncConnection:
        """Look at the replica, while the primary is asked, until it shows what is needed."""
        async with AsyncExitStack() as opened:
            connection = await opened.enter_async_context(replica.engine.connect())
            async with asyncio.TaskGroup() as both:
                asking = both.create_task(self.asked.marks())
                looking = both.create_task(marks_in(connection))
            shown, seen = asking.result(), looking.result()
            while not _may_answer(seen, shown):
                await connection.rollback()
                await asyncio.sleep(STEP)
                seen = await marks_in(connection)
            opened.pop_all()
            return connection

    def _rest(self, replica: Replica) -> None:
        replica.rests_until = asyncio.get_running_loop().time() + REST
        self.missed(replica.name)


def _may_answer(seen: Marks, shown: Marks) -> bool:
    return seen.replica and seen.hold(shown)


def _give_up(trial: asyncio.Task[AsyncConnection]) -> None:
    """Let go of what it may still come to."""
    trial.cancel()
    trial.add_done_callback(_let_go)


_closing = set[asyncio.Task[None]]()


def _let_go(trial: asyncio.Task[AsyncConnection]) -> None:
    if trial.cancelled() or trial.exception() is not None:
        return
    closing = asyncio.create_task(trial.result().close())
    _closing.add(closing)
    closing.add_done_callback(_closing.discard)
