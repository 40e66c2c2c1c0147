"""Keyset cursors: sealed, bound to caller, purpose and connection, good for a day."""

from datetime import timedelta

from models.types import microseconds
from policy.errors import ErrorCode, PrivacyError
from resolvers.context import Context
from resolvers.seal import Unsealed

LIFE = timedelta(days=1)


def make_cursor(context: Context, connection: str, position: str) -> str:
    """Seal the position of a row in this connection as this caller sees it for this purpose."""
    expires = microseconds(context.asked_at + LIFE)
    return context.seal.make("cursor", _binding(context, connection), f"{expires} {position}")


def open_cursor(context: Context, connection: str, cursor: str | None) -> str:
    """Give the position back, "" for none. Raises BAD_CURSOR for any other text or a late one."""
    if cursor is None:
        return ""
    try:
        text = context.seal.open("cursor", _binding(context, connection), cursor)
    except Unsealed as fault:
        raise _refused() from fault
    expires, _, position = text.partition(" ")
    if int(expires) <= microseconds(context.asked_at):
        raise _refused()
    return position


def _binding(context: Context, connection: str) -> str:
    return "\0".join((context.requester.audience, context.purpose or "", connection))


def _refused() -> PrivacyError:
    return PrivacyError(
        ErrorCode.BAD_CURSOR,
        "This cursor was not made for you, this purpose and this list, or is older than a day; "
        "start again without `after`.",
    )
