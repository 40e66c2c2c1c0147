"""Lists of the ledger, newest first: what is asked for, and a page of it with its cursors.

What comes while somebody pages on stands before the first page: it moves nothing.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
import strawberry

from models.types import microseconds
from policy.errors import ErrorCode, PrivacyError
from resolvers import cursors
from resolvers.context import Context
from resolvers.lists import MEMBERS_AT_MOST, page_size

COUNTED_AT_MOST = 10_000
"""Further on, nobody counts: the number is null."""
WORDS_AT_MOST = 100
"""In one list of a filter."""

Row = TypeVar("Row")
Given = Mapping[str, Any]
"""A filter's parts by name; what was left out or null is not in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One list, its filter, and where in it to begin."""

    name: str
    given: Given
    first: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is to begin, how long it is, and what its cursors are bound to."""

    context: Context
    bound: str
    size: int
    before: int | None

    @classmethod
    def of(cls, context: Context, asked: Asked) -> "Place":
        """Raise BAD_USER_INPUT for a size, BAD_CURSOR for a cursor that is not of this list."""
        size = page_size({} if asked.first is None else {"first": asked.first}, MEMBERS_AT_MOST)
        said = orjson.dumps(asked.given, default=_plain, option=orjson.OPT_SORT_KEYS)
        name = f"{asked.name} {hashlib.sha256(said).hexdigest()}"
        bound = cursors.bound_to(context, name)
        match cursors.open_position(context, bound, asked.after):
            case None:
                return cls(context, bound, size, None)
            case cursors.Position(values=(int(before),)):
                return cls(context, bound, size, before)
        raise NotImplementedError("a cursor of these lists holds one number")

    def cursor(self, number: int) -> str:
        return cursors.seal_position(self.context, self.bound, cursors.Position((number,), ""))


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Relay's."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge(Generic[Row]):
    """Relay's."""

    node: Row
    cursor: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Relay's connection. `count` is asked only where somebody wants to know."""

    edges: Sequence[Edge[Row]]
    page_info: PageInfo
    count: Callable[[], Awaitable[int | None]]

    @property
    def nodes(self) -> Sequence[Row]:
        return [edge.node for edge in self.edges]


async def total(root: strawberry.Parent[Page[Any]]) -> int | None:
    """Give how many there are."""
    return await root.count()


def page(
    place: Place,
    numbers: Sequence[int],
    rows: Sequence[Row],
    count: Callable[[], Awaitable[int | None]],
    looked_to: int | None = None,
) -> Page[Row]:
    """Give a page of the rows with these numbers; one number more tells that more follow.

    So does `looked_to`: the page ends there, since no more was looked into.
    """
    edges = [Edge(row, place.cursor(number)) for number, row in zip(numbers, rows, strict=False)]
    last = edges[-1].cursor if edges else None
    info = PageInfo(
        has_next_page=len(numbers) > place.size or looked_to is not None,
        has_previous_page=place.before is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=last if looked_to is None else place.cursor(looked_to),
    )
    return Page(edges, info, count)


def several(given: Given, name: str) -> frozenset[str] | None:
    """Read a list of words; None for none. Raises LIMIT_EXCEEDED and BAD_USER_INPUT."""
    words = given.get(name)
    if words is None:
        return None
    if len(words) > WORDS_AT_MOST:
        message = (
            f"A list in a filter holds at most {WORDS_AT_MOST} words; ask in several requests."
        )
        raise PrivacyError(ErrorCode.LIMIT_EXCEEDED, message)
    if any("\0" in word for word in words):  # PostgreSQL has no such text
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "A text in a filter must not contain U+0000.")
    return frozenset(words)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return microseconds(value)
    raise TypeError
