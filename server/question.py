"""The operation that a request asks for, whichever way it came."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from server.refusals import BadRequest

_IDS = ("id", "doc_id")
"""As Relay's clients commonly call it; beside a text they are not read."""
_NAMING = {"documentId", *_IDS, "extensions"}
"""What may name a document."""
_SHA256 = "sha256:"
"""Before a hash, as the draft of GraphQL over HTTP has it."""

T = TypeVar("T")


class Question(NamedTuple):
    """An operation: a document, by its text or by its id, and what goes with it."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    document: str | None = None
    """Id or hash of a trusted document."""
    trusted: bool = False
    """Its document was found among the trusted ones."""


def question_of(asked: Mapping[str, Any]) -> Question:
    """What the members of a request ask for. Raises BadRequest."""
    query = of_type(asked, "query", str)
    variables = of_type(asked, "variables", dict)
    name = of_type(asked, "operationName", str)
    document = None if asked.keys().isdisjoint(_NAMING) else _one(_named(asked, query))
    return Question(query, variables, name, document)


def of_type(asked: Mapping[str, Any], name: str, wanted: type[T]) -> T | None:
    """A member of a request, which may be left out. Raises BadRequest for another type."""
    value = asked.get(name)
    if value is None or isinstance(value, wanted):
        return value
    what = "a string" if wanted is str else "an object"
    raise BadRequest(f"`{name}` must be {what} or null.")


def _named(asked: Mapping[str, Any], query: str | None) -> Iterator[str]:
    """The document's id or hash, in all the ways in which clients name one."""
    for name in ("documentId", *(() if query else _IDS)):
        if id_ := of_type(asked, name, str):
            yield id_.removeprefix(_SHA256)
    persisted = of_type(of_type(asked, "extensions", dict) or {}, "persistedQuery", dict)
    if persisted is not None:
        hash_ = persisted.get("sha256Hash")
        if persisted.get("version") != 1 or not isinstance(hash_, str):
            raise BadRequest('`persistedQuery` is {"version": 1, "sha256Hash": "…"}.')
        yield hash_


def _one(named: Iterable[str]) -> str | None:
    found = {*named}
    if len(found) > 1:
        raise BadRequest("The request names more than one document.")
    return found.pop() if found else None
