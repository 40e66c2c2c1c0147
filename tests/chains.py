"""A small ledger as rows, for whoever tampers with it: three segments and two heads.

Head 1 was cut when segment 1 was full and segment 2 was not; segment 3 was opened after it. Head 2
names the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from models import ledger_chain as chain
from models.disclosure import SELF_ACCESS, Disclosure, Entry, MemberDisclosure, Opened, Use
from models.entry_form import encode
from models.head_walk import HeadWalk
from models.ledger_heads import Head
from models.ledger_walk import LedgerWalk
from models.purge_walk import PurgeWalk
from models.types import instant, microseconds
from tests.clock import START

Row = tuple[Any, ...]
ENTRIES = 3
"""In each segment."""


@dataclass(frozen=True, slots=True)
class Chain:
    """All rows, each column in the order in which a walk takes it."""

    heads: tuple[Row, ...]
    segments: tuple[Row, ...]
    entries: tuple[Row, ...]

    def head(self, number: int) -> Head:
        """What the witness was given."""
        _, at, _, digest = self.heads[number - 1]
        return Head(number, instant(at), digest)


def entry(number: int) -> Entry:
    """A member's own read, about as short as an entry can be."""
    items = {("fullName", Use.SELECT): frozenset({Opened(SELF_ACCESS)})}
    told = Disclosure(members={"m1": MemberDisclosure.of(number, items)})
    at = START + timedelta(seconds=number)
    return Entry(f"d{number}", None, None, "member", "m1", "own", None, at, "v", (told,))


def written() -> Chain:
    """The ledger, untouched."""
    segments = tuple(
        (number, "2026-06", microseconds(START), int(number == 3)) for number in (1, 2, 3)
    )
    entries = tuple(
        (number, seq, bytes([number, seq] * 8), encode(entry(10 * number + seq)), b"")
        for number in (1, 2, 3)
        for seq in range(1, ENTRIES + 1)
    )
    reached = [((1, 3), (2, 2)), ((2, 3), (3, 3))]
    heads = tuple(
        (
            number,
            microseconds(START),
            chain.head_body([chain.Reached(*at, b"") for at in each]),
            b"",
        )
        for number, each in enumerate(reached, 1)
    )
    return made_anew(Chain(heads, segments, entries))


def made_anew(altered: Chain, after: int = 0) -> Chain:
    """The same rows with all links made to fit, and the heads after a number: a thorough hand."""
    entries = tuple(_relinked(altered))
    links = {(segment, seq): link for segment, seq, _, _, link in entries}
    heads, before = list[Row](), chain.NO_HEAD
    for number, at, body, digest in altered.heads:
        if number > after:
            reached = [
                each._replace(link=links.get((each.segment, each.seq), each.link))
                for each in chain.reached_by(body)
            ]
            body = chain.head_body(reached)  # noqa: PLW2901 (what it says now)
            digest = chain.head_digest(before, number, instant(at), body)  # noqa: PLW2901
        heads.append((number, at, body, digest))
        before = digest
    return replace(altered, heads=tuple(heads), entries=entries)


def _relinked(altered: Chain) -> Iterator[Row]:
    opened = {row[0]: row for row in altered.segments}
    for segment, rows in groupby(altered.entries, key=lambda row: row[0]):
        _, month, at, after = opened[segment]
        link = chain.first_link(segment, month, instant(at), after)
        for _, seq, salt, body, _ in rows:
            link = chain.next_link(link, chain.commitment(salt, body) if salt else body)
            yield segment, seq, salt, body, link


def findings(stored: Chain, given: Head | None = None, now: datetime = START) -> Iterator[str]:
    """What verifying finds, the first first."""
    heads = HeadWalk(given)
    walk = LedgerWalk(heads, PurgeWalk(now))
    yield from heads.take(_in_order(stored.heads))
    yield from heads.end()
    yield from walk.take_segments(_in_order(stored.segments))
    yield from walk.begin()
    yield from walk.take(_in_order(stored.entries))
    yield from walk.end()


def _in_order(rows: Sequence[Row]) -> Sequence[Row]:
    """As an engine gives them, by their keys."""
    return sorted(rows, key=lambda row: row[:2])


def first(stored: Chain, given: Head | None = None) -> str | None:
    """The first alteration."""
    return next(findings(stored, given), None)
