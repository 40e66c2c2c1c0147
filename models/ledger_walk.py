"""Segments and entries, one after the other, held against the chain, the heads and the purges.

Pure: it takes rows as an engine gives them, whatever somebody may have put there. Each entry is
held against what is stored before it, so that one alteration hides no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import MsgspecError

from models import purge_form
from models.entry_form import decode
from models.head_walk import HeadWalk, Named, Raw, instant_of
from models.ledger_chain import commitment, first_link, next_link
from models.purge_walk import PurgeWalk


class _Segment(NamedTuple):
    month: str
    after_head: int
    first_link: bytes


@dataclass(slots=True)
class LedgerWalk:
    """Takes all segments, then the entries in the order of (segment, seq)."""

    heads: HeadWalk
    """It has seen all heads."""
    purges: PurgeWalk
    segments: dict[int, _Segment | None] = field(default_factory=dict)
    """None: there is a row, but it cannot be read."""
    ahead: list[int] = field(default_factory=list)
    """The segments whose entries have not been seen, the next one last."""
    segment: int | None = None
    """The one whose entries are being seen."""
    seq: int = 0
    link: bytes | None = None
    """Of the entry before; None where that is not known."""
    points: Mapping[int, Named] = field(default_factory=dict)
    """What heads name of the segment."""
    sealed: int = 0
    """Its last entry that the guarantee covers."""
    entries: int = 0
    outside: int = 0
    """How many entries are newer than the head, so that nobody outside could tell."""

    def take_segments(self, rows: Iterable[Raw]) -> Iterator[str]:
        """Take all rows (segment, month, opened_at, after_head), in the order of their numbers."""
        for segment, stored_month, opened_at, after_head in rows:
            at, month = instant_of(opened_at), _text(stored_month)
            if not isinstance(segment, int) or segment in self.segments:
                yield f"segment {segment!r}: is no segment"
            elif at is None or month is None or not isinstance(after_head, int):
                self.segments[segment] = None
            else:
                link = first_link(segment, month, at, after_head)
                self.segments[segment] = _Segment(month, after_head, link)

    def begin(self) -> Iterator[str]:
        """What is wrong now that there are no more segments: nothing yet."""
        self.ahead = sorted(self.segments.keys() | self.heads.named.keys(), reverse=True)
        yield from ()

    def take(self, rows: Iterable[Raw]) -> Iterator[str]:
        """What is wrong with the next rows: (segment, seq, salt, body, link)."""
        for segment, seq, salt, body, link in rows:
            self.entries += 1
            if not isinstance(segment, int) or not isinstance(seq, int):
                yield f"segment {segment!r}, entry {seq!r}: is no entry"
                continue
            if segment != self.segment:
                yield from self._leave()
                yield from self._enter(segment)
            yield from self._entry(seq, salt, body, link)

    def end(self) -> Iterator[str]:
        """What is wrong now that there are no more."""
        yield from self._leave()
        while self.ahead:
            yield from self._stand_before(self.ahead.pop())
            yield from self._leave()
        months = {number: each.month for number, each in self.segments.items() if each}
        yield from self.purges.findings(months)

    def _enter(self, segment: int) -> Iterator[str]:
        while self.ahead and self.ahead[-1] <= segment:
            begun = self.ahead.pop()
            yield from self._stand_before(begun)
            if begun == segment:
                return
            yield from self._leave()
        yield from self._stand_before(segment)

    def _stand_before(self, segment: int) -> Iterator[str]:
        """Go to the first entry of a segment."""
        self.segment, self.seq, self.link = segment, 0, None
        self.points = self.heads.named.get(segment, {})
        upto = self.heads.guaranteed
        self.sealed = max((seq for seq, at in self.points.items() if at.head <= upto), default=0)
        if segment not in self.segments:
            yield f"segment {segment}: its row is missing"
        elif (row := self.segments[segment]) is None:
            yield f"segment {segment}: its row cannot be read"
        else:
            self.link = row.first_link
            yield from self._opening(segment, row.after_head)

    def _opening(self, segment: int, after: int) -> Iterator[str]:
        """Hold what the segment says of heads against the heads.

        The head after the one that was the last when it was opened has to name it.
        """
        first = min((named.head for named in self.points.values()), default=None)
        if after > self.heads.number:
            yield f"segment {segment}: was opened after head {after}, which is missing"
        elif first != after + 1 and (first is not None or after < self.heads.number):
            wrong = f"was opened after head {after}, but head {after + 1} does not name it first"
            yield f"segment {segment}: {wrong}"

    def _leave(self) -> Iterator[str]:
        """Leave the segment; the entries that heads name have been seen."""
        if self.segment is None:
            return
        last = max(self.points, default=0)
        if self.seq < last:
            wrong = f"is missing, though head {self.points[last].head} names entry {last}"
            yield f"segment {self.segment}, entry {self.seq + 1}: {wrong}"
        elif not self.seq:
            yield f"segment {self.segment}, entry 1: is missing"
        self.segment = None

    def _entry(self, seq: int, salt: object, body: object, link: object) -> Iterator[str]:
        name = f"segment {self.segment}, entry"
        if seq <= self.seq:
            yield f"{name} {seq}: stands where entry {self.seq + 1} should"
            return
        if seq > self.seq + 1:
            yield f"{name} {self.seq + 1}: is missing"
            self.link = None
        self.seq = seq
        self.outside += seq > self.sealed
        if (
            not isinstance(salt, bytes)
            or not isinstance(body, bytes)
            or not isinstance(link, bytes)
        ):
            yield f"{name} {seq}: is not of the form of an entry"
            self.link = None
            return
        wrong = self._unlike(seq, salt, body, link) or self._unreadable(seq, salt, body)
        if wrong:
            yield f"{name} {seq}: {wrong}"
        self.link = link

    def _unlike(self, seq: int, salt: bytes, body: bytes, link: bytes) -> str | None:
        """Whether the entry is another than its link, or a head, says."""
        committed = commitment(salt, body) if salt else body
        if self.link is not None and next_link(self.link, committed) != link:
            return "is not what was recorded, or not after what stands before it"
        named = self.points.get(seq)
        if named is not None and named.link != link:
            return f"is not what was recorded: head {named.head} names another"
        return None

    def _unreadable(self, seq: int, salt: bytes, body: bytes) -> str | None:
        """Whether it says nothing that can be read; what it says of purges is kept."""
        if not salt:
            self.purges.missing(self.segment or 0, seq)
            return None
        try:
            if purge_form.is_purge(body):
                self.purges.purges.append(purge_form.decode(body))
            else:
                decode(body)
        except (MsgspecError, LookupError, ValueError, OverflowError):
            return "cannot be read"
        return None


def _text(stored: object) -> str | None:
    """The text that is stored, whatever its bytes are; None for what is none."""
    if isinstance(stored, bytes):
        return stored.decode(errors="replace")
    return stored if isinstance(stored, str) else None
