"""Lists, naively: entries filtered, sorted and counted in Python by what of them is open."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from models.tables import RELATIONS
from policy.errors import ErrorCode
from tests.oracle_sight import PATHS, Reader

Given = Mapping[str, Any]
"""Arguments or an input, as GraphQL coerced them: what was left out is not in it."""
AT_MOST = {"": 100}
ROWS_AT_MOST = 50


class Refused(Exception):
    """What is asked is refused with this code, whoever it is about."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Entry:
    """One entry of a list as its reader sees it."""

    key: str
    values: Mapping[str, Any]
    """Field of it → value; what is missing or withheld is not in it."""
    rows: Mapping[str, Sequence["Entry"]] = field(default_factory=dict)
    """Of a member: relation → the open rows."""
    shown: Any = None
    """What the fields below it are read from."""


@dataclass(frozen=True)
class Place:
    """Where an entry stands: the values that it is sorted by, then its key."""

    values: tuple[Any, ...]
    key: str


@dataclass(frozen=True)
class Listing:
    """What was asked for: which entries, in which order, between which places, how many."""

    relation: str
    where: Given
    order: Sequence[tuple[str, bool]] = ()
    """(path, descending)"""
    size: int = 20
    backward: bool = False
    after: Place | None = None
    before: Place | None = None
    name: str = ""
    """What its cursors are good for."""

    def place(self, entry: Entry) -> Place:
        names = (path.rpartition(".")[2] for path, _ in self.order)
        return Place(tuple(map(entry.values.get, names)), entry.key)

    def compare(self, one: Place, other: Place) -> int:
        """Below 0 if `one` comes first: null last both ways, ties by key."""
        for (_, descending), a, b in zip(self.order, one.values, other.values, strict=True):
            if a != b:
                if a is None or b is None:
                    return 1 if a is None else -1
                return -1 if (a < b) is not descending else 1
        return (one.key > other.key) - (one.key < other.key)

    def within(self, entry: Entry) -> bool:
        at = self.place(entry)
        behind = self.after is None or self.compare(self.after, at) < 0
        return behind and (self.before is None or self.compare(at, self.before) < 0)


@dataclass(frozen=True)
class Page:
    """The entries shown, and all there is to tell of where they stand."""

    listing: Listing
    entries: Sequence[Entry]
    more: bool
    total: int

    @property
    def has_next(self) -> bool:
        return self.listing.before is not None or (self.more and not self.listing.backward)

    @property
    def has_previous(self) -> bool:
        return self.listing.after is not None or (self.more and self.listing.backward)


def page_of(listing: Listing, entries: Sequence[Entry]) -> Page:
    passing = [entry for entry in entries if passes(entry, listing.where)]
    rank = cmp_to_key(listing.compare)
    found = sorted(filter(listing.within, passing), key=lambda entry: rank(listing.place(entry)))
    size = listing.size
    shown = found[-size:] if listing.backward else found[:size]
    return Page(listing, shown, len(found) > size, len(passing))


def passes(entry: Entry, given: Given) -> bool:
    """Whether all of an input holds of the entry."""
    return all(_holds(entry, name, part) for name, part in given.items())


def _holds(entry: Entry, name: str, part: Any) -> bool:
    match name:
        case "and":
            return all(passes(entry, each) for each in part)
        case "or":
            return any(passes(entry, each) for each in part)
        case "not":
            return not passes(entry, part)
        case _ if name in entry.rows:
            found = {
                word: any(passes(r, of) for r in entry.rows[name]) for word, of in part.items()
            }
            return found.get("some", True) and not found.get("none", False)
        case _:
            value = entry.values.get(name)
            return all(_compared(value, word, operand) for word, operand in part.items())


COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "contains": lambda value, operand: operand in value,
    "startsWith": lambda value, operand: value.startswith(operand),
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
}
NEGATED = {"ne": "eq", "notIn": "in"}


def _compared(value: Any, word: str, operand: Any) -> bool:
    """Two-valued: what is missing satisfies only `isNull: true` and negations."""
    if word == "isNull":
        return (value is None) is operand
    if word in NEGATED:
        return not _compared(value, NEGATED[word], operand)
    return value is not None and COMPARED[word](value, bare(operand))


def bare(value: Any) -> Any:
    """An enum's word, which GraphQL hands on in its class."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    return getattr(value, "value", value)


def check_filter(reader: Reader, relation: str, given: Given | None) -> None:
    """Raise Refused for what holds a null, compares with nothing, or looks where never to look."""
    if given is not None:
        _check_input(relation, given)
        _check_looks(reader, looks_at(relation, given))


def check_looks(reader: Reader, order: Sequence[tuple[str, bool]]) -> None:
    """Raise Refused for an order by too much, or by what is never open."""
    if len(order) > 3 or len({path for path, _ in order}) < len(order):
        raise Refused(ErrorCode.BAD_USER_INPUT)
    _check_looks(reader, [(path,) for path, _ in order])


def size_of(relation: str, given: Given) -> int:
    sizes: list[int] = [given[name] for name in ("first", "last") if given.get(name) is not None]
    if len(sizes) > 1 or not 1 <= (sizes or [20])[0] <= AT_MOST.get(relation, ROWS_AT_MOST):
        raise Refused(ErrorCode.BAD_USER_INPUT)
    return (sizes or [20])[0]


def looks_at(relation: str, given: Given) -> Iterator[Sequence[str]]:
    """What a filter looks at: fields, and lists with all the fields of their rows."""
    for name, part in given.items():
        match name:
            case "and" | "or":
                for each in part:
                    yield from looks_at(relation, each)
            case "not":
                yield from looks_at(relation, part)
            case _ if relation == "" and name in RELATIONS:
                for each in part.values():
                    yield PATHS[name]
                    yield from looks_at(name, each)
            case _:
                yield (f"{relation}.{name}" if relation else name,)


def _check_looks(reader: Reader, looked: Sequence[Sequence[str]] | Iterator[Sequence[str]]) -> None:
    if any(reader.never(*paths) for paths in looked):
        raise Refused(ErrorCode.FIELD_NEVER_OPEN)


def _check_input(relation: str, given: Any) -> None:
    if given is None:
        raise Refused(ErrorCode.BAD_USER_INPUT)
    for name, part in given.items():
        rows = relation == "" and name in RELATIONS
        for each in part if name in {"and", "or"} and part is not None else [part]:
            if rows and each is not None:
                for below in each.values():
                    _check_input(name, below)
            elif name in {"and", "or", "not"} or each is None:
                _check_input(relation, each)
            else:
                _check_operators(each)


def _check_operators(given: Given) -> None:
    operands = [v for each in given.values() for v in (each if isinstance(each, list) else [each])]
    odd = any(each is None or (isinstance(each, str) and "\0" in each) for each in operands)
    if not given or odd:
        raise Refused(ErrorCode.BAD_USER_INPUT)
