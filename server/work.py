"""One operation at work: in its company's turn, and for so long at most."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil

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
    """Works while it has its turn. At rest, which may last, it takes nothing of the server."""

    def __init__(self, admitted: Admitted, limit: asyncio.Timeout, seconds: float) -> None:
        self._admitted = admitted
        self._limit = limit
        self._seconds = seconds
        self._away = False
        self.idle = False
        """Whether there is nothing to do before something happens."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Work, once fewer operations of the same company do than may at once."""
        await self._admitted.turns.acquire()
        try:
            yield
        finally:
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


@asynccontextmanager
async def at_work(here: Checkpoint, context: Context, admitted: Admitted) -> AsyncIterator[Work]:
    """Stop what takes too long, the statement that it waits for as well.

    Raises Refusal once that is on record, PrivacyError(LEDGER_UNAVAILABLE) where it cannot be.
    """
    seconds = here.admission.allowance.time_limit
    limit = asyncio.timeout(seconds)
    work = Work(admitted, limit, seconds)
    context.rest = work.rest
    try:
        async with limit:
            yield work
    except TimeoutError:
        if not limit.expired():
            raise
        raise await _overdue(here, context, admitted) from None


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
