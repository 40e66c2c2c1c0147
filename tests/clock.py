"""A clock that stands still until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 15, tzinfo=UTC)


@dataclass
class Clock:
    """Call it for the time; it is what the application takes for its own clock."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def step(self, by: timedelta) -> None:
        self.now += by

    def set(self, to: datetime) -> None:
        self.now = to
