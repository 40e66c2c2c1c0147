"""The clock and the ids that `create_app` takes as arguments, and the real ones."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from secrets import token_bytes

Clock = Callable[[], datetime]
"""Gives the time, aware, in UTC."""
Ids = Callable[[], str]
"""Gives a decision id that was never given before."""


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)  # noqa: TID251 (the one reader of the real clock)


def new_id() -> str:
    """A random UUID."""
    return next(_ids)


def _random_ids() -> Iterator[str]:
    """Random UUIDs, of which many are drawn at once.

    To draw means to ask the kernel, and whoever does so hands the interpreter to another thread.
    """
    while True:
        drawn = token_bytes(16 * _AT_ONCE)
        for at in range(0, len(drawn), 16):
            told, variant = drawn[at : at + 16].hex(), "89ab"[drawn[at + 8] >> 4 & 3]
            yield f"{told[:8]}-{told[8:12]}-4{told[13:16]}-{variant}{told[17:20]}-{told[20:]}"


_AT_ONCE = 256
_ids = _random_ids()
