"""Who may begin an operation now: so many a second, so many at once, per company and subject."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from itertools import islice
from math import ceil
from types import TracebackType
from typing import Self, TypeVar

from aiolimiter import AsyncLimiter

from policy.errors import ErrorCode
from policy.requester import Requester
from resolvers.context import Context
from server.allowance import Allowance
from server.budget import Budget
from server.refusals import BadRequest
from server.workshop import Workshop

T = TypeVar("T")

TOO_MANY, BUSY = 429, 503
"""HTTP's own numbers: of this caller, and of everybody."""
REMEMBERED = 10_000
"""Subjects, those longest unheard of forgotten first."""
_MINUTE = 60

_RATE = "{} sends more operations a second than it may: send them more slowly."
_EFFORT = (
    "{} asks too much that nobody asked before: keep documents as they are, and send what differs "
    "as variables."
)
_AT_ONCE = "{} has more operations under way than it may: wait for answers."
_OVERDUE = "Too many of this subject's operations took too long: ask for less at once, later."
_SOCKETS = "This subject has more WebSockets open than it may: use those that are open."
_BUSY = "The server has more to do than it can: try again."


class Refusal(BadRequest):
    """Not now: the caller may try again after so many seconds."""

    def __init__(self, message: str, status: int = TOO_MANY, retry_after: int = 1) -> None:
        super().__init__(message, status, ErrorCode.LIMIT_EXCEEDED)
        self.retry_after = retry_after


class Share:
    """What one company, or one subject, takes of the server."""

    __slots__ = (
        *("_overdue", "_overdue_at_most", "at_once", "budget", "making", "rate", "sockets"),
        *("turns", "under_way", "who"),
    )

    def __init__(  # noqa: PLR0913, PLR0917 (one for each of its settings)
        self, who: str, rate: float, effort: float, at_once: int, turns: int, overdue: float
    ) -> None:
        self.who = who
        self.rate = AsyncLimiter(rate, 1)
        self.budget = Budget(effort)
        self.making = asyncio.Lock()
        """Makes something new. One at a time, so that no other share waits for more than that."""
        self.at_once = at_once
        self.turns = asyncio.Semaphore(turns)
        self._overdue_at_most = overdue
        self._overdue: AsyncLimiter | None = None
        self.under_way = 0
        self.sockets = 0

    @property
    def overdue(self) -> AsyncLimiter:
        """How many operations may take too long: counted from the first that does."""
        if self._overdue is None:
            self._overdue = AsyncLimiter(self._overdue_at_most, _MINUTE)
        return self._overdue

    @property
    def is_overdue(self) -> bool:
        """Whether too many took too long."""
        return self._overdue is not None and not self._overdue.has_capacity()

    def check(self) -> None:
        """Raise Refusal unless one more operation may begin."""
        if not self.rate.has_capacity():
            raise Refusal(_RATE.format(self.who))
        if self.under_way >= self.at_once:
            raise Refusal(_AT_ONCE.format(self.who))

    def check_effort(self) -> None:
        """Raise Refusal unless something may be done for the first time."""
        if self.budget.is_spent:
            raise Refusal(_EFFORT.format(self.who), retry_after=self.budget.seconds)

    @property
    def idle(self) -> bool:
        return not self.under_way and not self.sockets and not self.is_overdue


class Admitted:
    """An operation that may go on; it is under way until the block ends."""

    __slots__ = ("_admission", "_shares")

    def __init__(self, admission: "Admission", shares: Sequence[Share]) -> None:
        self._admission = admission
        self._shares = shares

    @property
    def turns(self) -> asyncio.Semaphore:
        """Who works now, of the operations of the same company; of a member's, of the member's."""
        return self._shares[-1].turns

    def count(self, step: int) -> None:
        """Be under way, with 1, or with -1 not for a while."""
        self._admission.under_way += step
        for share in self._shares:
            share.under_way += step

    async def effort(self, context: Context, make: Callable[[], T], /) -> T:
        """Make something for the first time. Raises Refusal where too much was made already.

        What was written is answered: it must not look as if it were not.
        """
        try:
            async with AsyncExitStack() as waiting:
                limit = self._admission.allowance.time_limit
                await waiting.enter_async_context(asyncio.timeout(limit))
                for share in self._shares:
                    await waiting.enter_async_context(share.making)
                    if not context.written:
                        share.check_effort()
                return await self._admission.workshop.make(make, self._spend)
        except TimeoutError:
            raise Refusal(_BUSY, BUSY) from None

    def _spend(self, seconds: float) -> None:
        for share in self._shares:
            share.budget.owed += seconds

    @property
    def overdue(self) -> AsyncLimiter:
        """How many of the subject's operations may take too long."""
        return self._shares[0].overdue

    def __enter__(self) -> Self:
        self.count(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.count(-1)


class Admission:
    """Counts what is under way in this process."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.under_way = 0
        self.sockets = 0
        self.workshop = Workshop(lambda: self.under_way > self.workshop.asked)
        self._companies: dict[str, Share] = {}
        self._subjects: OrderedDict[tuple[str | None, str, str], Share] = OrderedDict()

    async def operation(self, requester: Requester) -> Admitted:
        """Admit one more operation. Raises Refusal."""
        shares = self._shares(requester)
        if self.under_way >= self.allowance.operations:
            raise Refusal(_BUSY, BUSY)
        if shares[0].is_overdue:
            overdue = shares[0].overdue
            raise Refusal(_OVERDUE, retry_after=ceil(overdue.time_period / overdue.max_rate))
        for share in shares:
            share.check()
        for share in shares:
            await share.rate.acquire()  # at once: there is room, and nobody came in between
            if share.budget.owed:
                await share.budget.pay()
        return Admitted(self, shares)

    def socket(self, requester: Requester) -> "Place":
        """Admit one more WebSocket. Raises Refusal."""
        share = self._subject(requester)
        if share.sockets >= self.allowance.subject_sockets:
            raise Refusal(_SOCKETS)
        return Place(self, share)

    def _shares(self, requester: Requester) -> Sequence[Share]:
        """The subject's, and the company's where there is one."""
        subject, company = self._subject(requester), requester.company
        if company is None:
            return (subject,)
        share = self._companies.get(company)
        if share is None:
            most = self.allowance
            share = self._companies[company] = Share(
                "This company",
                *(most.company_rate, most.company_effort, most.company_operations),
                *(most.company_turns, most.overdue_per_minute),
            )
        return (subject, share)

    def _subject(self, requester: Requester) -> Share:
        key = (requester.company, requester.role, requester.subject)
        share = self._subjects.get(key)
        if share is None:
            most = self.allowance
            share = self._subjects[key] = Share(
                "This subject",
                *(most.subject_rate, most.subject_effort, most.subject_operations),
                *(most.company_turns, most.overdue_per_minute),
            )
            self._forget()
        self._subjects.move_to_end(key)
        return share

    def _forget(self) -> None:
        """Keep no more subjects than so many, but all that have anything under way."""
        surplus = max(0, len(self._subjects) - REMEMBERED)
        for key in list(islice(self._subjects, surplus)):
            if self._subjects[key].idle:
                del self._subjects[key]


class Place:
    """That of a WebSocket, until it is closed."""

    def __init__(self, admission: Admission, share: Share) -> None:
        self._admission = admission
        self._share = share
        self._count(1)

    def close(self) -> None:
        """Make room for another one."""
        self._count(-1)

    def _count(self, step: int) -> None:
        self._admission.sockets += step
        self._share.sockets += step
