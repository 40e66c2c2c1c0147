"""Processor time for what is done for the first time, at the expense of who asks for it.

A document that was asked before costs next to nothing to answer; one that nobody knows is read and
made into statements first, which takes up to a thousand times as long.
"""

from math import ceil

from aiolimiter import AsyncLimiter

_MINUTE = 60


class Budget:
    """So many seconds a minute. What they were spent on is over by then, so they are owed.

    They may be spent at once: a program that starts, or a suite of tests, asks much that is new.
    """

    __slots__ = ("_paid", "owed")

    def __init__(self, rate: float) -> None:
        self._paid = AsyncLimiter(rate, _MINUTE)
        self.owed = 0.0
        """Seconds that were spent and are not paid."""

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be begun."""
        return not self._paid.has_capacity(self.owed)

    @property
    def seconds(self) -> int:
        """Until there is some again."""
        return max(1, ceil(self.owed * _MINUTE / self._paid.max_rate))

    async def pay(self) -> None:
        """Pay as much as there is by now, at once."""
        due = min(self.owed, self._paid.max_rate)
        if due and self._paid.has_capacity(due):
            await self._paid.acquire(due)
            self.owed -= due
