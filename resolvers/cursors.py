"""Keyset cursors: sealed, bound to caller, purpose, list, filter and order, good for a day.

A cursor holds the redacted values its entry is sorted by, never those of the row itself: a later
page depends on the request and on what is visible then.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import orjson

from models.types import instant, microseconds
from policy.errors import ErrorCode, PrivacyError
from resolvers.context import Context
from resolvers.eyes import Eyes
from resolvers.seal import Unsealed

LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Position:
    """Where an entry stands: the values it is sorted by (None: missing or withheld), its key."""

    values: tuple[object, ...]
    key: str


def make_cursor(context: Context, eyes: Eyes, listed: str, position: Position) -> str:
    """Seal a position in this list, named with its filter and order, as these eyes see it."""
    return seal_position(context, _audience(eyes, listed), position)


def open_cursor(context: Context, eyes: Eyes, listed: str, cursor: str | None) -> Position | None:
    """Give the position back, None for none. Raises BAD_CURSOR for another text or a late one."""
    return open_position(context, _audience(eyes, listed), cursor)


def bound_to(context: Context, listed: str) -> str:
    """Give what the cursors of a list are bound to that is read through nobody's eyes."""
    return f"{context.requester.audience}\0{context.purpose or ''}\0{listed}"


def seal_position(context: Context, bound: str, position: Position) -> str:
    """Seal a position for whom and for what it is bound to."""
    expires = microseconds(context.asked_at + LIFE)
    text = orjson.dumps([expires, position.key, *map(_plain, position.values)]).decode()
    return context.seal.make("cursor", bound, text)


def open_position(context: Context, bound: str, cursor: str | None) -> Position | None:
    """Give the position back, None for none. Raises BAD_CURSOR for another text or a late one."""
    if cursor is None:
        return None
    try:
        text = context.seal.open("cursor", bound, cursor)
    except Unsealed as fault:
        raise _refused() from fault
    expires, key, *values = orjson.loads(text)
    if expires <= microseconds(context.asked_at):
        raise _refused()
    return Position(tuple(map(_value, values)), key)


def _audience(eyes: Eyes, listed: str) -> str:
    return f"{eyes.audience}\0{eyes.view.purpose}\0{listed}"


def _plain(value: object) -> object:
    """Give a value as JSON can hold it: days and instants with their kind."""
    if isinstance(value, datetime):
        return ["instant", microseconds(value)]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    return value


def _value(plain: object) -> object:
    match plain:
        case ["instant", int(number)]:
            return instant(number)
        case ["day", str(text)]:
            return date.fromisoformat(text)
        case _:
            return plain


def _refused() -> PrivacyError:
    return PrivacyError(
        ErrorCode.BAD_CURSOR,
        "This cursor was not made for you, this purpose, this list, its filter and its order, or "
        "is older than a day; start again without `after` and `before`.",
    )
