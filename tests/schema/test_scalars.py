"""Instants, days and addresses are read strictly, written in one way, and never echoed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError

from schema.scalars import day, day_text, email, instant, instant_text, place

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-06-15T09:30:00Z", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-06-15t09:30:00z", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-06-15T18:30:00+09:00", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-06-15T09:30:00.25Z", datetime(2026, 6, 15, 9, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_with_its_offset_and_kept_in_utc(text: str, value: datetime) -> None:
    assert instant(text) == value
    assert instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-15T09:30:00",
        "2026-06-15",
        "2026-06-15T09:30Z",
        "20260615T093000Z",
        "2026-02-30T09:30:00Z",
        "2026-06-15T09:30:00+25:00",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
        "2026-06-15T09:30:00Z\n",
        "２０２６-06-15T09:30:00Z",
        "yesterday",
        "",
        1_781_515_800,
        True,
        None,
    ],
)
def test_what_is_no_instant_is_refused_without_echo(text: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        instant(text)
    assert refused.value.message in {
        "DateTime expects RFC 3339, such as 2026-06-15T09:30:00Z.",
        "DateTime expects an instant that exists.",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 6, 15, 9, 30, tzinfo=UTC), "2026-06-15T09:30:00Z"),
        (datetime(2026, 6, 15, 18, 30, tzinfo=TOKYO), "2026-06-15T09:30:00Z"),
        (datetime(2026, 6, 15, 9, 30, 0, 250_000, tzinfo=UTC), "2026-06-15T09:30:00.250000Z"),
        ("2026-06-15T09:30:00Z", "2026-06-15T09:30:00Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_z(value: datetime | str, text: str) -> None:
    assert instant_text(value) == text


def test_a_day_is_read_and_written_as_year_month_day() -> None:
    assert day("2026-06-15") == date(2026, 6, 15)
    assert day_text(date(2026, 6, 15)) == "2026-06-15"
    assert day_text("2026-06-15") == "2026-06-15"


@pytest.mark.parametrize("text", ["2026-6-15", "20260615", "2026-W25-1", "2026-02-30", "", 0, None])
def test_what_is_no_day_is_refused_without_echo(text: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        day(text)
    assert refused.value.message in {
        "Date expects a day, such as 2026-06-15.",
        "Date expects a day that exists.",
    }


@pytest.mark.parametrize("text", ["hanako@m1.example.jp", "a+b@x", "o'hara@mail.example.com"])
def test_an_address_is_kept_as_it_is_written(text: str) -> None:
    assert email(text) == text


@pytest.mark.parametrize(
    "text", ["hanako", "@x", "a@", "a b@x", "a@x\0", "a\0@x", "a@-x", "a@x\n", "a@x..y", 1, None]
)
def test_what_is_no_address_is_refused_without_echo(text: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        email(text)
    assert refused.value.message == "EmailAddress expects name@host."


@pytest.mark.parametrize("text", ["geo:35.6581,139.7017", "geo:-33,151.5"])
def test_a_place_is_kept_as_it_is_written(text: str) -> None:
    assert place(text) == text


@pytest.mark.parametrize("text", ["35.6,139.7", "geo:35.6", "geo:35.6,139.7\n", "geo:a,b", 1, None])
def test_what_is_no_place_is_refused_without_echo(text: object) -> None:
    with pytest.raises(GraphQLError) as refused:
        place(text)
    assert refused.value.message == "GeoPoint expects geo:latitude,longitude."
