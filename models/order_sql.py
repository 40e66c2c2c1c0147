"""The SQL of an order: redacted values, null last both ways, then the key; and places in it.

A listing in an order is read in segments that an index can serve: first where the first sort's
value is open and given, then, of the rest, where the second's is, and so on; last by key alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, and_, bindparam, false, or_, true

from models.condition_sql import Bool
from models.criteria import Every, Filter, Leaf, Listing, Nulls, Op
from models.types import TEXT

Value = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Ordered:
    """The redacted values that entries are sorted by, from sort number `first` on, and their key.

    `first` is 0 where nothing is known; in a segment the sorts before it are null, and it itself is
    given.
    """

    listing: Listing
    values: Sequence[Value]
    key: Value
    first: int = 0
    given: bool = False

    def order(self) -> Iterator[Value]:
        """Say how the entries are sorted."""
        for number in range(self.first, len(self.values)):
            value, descending = self.values[number], self.listing.order[number].descending
            if not (self.given and number == self.first):
                yield _directed(value.is_(None), descending=self.listing.backward)
            yield _directed(value, descending=descending != self.listing.backward)
        yield _directed(self.key, descending=self.listing.backward)

    def within(self) -> Bool:
        """Whether an entry lies behind `after` and before `before`."""
        listing = self.listing
        bounds: list[Bool] = [true()]
        if listing.after is not None:
            bounds.append(self._beyond("after", listing.after, self.first))
        if listing.before is not None:
            bounds.append(self._beyond("before", listing.before, self.first))
        return and_(*bounds)

    def _beyond(self, end: str, nulls: Nulls, number: int) -> Bool:
        """Whether an entry lies on the far side of a position, where the sorts so far tie."""
        behind = end == "after"
        if number == len(self.values):
            key = bindparam(f"{self.listing.prefix}{end}_key", type_=TEXT)
            return self.key > key if behind else self.key < key
        value, further = self.values[number], self._beyond(end, nulls, number + 1)
        given = self.given and number == self.first
        if nulls[number]:
            tied = and_(value.is_(None), further)
            return tied if behind else or_(value.is_not(None), tied)
        name = f"{self.listing.prefix}{end}_{number}"
        bound: BindParameter[Any] = bindparam(name, type_=value.type)
        upward = behind != self.listing.order[number].descending
        beyond = value > bound if upward else value < bound
        if given:  # a range first, which an index can serve
            at_least = value >= bound if upward else value <= bound
            return and_(at_least, or_(beyond, further))
        last = [value.is_(None)] if behind else []
        return or_(beyond, *last, and_(value == bound, further))

    def positioned(self) -> Bool:
        """As `within`, in a segment: where its place among the segments may settle it."""
        bounds: list[Bool] = [true()]
        for end, nulls in (("after", self.listing.after), ("before", self.listing.before)):
            if nulls is None:
                continue
            at = _first_given(nulls)
            if at == self.first:
                bounds.append(self._beyond(end, nulls, self.first))
            elif (self.first < at) == (end == "after"):
                bounds.append(false())
        return and_(*bounds)


def limit_of(listing: Listing) -> ColumnElement[int]:
    """Give the number of entries at most, as it is bound."""
    return bindparam(listing.limit, type_=BigInteger())


def segments(listing: Listing) -> Sequence[tuple[int, Filter]]:
    """Give, in the order in which they are read, each segment's number and what tells it."""
    paths = [sort.path for sort in listing.order]
    found = []
    for number in range(len(paths) + 1):
        missing = (Leaf(path, Op.IS_NULL) for path in paths[:number])
        given = (Leaf(path, Op.NOT_NULL) for path in paths[number : number + 1])
        found.append((number, Every((*missing, *given))))
    return found[::-1] if listing.backward else found


def _first_given(nulls: Nulls) -> int:
    return next((number for number, null in enumerate(nulls) if not null), len(nulls))


def _directed(value: Value, *, descending: bool) -> Value:
    return value.desc() if descending else value.asc()
