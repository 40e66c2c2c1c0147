"""One operation at work: in its company's turn, and for so long at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil
from types import TracebackType
from typing import Self

import structlog

from models.disclosure import Disclosure
from policy.errors import ErrorCode, PrivacyError
from resolvers.context import Context
from server.admission import BUSY, Admitted, Refusal
from server.checkpoint import Checkpoint
from server.disclosures import entry_of

OVERDUE = "OVERDUE"
"""As why an entry says that all of an answer was withheld."""
RECORDING = 5
"""Seconds for the record that an operation took too long."""

_TOO_LONG = (
    "This took longer than it may, and was stopped; nothing was disclosed. Ask for less at once. "
    "Whether what was to be changed has changed, the same idempotencyKey tells."
)
_UNRECORDED = "This could not be recorded in time. Try again; nothing was disclosed."

log = structlog.get_logger("sekisho.work")


class Work:
    """Works while it has its turn. At rest, which may last, it takes nothing of the server.

    What takes too long is stopped, the statement that it waits for as well. The end of the block
    raises Refusal then, once that is on record; PrivacyError(LEDGER_UNAVAILABLE) where it cannot
    be.
    """

    def __init__(self, here: Checkpoint, context: Context, admitted: Admitted) -> None:
        self._here = here
        self._context = context
        self._admitted = admitted
        self._seconds = here.admission.allowance.time_limit
        self._limit = asyncio.timeout(self._seconds)
        self._away = False
        self.idle = False
        """Whether there is nothing to do before something happens."""

    async def __aenter__(self) -> Self:
        self._context.rest = self.rest
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, fault, trace)
        except TimeoutError as late:
            fault = late
        if isinstance(fault, TimeoutError) and self._limit.expired():
            raise await _overdue(self._here, self._context, self._admitted) from None

    async def turn(self) -> "Turn":
        """Wait until fewer operations of the same company work than may at once."""
        await self._admitted.turns.acquire()
        return Turn(self)

    def end(self) -> None:
        """Let others have it."""
        if not self._away:
            self._admitted.turns.release()

    @asynccontextmanager
    async def rest(self) -> AsyncIterator[None]:
        """Wait for something to happen."""
        async with self.aside():
            self.idle = True
            yield
        self.idle = False

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Let others work. What comes after it is work of its own, with all of the time again."""
        self._limit.reschedule(None)
        self._admitted.count(-1)
        async with self.out_of_turn():
            try:
                yield
            finally:
                # Also of who is stopped in it: being under way, it ends outside its turn.
                self._admitted.count(1)
            self._limit.reschedule(asyncio.get_running_loop().time() + self._seconds)

    @asynccontextmanager
    async def out_of_turn(self) -> AsyncIterator[None]:
        """Let others work meanwhile. Who is out of turn already stays so."""
        if self._away:
            yield
            return
        self._away = True
        self._admitted.turns.release()
        yield
        await self._admitted.turns.acquire()
        self._away = False


class Turn:
    """That of an operation, until the block ends."""

    __slots__ = ("_work",)

    def __init__(self, work: Work) -> None:
        self._work = work

    def __enter__(self) -> None:
        pass

    def __exit__(self, *ended: object) -> None:
        self._work.end()


async def _overdue(here: Checkpoint, context: Context, admitted: Admitted) -> PrivacyError:
    """Put it on record: that it took so long may tell of what was looked for."""
    requester, overdue = context.requester, admitted.overdue
    log.warning(
        "overdue",
        decision_id=context.decision_id,
        company=requester.company,
        role=requester.role,
        recording=context.recording,
    )
    if context.recording:  # and was not done with it
        return PrivacyError(ErrorCode.LEDGER_UNAVAILABLE, _UNRECORDED)
    if overdue.has_capacity():
        await overdue.acquire()
    context.disclosures.append(Disclosure(withheld={("", OVERDUE): 1}))
    entry = entry_of(context)
    assert entry is not None  # noqa: S101 (something was withheld)
    try:
        async with asyncio.timeout(RECORDING):
            await here.ledger.append(entry)
    except TimeoutError:
        return PrivacyError(ErrorCode.LEDGER_UNAVAILABLE, _UNRECORDED)
    return Refusal(_TOO_LONG, BUSY, ceil(overdue.time_period / overdue.max_rate))
