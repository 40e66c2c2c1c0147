"""Times and spans are read as people type them, in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
import typer

from server.moments import moment, span


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-01T09:30", datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
        ("2026-06-01T09:30:00Z", datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
        ("2026-06-01T09:30:00+09:00", datetime(2026, 6, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_moment(text: str, at: datetime) -> None:
    assert moment(text) == at
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_span(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "1h"])
def test_no_moment(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="2026-06-01"):
        moment(text)


@pytest.mark.parametrize("text", ["", "h", "1", "1w", "-1h", "1.5h", "99999999d"])
def test_no_span(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="15m"):
        span(text)
