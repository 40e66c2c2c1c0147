"""Heads, one after the other, held against the chain that they make; pure, whatever is stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec import DecodeError

from models.ledger_chain import NO_HEAD, Reached, head_digest, reached_by
from models.ledger_heads import Head
from models.types import instant

Raw = tuple[object, ...]
"""A stored row as the engine gives it: who edits a table may have put anything there."""


class Named(NamedTuple):
    """The link of an entry, as a head names it."""

    head: int
    link: bytes


@dataclass(slots=True)
class HeadWalk:
    """Takes the rows of heads in the order of their numbers, each held against the one before.

    It holds what the heads name, so it grows with the heads, not with the entries.
    """

    given: Head | None = None
    """The head that a witness holds."""
    number: int = 0
    """How many heads there are."""
    before: bytes | None = NO_HEAD
    """The digest of the last one; None where it is not there."""
    last: Head | None = None
    named: dict[int, dict[int, Named]] = field(default_factory=dict)
    """Segment → entry → its link, in the order of the heads."""

    @property
    def guaranteed(self) -> int:
        """The head up to which nothing can have changed: the given one, or else the last."""
        return self.given.number if self.given else self.number

    def take(self, rows: Iterable[Raw]) -> Iterator[str]:
        """What is wrong with the next rows: (number, at, body, digest)."""
        for number, at, body, digest in rows:
            when = instant_of(at)
            if not isinstance(number, int) or number <= self.number:
                yield f"head {self.number + 1}: another row stands in its place"
                continue
            if number > self.number + 1:
                yield f"head {self.number + 1}: is missing"
                self.before = None
            self.number = number
            if when is None or not isinstance(body, bytes) or not isinstance(digest, bytes):
                yield f"head {number}: cannot be read"
                self.before = None
                continue
            yield from self._head(Head(number, when, digest), body)
            self.before = digest

    def end(self) -> Iterator[str]:
        """What is wrong now that there are no more."""
        if self.given and self.number < self.given.number:
            yield f"head {self.number + 1}: is missing, though head {self.given.number} was given"

    def _head(self, head: Head, body: bytes) -> Iterator[str]:
        self.last = head
        if self.given and self.given.number == head.number and self.given != head:
            yield f"head {head.number}: is another than the one that was given"
        if self.before is not None and head.digest != head_digest(
            self.before, head.number, head.at, body
        ):
            yield f"head {head.number}: is not what was cut"
            return
        try:
            reached = reached_by(body)
        except DecodeError:
            yield f"head {head.number}: cannot be read"
        else:
            yield from self._keep(head.number, reached)

    def _keep(self, number: int, reached: Iterable[Reached]) -> Iterator[str]:
        """Keep what the head names. What one head has named, no later one names otherwise."""
        for segment, seq, link in reached:
            named = self.named.setdefault(segment, {})
            if seq <= max(named, default=0):
                yield f"head {number}: names segment {segment} again at entry {seq}"
            named.setdefault(seq, Named(number, link))


def instant_of(stored: object) -> datetime | None:
    """The instant that is stored; None for what is none."""
    try:
        return instant(stored) if isinstance(stored, int) else None
    except OverflowError:
        return None
