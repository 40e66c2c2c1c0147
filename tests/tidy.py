"""What every answer has to be, whatever came in: data, or errors with known codes in our words."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from policy.errors import ErrorCode

CODES = {*ErrorCode} - {ErrorCode.INTERNAL_SERVER_ERROR}
_STRAY = re.compile(
    r"Did you mean|Traceback|File \"|\bline \d+, in |\w+(Error|Exception)\b|object at 0x|<class |"
    r"\bNoneType\b|site-packages|asyncpg|sqlite|graphql[-.]core|strawberry",
    re.IGNORECASE,
)
"""What a server of Python might let slip."""


def untidy(status: int, body: str | bytes) -> str:
    """What is wrong with a response, in a sentence; empty if nothing is."""
    if status >= 500:
        return f"status {status}"
    try:
        answer: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "no JSON"
    if not isinstance(answer, dict) or ("errors" in answer) == ("data" in answer):
        return "neither data alone nor errors alone"
    return next(filter(None, map(untidy_error, answer.get("errors", ()))), "")


def untidy_error(error: Mapping[str, Any]) -> str:
    """What is wrong with one error."""
    code = error.get("extensions", {}).get("code")
    if code not in CODES:
        return f"code {code}"
    if not error["extensions"].get("correlationId"):
        return "no correlation id"
    found = _STRAY.search(error["message"])
    return f"it says {found[0]!r}" if found else ""
