"""Scalars beyond GraphQL's own: instants, days, addresses, places. No refusal echoes the input."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import NewType, NoReturn, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

EmailAddress = NewType("EmailAddress", str)
GeoPoint = NewType("GeoPoint", str)
JsonLd = NewType("JsonLd", object)

Value = TypeVar("Value")

_RFC3339 = "https://www.rfc-editor.org/rfc/rfc3339.html#section-5.6"
_RFC5870 = "https://www.rfc-editor.org/rfc/rfc5870.html#section-3.3"
_JSON_LD = "https://www.w3.org/TR/json-ld11/"
_HTML_EMAIL = "https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address"
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DEGREES = r"-?\d{1,3}(?:\.\d+)?"
_PLACE = re.compile(rf"geo:{_DEGREES},{_DEGREES}", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")


def instant_text(value: datetime | str) -> str:
    """RFC 3339 in UTC with `Z`; a text is one already."""
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(value: object) -> datetime:
    """Give the aware instant in UTC; a time without an offset is refused."""
    text = _matching(_INSTANT, value, "DateTime expects RFC 3339, such as 2026-06-15T09:30:00Z.")
    return _read(
        lambda: datetime.fromisoformat(text.upper()).astimezone(UTC),
        "DateTime expects an instant that exists.",
    )


def day_text(value: date | str) -> str:
    """`YYYY-MM-DD`; a text is one already."""
    return value if isinstance(value, str) else value.isoformat()


def day(value: object) -> date:
    """Give the day."""
    text = _matching(_DAY, value, "Date expects a day, such as 2026-06-15.")
    return _read(lambda: date.fromisoformat(text), "Date expects a day that exists.")


def email(value: object) -> EmailAddress:
    """Give the address, which is compared as it is written."""
    return EmailAddress(_matching(_EMAIL, value, "EmailAddress expects name@host."))


def place(value: object) -> GeoPoint:
    """Give the place, which is compared as it is written."""
    return GeoPoint(_matching(_PLACE, value, "GeoPoint expects geo:latitude,longitude."))


def no_operand(_value: object) -> NoReturn:
    """Refuse a document as an operand."""
    raise GraphQLError("JsonLd is answered, never asked with.")


def _matching(pattern: re.Pattern[str], value: object, refusal: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise GraphQLError(refusal)
    return value


def _read(read: Callable[[], Value], refusal: str) -> Value:
    try:
        return read()
    except (ValueError, OverflowError):
        raise GraphQLError(refusal) from None


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, as RFC 3339 writes it, in UTC: `2026-06-15T09:30:00Z`.",
        specified_by_url=_RFC3339,
        serialize=instant_text,
        parse_value=instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day, as RFC 3339 writes it: `2026-06-15`.",
        specified_by_url=_RFC3339,
        serialize=day_text,
        parse_value=day,
    ),
    EmailAddress: strawberry.scalar(
        name="EmailAddress",
        description="A mail address, as HTML defines a valid one.",
        specified_by_url=_HTML_EMAIL,
        serialize=str,
        parse_value=email,
    ),
    GeoPoint: strawberry.scalar(
        name="GeoPoint",
        description="A place on earth, as RFC 5870 writes it: `geo:35.6581,139.7017`.",
        specified_by_url=_RFC5870,
        serialize=str,
        parse_value=place,
    ),
    JsonLd: strawberry.scalar(
        name="JsonLd",
        description="A JSON-LD 1.1 document, as a JSON object. It is answered, never asked with.",
        specified_by_url=_JSON_LD,
        serialize=lambda document: document,
        parse_value=no_operand,
    ),
}
