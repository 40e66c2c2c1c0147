"""Reads what the catalogue's words are called in DPV (seeds/dpv.yaml), strictly."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from policy.entries import label, trace
from policy.shape import (
    KEY_PATTERN,
    Optional,
    Reader,
    Reading,
    Unreadable,
    choice,
    listing,
    mapping,
    optional_list,
    pattern,
    record,
    text,
)
from policy.source import Node, SourceError
from policy.vocabulary import ConsentLevel, ConsentMode, ConsentState, Label
from resolvers.terms import Called, Kind, Said, Source, Status, Terms
from server.catalogue_files import nodes_of
from server.settings import CHECKOUT

TERMS = CHECKOUT / "seeds" / "dpv.yaml"
OPERATIONS = ("OWN", "PROVIDED", "ABROAD")
BASES_ABROAD = ("DESIGNATED", "MEASURES", "CONSENT", "UNKNOWN")

K = TypeVar("K", bound=str | Enum)
T = TypeVar("T")


class TermsError(SourceError):
    """Everything found wrong with the terms."""


def load_terms(path: Path = TERMS) -> Terms:
    """The terms in this file.

    Raises TermsError naming everything wrong, or CatalogueError if it is no YAML.
    """
    return _parsed(path.name, path.read_text("utf-8"))


@lru_cache(maxsize=4)
def _parsed(name: str, content: str) -> Terms:
    reading = Reading({})
    try:
        return _TERMS(nodes_of({name: content})[name], reading)
    except Unreadable:
        raise TermsError(reading.findings) from None


def _every(words: Iterable[K], keys: Reader[K], values: Reader[T]) -> Reader[Mapping[K, T]]:
    """A mapping in which each of these words stands."""
    table, wanted = mapping(keys, values), list(words)

    def read(node: Node, reading: Reading) -> Mapping[K, T]:
        found = table(node, reading)
        missing: list[str] = [
            getattr(word, "name", str(word)) for word in wanted if word not in found
        ]
        if missing:
            message = f"{', '.join(missing)} is missing"
            reading.refuse(node, message, "Say what it is called")
        return found

    return read


def _said(ja: str, en: str, trace: tuple[str, ...]) -> Said:
    return Said(Label(ja, en), trace)


_key = pattern(KEY_PATTERN, "an id of the catalogue")
_term = pattern(re.compile(r"(dpv|pd|legal-jp):[A-Za-z][A-Za-z-]*"), "a term with its prefix")
_terms = listing(_term, least=1)
_called = record(Called, terms=_terms, trace=trace, processing=optional_list(_term))
_sentence = record(_said, ja=text, en=text, trace=trace)
_LEVELS = [level for level in ConsentLevel if level >= ConsentLevel.DEEMED]

_TERMS = record(
    Terms,
    purposes=mapping(_key, _called),
    fields=mapping(_key, _called),
    sources=mapping(_key, record(Source, source=_term, processing=_terms, trace=trace)),
    sensitive=_called,
    operations=_every(OPERATIONS, _key, _called),
    levels=_every(_LEVELS, choice(ConsentLevel), _called),
    documents=_every(
        ConsentMode,
        choice(ConsentMode),
        record(Kind, notice=_term, necessity=Optional(_term, None), trace=trace),
    ),
    states=_every(
        ConsentState, choice(ConsentState), record(Status, status=_term, until=label, trace=trace)
    ),
    renewed=_called,
    contexts=mapping(_key, _sentence),
    abroad=_every(BASES_ABROAD, _key, _sentence),
    retention=_sentence,
    withdrawal=_sentence,
    rights=listing(_sentence, least=1),
    law=_called,
)
