"""What clients say over a WebSocket, and how each message has to look."""

from collections.abc import Mapping
from typing import Any

from server.question import Question, question_of
from server.refusals import BadRequest
from server.said import Said

_MAX_ID = 200


def said_of(payload: Mapping[str, Any]) -> Said:
    """What the connection says of all its operations. Raises BadRequest."""
    given = {name: payload.get(name) for name in ("authorization", "purpose", "reference")}
    for name, value in given.items():
        if not isinstance(value, str | None):
            raise BadRequest(f"`{name}` must be a string.")
    authorization, purposes, references = (
        [] if value is None else [value] for value in given.values()
    )
    return Said(authorization, purposes, references)


def malformed(message: object) -> str:
    """What is wrong with a message, in words of our own; empty if nothing is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is an object with a type"
    if message["type"] == "connection_init":
        if not isinstance(message.get("payload"), dict | None):
            return "Invalid connection init payload"
        return ""
    if message["type"] not in {"subscribe", "complete"}:
        return "" if message["type"] in {"ping", "pong"} else "Unknown message type"
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= _MAX_ID:
        return f"An id is a string of at most {_MAX_ID} characters"
    if message["type"] == "subscribe" and not _operation(message.get("payload")):
        return "Invalid operation"
    return ""


def _operation(payload: object) -> bool:
    """Whether a payload asks for an operation, in members of the types that they have to have."""
    try:
        asked = question_of(payload) if isinstance(payload, dict) else Question(None, None, None)
    except BadRequest:
        return False
    return asked.query is not None or asked.document is not None
