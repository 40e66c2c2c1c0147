"""What an HTTP request says: its headers, and the operation in its body or its address."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from policy.errors import ErrorCode
from server.operation import MAX_BODY
from server.purposes import HEADER
from server.question import Question, question_of
from server.refusals import BadRequest
from server.said import Said

_HEADERS = (
    *(b"authorization", HEADER.lower().encode(), b"sekisho-reference", b"sekisho-explain"),
    *(b"content-type", b"content-encoding", b"accept"),
)
"""Those that are read. ASGI has names in lower case."""
_PLACES = {name: place for place, name in enumerate(_HEADERS)}


BRACKETS_AT_MOST = 20_000
"""Each list and object of a JSON text costs as much to read as a hundred of its bytes."""


class Head(NamedTuple):
    """What the headers of a request say."""

    said: Said
    """Beside its operation."""
    content_type: str
    encoding: str
    """Of the body."""
    accept: str
    """A header that is there several times is a list."""


def head_of(scope: Scope) -> Head:
    """Read the headers of a request, all of them once."""
    found: tuple[list[str], ...] = ([], [], [], [], [], [], [])
    for name, value in scope["headers"]:
        place = _PLACES.get(name)
        if place is not None:
            found[place].append(value.decode("latin-1"))
    authorization, purposes, references, explain, types, encodings, accepted = found
    in_a_url = scope.get("method") == "GET"
    said = Said(authorization, purposes, references, explain, in_a_url)
    return Head(said, ", ".join(types), ", ".join(encodings), ", ".join(accepted))


async def body_of(receive: Receive, most: int) -> bytes:
    """The request's body, whole. Raises BadRequest if it is too long, ClientDisconnect."""
    parts, length, more = list[bytes](), 0, True
    while more:
        received = await receive()
        if received["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(received.get("body", b""))
        length += len(parts[-1])
        _check_length(length, most)
        more = received.get("more_body", False)
    return b"".join(parts)


def bounded(receive: Receive, most: int = MAX_BODY) -> Receive:
    """The request's body, as long as it is no longer than this many bytes."""
    length = 0

    async def receive_bounded() -> Message:
        nonlocal length
        received = await receive()
        length += len(received.get("body", b""))
        _check_length(length, most)
        return received

    return receive_bounded


def _check_length(length: int, most: int) -> None:
    if length > most:
        message = f"A request is at most {most:,} bytes long."
        raise BadRequest(message, 413, ErrorCode.LIMIT_EXCEEDED)


def asked_in_body(body: bytes) -> Question:
    """What the body of a POST request asks for."""
    if is_crowded(body):
        message = f"A request holds at most {BRACKETS_AT_MOST:,} brackets and braces."
        raise BadRequest(message, 400, ErrorCode.LIMIT_EXCEEDED)
    return question_of(object_of(body, "The body"))


def is_crowded(text: bytes) -> bool:
    """Whether a JSON text holds too many lists and objects to be read."""
    return text.count(b"[") + text.count(b"{") > BRACKETS_AT_MOST


def asked_in_url(params: Mapping[str, Any]) -> Question:
    """What the parameters of a GET request ask for."""
    return question_of(_from_query(params))


def _from_query(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a GET request; its objects are JSON texts."""
    asked = dict(params)
    for name in ("variables", "extensions"):
        if asked.get(name):
            asked[name] = object_of(asked[name], f"`{name}`")
        else:
            asked.pop(name, None)
    return asked


def object_of(text: str | bytes, what: str) -> Mapping[str, Any]:
    """The JSON object in a text. Raises BadRequest."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"{what} is not JSON.") from None
    if isinstance(value, list):
        raise BadRequest(f"{what} is a list: send one operation a request.")
    if not isinstance(value, dict):
        raise BadRequest(f"{what} must be a JSON object.")
    return value
