"""Replicas: servers that follow the primary, and when a read may be answered from one of them.

INVARIANT: a read is answered from a replica only in a snapshot that holds every transaction which
the primary, asked after the read began, shows as committed. So it does not matter how far a replica
is behind, which server it follows by way of which others, whether it has lost its connection, and
what other hosts read from; no writer waits for any, and no clock is compared.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.marks import Asked, Marks, marks_by, marks_in
from models.postgresql import Connection
from models.postgresql_reader import PostgresReader
from policy.errors import StartUpError

PATIENCE = 0.1
"""Seconds that a read waits for a replica before it goes to the primary."""
STEP = 0.001
"""Seconds until a replica that was behind is looked at again; each time a quarter longer."""
REST = 1.0
"""Seconds for which one that kept a read waiting is not tried, unless it has caught up before."""
LINGER = 5.0
"""Seconds for which it is looked whether it does."""
QUEUE = 1.0
"""Seconds that a read waits for others to give back a connection to one."""
START = 10.0
"""Seconds that a start waits for one."""

T = TypeVar("T")
Trial = tuple[AsyncExitStack, T]
"""A connection, for as long as the stack."""
Missed = Callable[[str], None]
"""Told the name of a replica that is left out for a while."""


@dataclass(slots=True, eq=False)
class Replica:
    """One of them, by its URL without its password."""

    name: str
    engine: AsyncEngine
    reader: PostgresReader
    permits: asyncio.Semaphore
    """To as many as may read from it at the same time."""
    rests_until: float = 0.0
    """By the loop's own clock."""


Confirm = Callable[[Replica, Marks, AsyncExitStack], Awaitable[T]]
"""Opens a connection to a replica, for as long as the stack, once it shows as much as the marks."""


@dataclass(slots=True, eq=False)
class Replicas:
    """Those of one primary, taken in turn.

    A connection that they give shows all that was acknowledged before it was asked for. None is
    given where no replica has one soon enough: the primary has.
    """

    asked: Asked
    each: Sequence[Replica]
    missed: Missed
    turns: Iterator[int] = field(default_factory=count)
    left: set[asyncio.Task[None]] = field(default_factory=set)
    """Trials that nobody waits for any more."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection | None]:
        """A connection that sees one snapshot, and cannot write."""
        async with self._soon(_in_a_snapshot) as found:
            yield None if found is None else found[1]

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[tuple[Replica, Connection] | None]:
        """A connection of the driver's to a replica, for one statement."""
        async with self._soon(_on_the_driver) as found:
            yield found

    async def check(self) -> None:
        """Raise StartUpError for a server that does not follow the primary; one may be down."""
        here = await self.asked.marks()
        for replica in self.each:
            try:
                async with asyncio.timeout(START), replica.engine.connect() as connection:
                    there = await marks_in(connection)
            except (DBAPIError, OSError, TimeoutError):
                self.rest(replica)
                continue
            if not there.replica or there.database != here.database:
                raise StartUpError(
                    f"{replica.name} is no replica of the database. SEKISHO_REPLICA_URL names "
                    "servers that follow the one of SEKISHO_DATABASE_URL."
                )

    def rest(self, replica: Replica) -> None:
        """Leave it out for a while."""
        now = asyncio.get_running_loop().time()
        if replica.rests_until <= now:
            self.missed(replica.name)
        replica.rests_until = now + REST

    async def close(self) -> None:
        for trial in self.left:
            trial.cancel()
        await asyncio.gather(*self.left, return_exceptions=True)
        await self.asked.primary.close()
        for replica in self.each:
            await replica.engine.dispose()
            await replica.reader.close()

    @asynccontextmanager
    async def _soon(self, confirm: Confirm[T]) -> AsyncIterator[tuple[Replica, T] | None]:
        async with AsyncExitStack() as held:
            replica = self._next()
            connection = None
            if replica is not None and await _entered(held, replica.permits):
                connection = await self._tried(replica, confirm, held)
            yield None if replica is None or connection is None else (replica, connection)

    def _next(self) -> Replica | None:
        now = asyncio.get_running_loop().time()
        awake = [replica for replica in self.each if replica.rests_until <= now]
        return awake[next(self.turns) % len(awake)] if awake else None

    async def _tried(self, replica: Replica, confirm: Confirm[T], held: AsyncExitStack) -> T | None:
        """A connection for as long as the stack."""
        trial = asyncio.create_task(self._confirmed(replica, confirm))
        try:
            await asyncio.wait({trial}, timeout=PATIENCE)
        except asyncio.CancelledError:
            self._leave(replica, trial)
            raise
        if not trial.done() or trial.exception() is not None:
            self._leave(replica, trial)
            self.rest(replica)
            return None
        opened, connection = trial.result()
        await held.enter_async_context(opened)
        return connection

    async def _confirmed(self, replica: Replica, confirm: Confirm[T]) -> Trial[T]:
        async with asyncio.timeout(LINGER), AsyncExitStack() as opened:
            connection = await confirm(replica, await self.asked.marks(), opened)
            return opened.pop_all(), connection

    def _leave(self, replica: Replica, trial: asyncio.Task[Trial[T]]) -> None:
        """Leave a trial to itself: the server that it waits for may hang."""
        ending = asyncio.create_task(_ended(replica, trial))
        self.left.add(ending)
        ending.add_done_callback(self.left.discard)


async def _ended(replica: Replica, trial: asyncio.Task[Trial[T]]) -> None:
    with suppress(Exception):
        opened, _ = await trial
        await opened.aclose()
        replica.rests_until = 0.0


async def _entered(held: AsyncExitStack, permits: asyncio.Semaphore) -> bool:
    try:
        async with asyncio.timeout(QUEUE):
            await held.enter_async_context(permits)
    except TimeoutError:
        return False
    return True


async def _in_a_snapshot(replica: Replica, shown: Marks, opened: AsyncExitStack) -> AsyncConnection:
    connection = await opened.enter_async_context(replica.engine.connect())

    async def look() -> Marks:
        await connection.rollback()
        return await marks_in(connection)

    await _until(look, shown)
    return connection


async def _on_the_driver(replica: Replica, shown: Marks, opened: AsyncExitStack) -> Connection:
    connection = await opened.enter_async_context(replica.reader.connection())
    # What is asked next on a connection is answered by the same server, which shows no less then.
    await _until(partial(marks_by, connection), shown)
    return connection


async def _until(look: Callable[[], Awaitable[Marks]], shown: Marks) -> None:
    pause = STEP
    while not (await look()).may_answer(shown):
        await asyncio.sleep(pause)
        pause *= 1.25
