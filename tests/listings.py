"""Lists, naively: each entry filtered, sorted and counted by what of it is open to one caller."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from models.criteria import Either, Every, Filter, Leaf, Listing, Not, Op, SomeRow, Sort

Operands = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A member or row as one caller sees it: its open values, none of them null, and its rows."""

    key: str
    values: Mapping[str, Any]
    opened_by: Mapping[str, int | None]
    rows: Mapping[str, Sequence["Entry"]] = field(default_factory=dict)

    @property
    def openers(self) -> frozenset[int]:
        """The provisions that open something of it; none: it is hidden."""
        return frozenset(number for number in self.opened_by.values() if number is not None)


@dataclass(frozen=True)
class Position:
    """A place in an order: the values it sorts by, and the key."""

    values: tuple[Any, ...]
    key: str


COMPARED: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda value, operand: value == operand,
    Op.NE: lambda value, operand: value != operand,
    Op.IN: lambda value, operand: value in operand,
    Op.NOT_IN: lambda value, operand: value not in operand,
    Op.IS_NULL: lambda value, _: value is None,
    Op.NOT_NULL: lambda value, _: value is not None,
    Op.CONTAINS: lambda value, operand: operand in value,
    Op.STARTS_WITH: lambda value, operand: value.startswith(operand),
    Op.LT: lambda value, operand: value < operand,
    Op.LTE: lambda value, operand: value <= operand,
    Op.GT: lambda value, operand: value > operand,
    Op.GTE: lambda value, operand: value >= operand,
}
OF_NOTHING = {Op.NE, Op.NOT_IN, Op.IS_NULL}
"""What holds of a missing value, and so of a withheld one."""


def passes(entry: Entry, where: Filter, operands: Operands) -> bool:
    match where:
        case Leaf(path, op, operand):
            if path not in entry.values:
                return op in OF_NOTHING
            return COMPARED[op](entry.values[path], operands.get(operand))
        case Every(parts):
            return all(passes(entry, part, operands) for part in parts)
        case Either(parts):
            return any(passes(entry, part, operands) for part in parts)
        case Not(part):
            return not passes(entry, part, operands)
        case SomeRow():
            return bool(meeting(entry, where, operands))


def meeting(member: Entry, some: SomeRow, operands: Operands) -> Sequence[Entry]:
    """The open rows that a condition on rows is about."""
    return [row for row in member.rows[some.relation] if passes(row, some.of, operands)]


def conditions(where: Filter) -> Iterator[SomeRow]:
    """The conditions on rows, in the order in which they stand."""
    match where:
        case SomeRow():
            yield where
        case Every(parts) | Either(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)


def position(entry: Entry, order: Sequence[Sort]) -> Position:
    return Position(tuple(entry.values.get(sort.path) for sort in order), entry.key)


def compare(one: Position, other: Position, order: Sequence[Sort]) -> int:
    """Below 0 if `one` comes first: by value, null last; ties by key."""
    for sort, a, b in zip(order, one.values, other.values, strict=True):
        if a != b:
            if a is None or b is None:
                return 1 if a is None else -1
            return -1 if (a < b) != sort.descending else 1
    return (one.key > other.key) - (one.key < other.key)


def listed(
    entries: Sequence[Entry],
    listing: Listing,
    operands: Operands,
    after: Position | None = None,
    before: Position | None = None,
) -> Sequence[Entry]:
    """All that a listing holds between two positions, in the order in which it is read."""

    def between(place: Position) -> bool:
        behind = after is None or compare(after, place, listing.order) < 0
        return behind and (before is None or compare(place, before, listing.order) < 0)

    def rank(one: Entry, other: Entry) -> int:
        places = position(one, listing.order), position(other, listing.order)
        return compare(*places, listing.order)

    found = [
        entry
        for entry in entries
        if passes(entry, listing.where, operands) and between(position(entry, listing.order))
    ]
    return sorted(found, key=cmp_to_key(rank), reverse=listing.backward)
