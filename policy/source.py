"""The catalogue's files as plain values with their places, and findings about them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from policy.errors import StartUpError

Plain: TypeAlias = "str | Sequence[Plain] | Mapping[str, Plain]"
"""What is left of a node without its position: all scalars are text."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong at one place of the files, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}. {self.remedy}"


class SourceError(StartUpError):
    """Everything found wrong with what was written, in the order of files and lines."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(map(str, self.findings)))


class CatalogueError(SourceError):
    """Everything found wrong with the catalogue."""


@dataclass(frozen=True, slots=True)
class Node:
    """A text, a list or a mapping; what a mapping holds stands on the line of its key."""

    value: "str | tuple[Node, ...] | Mapping[str, Node]"
    file: str
    line: int

    def at(self, *path: str | int) -> "Node":
        """The node at this path below, or the last one on the way there that exists."""
        node = self
        for step in path:
            inner = node.value
            if isinstance(inner, Mapping) and step in inner:
                node = inner[str(step)]
            elif isinstance(inner, tuple) and isinstance(step, int):
                node = inner[step]
            else:
                return node
        return node

    def search(self, *path: str) -> "Iterator[Node]":
        """Every node at this path below, `*` standing for each element of a list."""
        if not path:
            yield self
        elif path[0] == "*" and isinstance(self.value, tuple):
            for element in self.value:
                yield from element.search(*path[1:])
        elif isinstance(self.value, Mapping) and path[0] in self.value:
            yield from self.value[path[0]].search(*path[1:])

    def finding(self, message: str, remedy: str) -> Finding:
        return Finding(self.file, self.line, message, remedy)

    def plain(self) -> Plain:
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, tuple):
            return [element.plain() for element in self.value]
        return {key: inner.plain() for key, inner in self.value.items()}


def node_of(plain: Plain, file: str, line: int = 1) -> Node:
    """A plain value as a node, all of it on one line."""
    if isinstance(plain, str):
        return Node(plain, file, line)
    if isinstance(plain, Mapping):
        return Node({key: node_of(inner, file, line) for key, inner in plain.items()}, file, line)
    return Node(tuple(node_of(element, file, line) for element in plain), file, line)


def content_of(files: Mapping[str, Node]) -> str:
    """The files as canonical JSON, without positions and comments: what is hashed."""
    plain = {name: node.plain() for name, node in files.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
