"""Consent receipts in tests: issued without a server, and read by a JSON-LD processor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pyld import jsonld  # type: ignore[import-untyped]

from policy.catalogue import Catalogue
from policy.events import Event
from policy.grant import Grants
from resolvers.consents import consents
from resolvers.receipt_record import Desk
from resolvers.receipts import issued
from resolvers.seal import Seal
from tests.real import CATALOGUE, TERMS

DPV, DCT = "https://w3id.org/dpv#", "http://purl.org/dc/terms/"
SEAL = Seal((b"0" * 32,))
MEMBER = "the-members-own-key"

Node = Mapping[str, Any]


def _fetch(address: str, _options: object) -> None:
    raise AssertionError(f"reading a receipt fetched {address}")


jsonld.set_document_loader(_fetch)


def record(
    item: str, *events: Event, at: datetime, catalogue: Catalogue = CATALOGUE
) -> dict[str, Any]:
    """Issue the receipt of one item to a member to whom this happened."""
    since = Grants(catalogue).epoch(at)[0]
    desk = Desk(catalogue, TERMS, SEAL, at, since, "decision")
    found = next(each for each in consents(catalogue, events, at) if each.item.key == item)
    told = replace(found, member=MEMBER, audience=f"member:{MEMBER}")
    return dict(issued(desk, told).record)


def expanded(receipt: Node) -> list[Any]:
    found: list[Any] = jsonld.expand(receipt)
    return found


def compacted(receipt: Node) -> dict[str, Any]:
    """What a processor makes of it that expands it, and compacts it by its own context."""
    found: dict[str, Any] = jsonld.compact(expanded(receipt), {"@context": receipt["@context"]})
    return found


def canonical(receipt: Node) -> str:
    """Every statement that it makes, in a fixed order."""
    found: str = jsonld.normalize(
        receipt, {"algorithm": "URDNA2015", "format": "application/n-quads"}
    )
    return found


def plain(value: Any) -> Any:
    """The same with each list of one as that one: compaction makes no difference between them."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return plain(value[0]) if len(value) == 1 else [plain(each) for each in value]
    return value


def names(value: Any) -> Iterator[str]:
    """Every name that an expanded receipt uses: of properties, types and things."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            if key in {"@id", "@type"}:
                yield from [each] if isinstance(each, str) else each
            elif key != "@value":
                yield from names(each)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)


def consent_record(receipt: Node) -> dict[str, Any]:
    """The record within, its references followed: nested where the receipt only names."""
    part: dict[str, Any] = receipt["dct:hasPart"]
    known = {
        each["@id"]: each
        for each in (*part["@included"], *part["dpv:hasEntity"], *part["dpv:hasNotice"])
    }
    followed: dict[str, Any] = _followed({k: v for k, v in part.items() if k != "@included"}, known)
    return followed


def _followed(value: Any, known: Mapping[str, Node]) -> Any:
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, Mapping):
        return {k: v if k == "@id" else _followed(v, known) for k, v in value.items()}
    return [_followed(each, known) for each in value] if isinstance(value, list) else value


def processes(of: Node) -> Iterator[dict[str, Any]]:
    """Every process, with what it has from the one it stands in."""
    for each in of["dpv:hasProcess"]:
        inner = each.get("dpv:hasProcess", ())
        outer = {key: value for key, value in each.items() if key != "dpv:hasProcess"}
        yield from [{**outer, **below} for below in inner] or [outer]


def keys(nodes: Sequence[Node]) -> list[str]:
    return [each["dct:identifier"] for each in nodes]
