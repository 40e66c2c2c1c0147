"""Puts on record what tuples tell: all that was read for an answer, before it takes any shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from models.disclosure import RETURNED, Opened, Use
from models.opened_sql import read_openings
from models.view import ACCOUNT, Layout, View, fields_of
from resolvers.binding import Bound
from resolvers.lists import Asked
from resolvers.patterns import Pattern, Patterns, pattern_of
from resolvers.snapshot import Row
from resolvers.tally import Known, Tally
from resolvers.wanted import Wanted, WantedList


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The members that are returned, and the lists below them.

    INVARIANT: it reads what was selected off the plan, so aliases, fragments and shapes, which are
    made of the same tuples, show nothing else.
    """

    view: View
    members: Patterns
    beyond: Patterns | None
    """Of the member beyond the page, where it is told that there is one."""
    last_seq_at: int
    lists: Sequence["_List"]
    known: Known = field(default_factory=Known)

    @classmethod
    def of(
        cls,
        view: View,
        wanted: Wanted,
        layout: Layout,
        of_lists: Mapping[int, Layout],
        page: Asked | None,
    ) -> Self:
        """Record tuples of these layouts; of a page, what its filter and order looked at, too."""
        members = Patterns.of(view, ACCOUNT, layout, wanted.selected, page)
        beyond = members.beyond() if wanted.goes_on else None
        positions = {each.number: number for number, each in enumerate(wanted.shown)}
        lists = [
            _List.of(view, each, layout, positions.get(each.number), of_lists.get(each.number))
            for each in wanted.lists
        ]
        return cls(view, members, beyond, layout.positions["last_seq"], lists)

    def tally(self, rows: Sequence[Row], bound: Bound, beyond: Sequence[Row] = ()) -> Tally:
        """Record the tuples of members; and that of the one `beyond` them, if that is told."""
        tally, members, seq_at = Tally(self.view, self.known), self.members, self.last_seq_at
        key_at, told = members.key_at, members.told
        for row in rows:
            last_seq: Any = row[seq_at]
            tally.member(str(row[key_at]), last_seq, told(row))
        if self.beyond is not None:
            for row in beyond:
                last_seq = row[seq_at]
                tally.member(str(row[key_at]), last_seq, self.beyond.told(row))
        for each in self.lists:
            asked = bound.lists[each.wanted.number]
            for row in rows:
                each.record(tally, str(row[key_at]), row, asked.page.size)
        return tally


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    """One list below members."""

    wanted: WantedList
    could_at: int
    rows_at: int | None
    patterns: Patterns | None
    """Of its entries; None: none of them is shown."""
    beyond: Patterns | None
    """Of the entry beyond its page, where it is told that there is one."""
    number_at: int | None
    """Where the members' tuples have the number of its entries; None: it is not told."""
    counted: Sequence[tuple[str, int]]
    """The fields on which the number depends, each with where it says what opened them."""
    hidden: Pattern
    """What is told of it where it could not be open."""
    returned: Pattern
    """What is told of it where it could."""
    filtered: frozenset[str]
    """The fields of its entries that its filter looks at."""

    @classmethod
    def of(
        cls,
        view: View,
        wanted: WantedList,
        layout: Layout,
        position: int | None,
        of_rows: Layout | None,
    ) -> Self:
        relation, place, at = wanted.relation, wanted.place, layout.positions
        patterns, beyond, counted = None, None, []
        if of_rows is not None:
            patterns = Patterns.of(view, relation, of_rows, wanted.shown or (), wanted.asked)
            beyond = patterns.beyond() if wanted.goes_on else None
        if wanted.counted:
            of_class = view.grants.access_class
            looked_at = {path: f" {of_class(path)}" for path in wanted.asked.counted}
            of_each = ({relation: ""} | looked_at).items()
            counted = [(path, at[f"counted {place}{of}"]) for path, of in of_each]
        return cls(
            wanted,
            at[f"could {relation}"],
            None if position is None else at[f"rows {position}"],
            patterns,
            beyond,
            at[f"total {place}"] if wanted.counted else None,
            counted,
            Pattern(withheld=frozenset({(relation, view.reason(*fields_of(relation)))})),
            _returned(relation, Use.SELECT),
            frozenset(wanted.asked.filtered),
        )

    def record(self, tally: Tally, member: str, row: Row, size: int) -> None:
        """Record it below a member, of whom this is the tuple."""
        if not row[self.could_at]:
            tally.told(member, None, self.hidden)
            return
        if self.number_at is not None:
            self._count(tally, member, row, self.number_at)
        if self.patterns is not None and self.rows_at is not None:
            rows: Any = row[self.rows_at]
            self._entries(tally, member, self.patterns, rows[:size] if rows else ())
            if self.beyond is not None:
                for each in rows[size:] if rows else ():
                    tally.told(member, str(each[self.beyond.key_at]), self.beyond.told(each))

    def _count(self, tally: Tally, member: str, row: Row, number_at: int) -> None:
        """A number tells of every open row that was looked at, whether it was counted or not."""
        asked, number = self.wanted.asked, row[number_at]
        of_list: Any = number or 0
        tally.count_rows(member, asked.relation, asked.counted, of_list, self.wanted.number)
        for path, at in self.counted:
            text: Any = row[at]
            tally.used(member, path, Use.COUNT, read_openings(text) or [Opened(RETURNED)])

    def _entries(self, tally: Tally, member: str, patterns: Patterns, rows: Sequence[Row]) -> None:
        """That no row is there tells of the rows, and of what the filter read in them."""
        unseen = self.filtered
        tally.told(member, None, self.returned)
        for row in rows:
            pattern = patterns.told(row)
            tally.told(member, str(row[patterns.key_at]), pattern)
            if unseen:
                unseen -= {path for (path, use), _ in pattern.told if use is Use.FILTER}
        for path in unseen:
            tally.told(member, None, _returned(path, Use.FILTER))


def _returned(path: str, use: Use) -> Pattern:
    """What is told of something that no provision had to open."""
    return pattern_of(frozenset({((path, use), Opened(RETURNED))}))
