"""What an HTTP request says: its headers, and the operation in its body or its address."""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.types import Message, Receive
from starlette.websockets import WebSocket
from strawberry.http import GraphQLRequestData

from policy.errors import ErrorCode
from server.operation import MAX_BODY, Said, shallow
from server.purposes import HEADER
from server.refusals import BadRequest

JSON = "application/json"

_HEADERS = (b"authorization", HEADER.lower().encode(), b"sekisho-reference", b"sekisho-explain")
"""What a request says beside its operation. ASGI has names in lower case."""

T = TypeVar("T")


def said_by(request: Request | WebSocket) -> Said:
    """What a request says beside its operation."""
    said: dict[bytes, list[str]] = {name: [] for name in _HEADERS}
    for name, value in request.scope["headers"]:
        if name in said:
            said[name].append(value.decode("latin-1"))
    authorization, purposes, references, explain = said.values()
    in_a_url = request.scope.get("method") == "GET"
    return Said(authorization, purposes, references, explain, in_a_url)


def bounded(receive: Receive) -> Receive:
    """The request's body, as long as it is no longer than it may be."""
    length = 0

    async def receive_bounded() -> Message:
        nonlocal length
        received = await receive()
        length += len(received.get("body", b""))
        if length > MAX_BODY:
            message = f"A request is at most {MAX_BODY} bytes long."
            raise BadRequest(message, 413, ErrorCode.LIMIT_EXCEEDED)
        return received

    return receive_bounded


def asked_in_body(content_type: str | None, body: bytes | str) -> GraphQLRequestData:
    """What the body of a POST request asks for."""
    if (content_type or "").partition(";")[0].strip().lower() != JSON:
        raise BadRequest("Send the request as JSON, with Content-Type: application/json.", 415)
    return _request(object_of(body, "The body"))


def asked_in_url(params: Mapping[str, Any]) -> GraphQLRequestData:
    """What the parameters of a GET request ask for."""
    return _request(_from_query(params))


def _request(asked: Mapping[str, Any]) -> GraphQLRequestData:
    return GraphQLRequestData(
        query=_of_type(asked, "query", str),
        variables=shallow(_of_type(asked, "variables", dict)),
        operation_name=_of_type(asked, "operationName", str),
        extensions=_of_type(asked, "extensions", dict),
    )


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


def _of_type(asked: Mapping[str, Any], name: str, wanted: type[T]) -> T | None:
    value = asked.get(name)
    if value is None or isinstance(value, wanted):
        return value
    what = "a string" if wanted is str else "an object"
    raise BadRequest(f"`{name}` must be {what} or null.")
