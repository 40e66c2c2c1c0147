"""The clock and the ids that `create_app` takes as arguments, and the real ones."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

Clock = Callable[[], datetime]
"""Gives the time, aware, in UTC."""
Ids = Callable[[], str]
"""Gives a decision id that was never given before."""


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)  # noqa: TID251 (the one reader of the real clock)


def new_id() -> str:
    """A random UUID."""
    return str(uuid4())
