"""The folder of catalogue files: YAML read without its cleverness, each value with its line."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from policy.catalogue import Catalogue
from policy.parse import parse
from policy.source import CatalogueError, Finding, Node

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar is text; libyaml reads ten times faster where PyYAML has it."""


def load_catalogue(folder: Path, numbers: Mapping[str, int] | None = None) -> Catalogue:
    """The catalogue in this folder, held against the numbers that stored ones gave.

    Raises CatalogueError: everything that is wrong, with file, line and remedy.
    """
    given = None if numbers is None else tuple(sorted(numbers.items()))
    return _parsed(tuple(sorted(texts_of(folder).items())), given)


def catalogue_of(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue that these texts of files state; raises CatalogueError."""
    return _parsed(tuple(sorted(texts.items())), None)


@lru_cache(maxsize=8)
def _parsed(
    texts: tuple[tuple[str, str], ...], numbers: tuple[tuple[str, int], ...] | None
) -> Catalogue:
    """Applications of one process share a catalogue, and what is worked out for it."""
    return parse(nodes_of(dict(texts)), None if numbers is None else dict(numbers))


def texts_of(folder: Path) -> dict[str, str]:
    """File name → text, of every YAML file in the folder; raises CatalogueError."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}
    findings: list[Finding] = []
    texts: dict[str, str] = {}
    for file, content in contents.items():
        try:
            texts[file] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            findings.append(Finding(file, line, "this is not UTF-8", "Save the file as UTF-8"))
    if findings:
        raise CatalogueError(findings)
    return texts


def nodes_of(texts: Mapping[str, str]) -> dict[str, Node]:
    """File name → what its text says; raises CatalogueError."""
    findings: list[Finding] = []
    files = {file: _read(file, text, findings) for file, text in texts.items()}
    if findings:
        raise CatalogueError(findings)
    return files


def _read(file: str, text: str, findings: list[Finding]) -> Node:
    try:
        clever = list(_clever(file, text))
        root = None if clever else yaml.compose(text, Loader=LOADER)
    except (yaml.MarkedYAMLError, ReaderError) as error:
        root, clever = None, [_not_yaml(file, text, error)]
    findings.extend(clever)
    return _node(root, file, 1, findings) if root else Node({}, file, 1)


def _not_yaml(file: str, text: str, error: yaml.MarkedYAMLError | ReaderError) -> Finding:
    if isinstance(error, ReaderError):
        position, what = error.position, "a character that no text holds"
    else:
        position = error.problem_mark.index if error.problem_mark else 0
        what = str(error.problem)
    line = text.count("\n", 0, position) + 1
    return Finding(file, line, f"this is not YAML: {what}", "Mend it here or just above")


def _clever(file: str, text: str) -> Iterator[Finding]:
    """Anchors, aliases and tags: what stands here must be what is meant."""
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None):
            yield Finding(file, line, "anchors and aliases are not read", "Write the value out")
        if getattr(event, "tag", None):
            yield Finding(file, line, "tags are not read", "Write the value without `!`")


def _node(node: yaml.Node, file: str, line: int, findings: list[Finding]) -> Node:
    if isinstance(node, yaml.ScalarNode):
        return Node(node.value, file, line)
    if isinstance(node, yaml.SequenceNode):
        elements = (_node(at, file, at.start_mark.line + 1, findings) for at in node.value)
        return Node(tuple(elements), file, line)
    inner: dict[str, Node] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            findings.append(Finding(file, at, "a key is no text", "Write a plain key"))
        elif key.value in inner:
            message = f"the key {key.value!r} stands here twice"
            findings.append(Finding(file, at, message, "Remove one"))
        else:
            inner[key.value] = _node(value, file, at, findings)
    return Node(inner, file, line)
