"""Times and spans as people type them."""

import re
from datetime import UTC, datetime, timedelta

import typer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"(\d{1,6})([smhd])")


def moment(text: str) -> datetime:
    """An instant in UTC: `2026-06-01` is its midnight."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write 2026-06-01 or 2026-06-01T09:30:00Z") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def span(text: str) -> timedelta:
    """A length of time: 90s, 15m, 1h, 7d."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("write 90s, 15m, 1h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
