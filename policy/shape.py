"""Readers: small functions from a node to a value, put together into the shape of an entry."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Generic, NoReturn, TypeAlias, TypeVar

from policy.source import Finding, Node

T = TypeVar("T")
K = TypeVar("K")
E = TypeVar("E", bound=Enum)

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
DATE_PATTERN = re.compile(r"(19[7-9]\d|2\d{3})-\d{2}-\d{2}(T.+)?")


class Unreadable(Exception):
    """A node is not what its reader wants; the finding is already noted."""


class Refused(Exception):
    """What `make` of a record raises: parts that are right by themselves, but not together."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over the files: every id that exists, by kind, and what was found so far."""

    known: Mapping[str, Mapping[str, Node]]
    findings: list[Finding] = field(default_factory=list)

    def note(self, node: Node, message: str, remedy: str) -> None:
        self.findings.append(node.finding(message, remedy))

    def refuse(self, node: Node, message: str, remedy: str) -> NoReturn:
        self.note(node, message, remedy)
        raise Unreadable


Reader: TypeAlias = Callable[[Node, Reading], T]


@dataclass(frozen=True, slots=True)
class Optional(Generic[T]):
    """A reader for a key that may be absent."""

    reader: Reader[T]
    otherwise: T

    def __call__(self, node: Node, reading: Reading) -> T:
        return self.reader(node, reading)


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A value read, and where."""

    node: Node
    value: T


def text(node: Node, reading: Reading) -> str:
    if not isinstance(node.value, str):
        reading.refuse(node, "a text is wanted here", "Write one value, no list and no mapping")
    if not node.value.strip():
        reading.refuse(node, "nothing stands here", "Write the text, or leave the key out")
    return node.value


def pattern(wanted: re.Pattern[str], what: str) -> Reader[str]:
    """A text that matches as a whole."""

    def read(node: Node, reading: Reading) -> str:
        value = text(node, reading)
        if not wanted.fullmatch(value):
            reading.refuse(node, f"{value!r} is not {what}", f"It matches {wanted.pattern}")
        return value

    return read


key = pattern(KEY_PATTERN, "an id")


def flag(node: Node, reading: Reading) -> bool:
    value = text(node, reading)
    if value not in ("true", "false"):
        reading.refuse(node, f"{value!r} is neither true nor false", "Write true or false")
    return value == "true"


def whole(low: int, high: int) -> Reader[int]:
    """A whole number within bounds, both included."""

    def read(node: Node, reading: Reading) -> int:
        value = text(node, reading)
        if not re.fullmatch(r"-?\d+", value):
            reading.refuse(node, f"{value!r} is not a whole number", "Write digits only")
        if not low <= int(value) <= high:
            reading.refuse(node, f"{value} is outside {low}..{high}", "Choose a number within")
        return int(value)

    return read


def moment(node: Node, reading: Reading) -> datetime:
    """A day, which is its midnight in UTC, or an instant with its offset."""
    value = text(node, reading)
    try:
        at = datetime.fromisoformat(value) if DATE_PATTERN.fullmatch(value) else None
    except ValueError:
        at = None
    if at is None or ("T" in value and at.tzinfo is None):
        reading.refuse(
            node, f"{value!r} is not a date", "Write 2022-03-31, or 2022-03-31T09:00:00Z"
        )
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def choice(words: type[E]) -> Reader[E]:
    """One word of a closed list: the value of a word, the name of a level."""
    spelling = {str(word.value) if isinstance(word, str) else word.name: word for word in words}

    def read(node: Node, reading: Reading) -> E:
        value = text(node, reading)
        if value not in spelling:
            reading.refuse(
                node, f"{value!r} is no {words.__name__}", f"Write one of {', '.join(spelling)}"
            )
        return spelling[value]

    return read


def ref(*kinds: str) -> Reader[str]:
    """The id of an entry that exists."""

    def read(node: Node, reading: Reading) -> str:
        value = text(node, reading)
        if not any(value in reading.known[kind] for kind in kinds):
            names = " or ".join(kinds)
            reading.refuse(node, f"there is no {names} {value!r}", f"Name an existing {names}")
        return value

    return read


def blank_or(reader: Reader[str]) -> Reader[str]:
    """Like `reader`, but an empty text is the empty text."""
    return lambda node, reading: "" if node.value == "" else reader(node, reading)


def attempt(reader: Reader[T], node: Node, reading: Reading) -> tuple[T, ...]:
    """The one value, or none where the node is unreadable, which is noted."""
    try:
        return (reader(node, reading),)
    except Unreadable:
        return ()


def each(reader: Reader[T], nodes: Iterable[Node], reading: Reading) -> tuple[T, ...]:
    """All values, once every node has been read."""
    values = [attempt(reader, node, reading) for node in nodes]
    if not all(values):
        raise Unreadable
    return tuple(value for (value,) in values)


def listing(reader: Reader[T], least: int = 0) -> Reader[tuple[T, ...]]:
    """A list, each element by the same reader; no text stands there twice."""

    def read(node: Node, reading: Reading) -> tuple[T, ...]:
        if not isinstance(node.value, tuple):
            reading.refuse(node, "a list is wanted here", "Write [a, b] or one `- ` per element")
        if len(node.value) < least:
            reading.refuse(node, f"at least {least} must stand here", "Name what is missing")
        seen = set[str]()
        for element in node.value:
            if isinstance(element.value, str) and element.value in seen:
                reading.refuse(element, f"{element.value!r} stands here twice", "Remove one")
            seen |= {element.value} if isinstance(element.value, str) else set()
        return each(reader, node.value, reading)

    return read


def setting(reader: Reader[T]) -> Reader[frozenset[T]]:
    """A list whose order says nothing."""
    elements = listing(reader)
    return lambda node, reading: frozenset(elements(node, reading))


def optional_list(reader: Reader[T]) -> Optional[tuple[T, ...]]:
    return Optional(listing(reader), ())


def optional_set(reader: Reader[T]) -> Optional[frozenset[T]]:
    return Optional(setting(reader), frozenset())


def keyed(node: Node, reading: Reading) -> Mapping[str, Node]:
    if not isinstance(node.value, Mapping):
        reading.refuse(node, "a mapping is wanted here", "Write {key: value} or one key per line")
    return node.value


def mapping(keys: Reader[K], values: Reader[T]) -> Reader[dict[K, T]]:
    """A mapping from ids of one kind to values of one kind."""

    def read(node: Node, reading: Reading) -> dict[K, T]:
        inner = keyed(node, reading)
        names = [attempt(keys, Node(name, at.file, at.line), reading) for name, at in inner.items()]
        held = [attempt(values, at, reading) for at in inner.values()]
        if not all(names) or not all(held):
            raise Unreadable
        return {name: value for (name,), (value,) in zip(names, held, strict=True)}

    return read


def record(make: Callable[..., T], **readers: Reader[object]) -> Reader[T]:
    """A mapping of exactly these keys (`from_` reads `from`), made into a value by `make`.

    Every key is read before the first failure counts, so that one run finds everything.
    """
    wanted = {name.rstrip("_"): (name, reader) for name, reader in readers.items()}

    def read(node: Node, reading: Reading) -> T:
        inner = keyed(node, reading)
        before = len(reading.findings)
        for name, at in inner.items():
            if name not in wanted:
                reading.note(at, f"unknown key {name!r}", f"Known here: {', '.join(wanted)}")
        values: dict[str, object] = {}
        for name, (argument, reader) in wanted.items():
            if name in inner:
                values.update((argument, value) for value in attempt(reader, inner[name], reading))
            elif isinstance(reader, Optional):
                values[argument] = reader.otherwise
            else:
                reading.note(node, f"the key {name!r} is missing", "Add it to the entry")
        if len(reading.findings) > before:
            raise Unreadable
        try:
            return make(**values)
        except Refused as refused:
            reading.refuse(node, refused.message, refused.remedy)

    return read


def placed(reader: Reader[T]) -> Reader[Entry[T]]:
    """The value with the node it was read from."""
    return lambda node, reading: Entry(node, reader(node, reading))
