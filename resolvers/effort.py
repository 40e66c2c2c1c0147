"""At whose expense, and where, something is made that nobody asked for before."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Effort(Protocol):
    """Makes something for the first time, at the expense of who asks. Raises LIMIT_EXCEEDED.

    INVARIANT: what is made follows from what it is made of alone, on whichever thread.
    """

    def __call__(self, make: Callable[[], T], /) -> Awaitable[T]: ...


async def at_once(make: Callable[[], T], /) -> T:
    """Make it here, at nobody's expense."""
    return make()
