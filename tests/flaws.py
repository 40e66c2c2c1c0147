"""Flaws made on purpose in the real catalogue, and what is found of them."""

from dataclasses import dataclass
from functools import cache

import pytest

from policy.parse import parse
from policy.source import CatalogueError, Finding, Node
from server.catalogue_files import nodes_of, texts_of
from tests.real import ROOT

HERE = "▶"
"""Opens a line that a finding must name."""


@dataclass(frozen=True)
class Flaw:
    """A change to one of the real files, and what must be said about it; nothing if it is right."""

    file: str
    find: str
    put: str
    message: str = ""


@cache
def texts() -> dict[str, str]:
    return texts_of(ROOT / "seeds" / "catalogue")


@cache
def nodes() -> dict[str, Node]:
    """The real files, without a flaw."""
    return nodes_of(texts())


def spoilt(*flaws: Flaw) -> tuple[dict[str, Node], list[tuple[str, int, str]]]:
    """The real files with these flaws, and where which findings must be, in order."""
    changed: dict[str, str] = {}
    for flaw in flaws:
        text = changed.get(flaw.file, texts()[flaw.file])
        assert flaw.find in text, "the flaw is to be made on a text that is not there"
        changed[flaw.file] = text.replace(flaw.find, flaw.put, 1)
    wanted = [
        (flaw.file, text.count("\n", 0, text.index(HERE)) + 1 if HERE in text else 1, flaw.message)
        for flaw in flaws
        if flaw.message
        for text in [texts()[flaw.file].replace(flaw.find, flaw.put, 1)]
    ]
    plain = {file: text.replace(HERE, "") for file, text in changed.items()}
    return nodes() | nodes_of(plain), sorted(wanted)


def findings(files: dict[str, Node], numbers: dict[str, int] | None = None) -> tuple[Finding, ...]:
    """Everything found wrong with these files."""
    with pytest.raises(CatalogueError) as caught:
        parse(files, numbers)
    return caught.value.findings


def places(found: tuple[Finding, ...]) -> list[tuple[str, int, str]]:
    return [(finding.file, finding.line, finding.message) for finding in found]
