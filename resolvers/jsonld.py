"""JSON-LD as receipts write it: the context, and small nodes that stand in many places."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from policy.vocabulary import FOREVER, Label
from resolvers.terms import Status

Node: TypeAlias = dict[str, Any]

_IRI = {"@type": "@id"}
_INSTANT = {"@type": "xsd:dateTime"}
_BY_LANGUAGE = {"@container": "@language"}


def _coerced(how: Mapping[str, str], *names: str) -> Node:
    return {name: {"@id": name, **how} for name in names}


CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "legal-jp": "https://w3id.org/dpv/legal/jp#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sekisho": "urn:sekisho:",
    **_coerced(
        _IRI,
        *("dct:conformsTo", "dct:references", "dct:relation", "dct:requires", "skos:broader"),
        *("dpv:hasApplicableLaw", "dpv:hasDataController", "dpv:hasDataProcessor"),
        *("dpv:hasDataSubject", "dpv:hasLegalBasis", "dpv:hasNecessity", "dpv:hasNotice"),
        *("dpv:hasPersonalData", "dpv:hasProcessing", "dpv:hasPurpose", "dpv:hasRecipient"),
        *("dpv:hasResponsibleEntity", "dpv:hasService", "dpv:isExercisedAt", "dpv:isIndicatedBy"),
    ),
    **_coerced(_INSTANT, "dct:issued", "dpv:isIndicatedAtTime"),
    **_coerced(_BY_LANGUAGE, "dct:title", "dct:description", "dpv:hasName"),
}
"""Stands in every receipt, so that reading one fetches nothing."""


def entry(kind: str, *key: str) -> str:
    """The name of an entry of the catalogue; every receipt that speaks of it says this."""
    return ":".join(("sekisho", kind, *key))


def both(label: Label) -> Node:
    """A label in its languages."""
    return {"ja": label.ja, "en": label.en}


def instant(at: datetime) -> str:
    """ISO 8601 in UTC."""
    return at.isoformat().replace("+00:00", "Z")


def country(code: str) -> Node:
    """A country, by its ISO 3166 code."""
    return {"@type": "dpv:Country", "dct:identifier": code}


def until_event(label: Label) -> Node:
    """A duration that an event ends."""
    return {
        "@type": "dpv:UntilEventDuration",
        "rdf:value": label.en,
        "dct:description": both(label),
    }


def lasting(status: Status, valid_until: datetime) -> Node:
    """How long a state lasts: to the end of its term, if it has one."""
    if valid_until == FOREVER:
        return until_event(status.until)
    term = {"@type": "xsd:dateTime", "@value": instant(valid_until)}
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": term}


def once(names: Iterable[str]) -> list[str]:
    """Each name once, in this order."""
    return list(dict.fromkeys(names))
