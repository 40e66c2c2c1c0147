"""What is purged, held against the purges that say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.purge_form import Purge
from policy.retention import first_month_kept

Range = tuple[int, int]
"""The first and the last of entries without a gap between them."""


@dataclass(slots=True)
class PurgeWalk:
    """Takes what is gone and what says so, in the order of the entries."""

    now: datetime
    gone: dict[int, list[Range]] = field(default_factory=dict)
    """Segment → the ranges whose contents are gone."""
    purges: list[Purge] = field(default_factory=list)

    def missing(self, segment: int, seq: int) -> None:
        """Take an entry whose contents are gone."""
        ranges = self.gone.setdefault(segment, [])
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))

    def findings(self, months: Mapping[int, str]) -> Iterator[str]:
        """What is wrong, given each segment's month: the first entry of each range that is."""
        said: dict[int, list[Range]] = {}
        for purge in self.purges:
            said.setdefault(purge.segment, []).append((purge.first, purge.last))
            month = months.get(purge.segment)
            if month is not None and month >= first_month_kept(min(purge.at, self.now)):
                yield _line(purge.segment, purge.first, "was purged before its time")
        for segment in sorted(self.gone.keys() | said.keys()):
            gone, purged = self.gone.get(segment, []), _joined(said.get(segment, []))
            for first in _outside(gone, purged):
                yield _line(segment, first, "its contents are gone, and no purge says so")
            for first in _outside(purged, gone):
                yield _line(segment, first, "a purge says that it is gone, and it is not")


def _line(segment: int, seq: int, wrong: str) -> str:
    return f"segment {segment}, entry {seq}: {wrong}"


def _joined(ranges: Sequence[Range]) -> Sequence[Range]:
    """The same entries in ranges that neither touch nor overlap."""
    joined: list[Range] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _outside(ranges: Sequence[Range], others: Sequence[Range]) -> Iterator[int]:
    """The first entry of each range that is in none of the others; both are in order."""
    for first, last in ranges:
        at = first
        for start, end in others:
            if start <= at <= end:
                at = end + 1
        if at <= last:
            yield at
