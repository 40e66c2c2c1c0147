"""Media types: what a body must be, and in which of the two an answer goes."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from server.refusals import BadRequest

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"

_UTF_8 = {"utf-8", "utf8", "us-ascii"}
_KNOWN = 256


class Media(NamedTuple):
    """What an answer is sent as."""

    type: str
    by_name: bool
    """The client asks for this very type."""

    @property
    def has_status(self) -> bool:
        """Whether a status says that a document was refused.

        GraphQL over HTTP has 200 for that in `application/json`. Who names no type, as curl does,
        is told by the status all the same.
        """
        return self.type == GRAPHQL_JSON or not self.by_name


@lru_cache(maxsize=_KNOWN)
def media_for(accept: str) -> Media:
    """The one that the client likes better; where neither is named, or liked, JSON."""
    liked = dict(_ranges(accept))
    graphql, json = liked.get(GRAPHQL_JSON, 0.0), liked.get(JSON, 0.0)
    if graphql and graphql >= json:
        return Media(GRAPHQL_JSON, by_name=True)
    return Media(JSON, by_name=bool(json))


@lru_cache(maxsize=_KNOWN)
def check_readable(content_type: str, encoding: str) -> None:
    """Raise BadRequest(415) unless a body is JSON in UTF-8, and not packed."""
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != JSON:
        raise BadRequest("Send the request as JSON, with Content-Type: application/json.", 415)
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in _UTF_8:
            raise BadRequest("Send the request in UTF-8: JSON has no other charset.", 415)
    if any(each.strip().lower() not in {"", "identity"} for each in encoding.split(",")):
        raise BadRequest("Send the request as it is: a Content-Encoding is not undone.", 415)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """The media ranges of an `Accept`, each with its quality."""
    for each in accept.split(","):
        kind, *parameters = each.split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                quality = _quality(value.strip())
        yield kind.strip().lower(), quality


def _quality(text: str) -> float:
    """0 for what is no number from 0 to 1."""
    whole, _, rest = text.partition(".")
    if whole not in {"0", "1"} or (rest and not rest.isdecimal()):
        return 0.0
    return min(float(f"{whole}.{rest or 0}"), 1.0)
