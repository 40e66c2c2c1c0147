"""Puts on record what tuples tell: all that was read for an answer, before it takes any shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from models.disclosure import RETURNED, Opened, Use
from models.opened_sql import read_openings
from models.view import ACCOUNT, Layout, Paths, fields_of
from resolvers.lists import Asked
from resolvers.patterns import Pattern, Patterns
from resolvers.plan import Wanted
from resolvers.snapshot import Row
from resolvers.tally import Tally, last_seq


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one list, by member; and which of the lists in the members' tuples it is."""

    position: int
    layout: Layout
    of_member: Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Recording:
    """The members that are returned, and the lists below them.

    INVARIANT: it reads what was selected off the plan, so aliases, fragments and shapes, which are
    made of the same tuples, show nothing else.
    """

    tally: Tally
    wanted: Wanted
    layout: Layout
    lists: Mapping[Asked, Rows]

    def members(self, members: Sequence[Row], page: Asked | None) -> None:
        """Record these tuples; of a page, what its filter and its order looked at, too."""
        selected, layout = self.wanted.selected, self.layout
        patterns = Patterns.of(self.tally.view, ACCOUNT, layout, selected, page)
        shown = dict(self.wanted.shown())
        lists = [
            _List.of(self.tally, asked, rows, shown.get(asked), counted=self.wanted.counts(asked))
            for asked, rows in self.lists.items()
        ]
        for row in members:
            member = str(layout.of(row, "member_key"))
            self.tally.member(member, last_seq(layout, row))
            self.tally.told(member, member, patterns.told(row))
            for each in lists:
                each.record(member, layout, row)


@dataclass(frozen=True, slots=True)
class _List:
    """One list below members."""

    tally: Tally
    asked: Asked
    rows: Rows
    counted: bool
    patterns: Patterns | None
    """Of its entries; None: none of them is shown."""
    hidden: Pattern
    """What is told of it where it could not be open."""

    @classmethod
    def of(
        cls, tally: Tally, asked: Asked, rows: Rows, selected: Paths | None, *, counted: bool
    ) -> Self:
        """Record it with the fields selected on its entries; None: none of them is shown."""
        view, relation, patterns = tally.view, asked.relation, None
        if selected is not None:
            patterns = Patterns.of(view, relation, rows.layout, selected, asked)
        reason = view.reason(*fields_of(relation))
        hidden = Pattern(withheld=frozenset({(relation, reason)}))
        return cls(tally, asked, rows, counted, patterns, hidden)

    def record(self, member: str, layout: Layout, row: Row) -> None:
        """Record it below a member, of whom this is the tuple."""
        relation = self.asked.relation
        if not layout.of(row, f"could {relation}"):
            self.tally.told(member, None, self.hidden)
            return
        if self.counted:
            self._count(member, layout, row)
        if self.patterns is not None:
            self._entries(member, self.patterns)

    def _count(self, member: str, layout: Layout, row: Row) -> None:
        """A number tells of every open row that was looked at, whether it was counted or not."""
        view, asked, position = self.tally.view, self.asked, self.rows.position
        number: Any = layout.of(row, f"total {position}")
        self.tally.count_rows(member, asked.relation, asked.counted, number or 0, position)
        looked_at = f"counted {position}"
        of_fields = {path: f" {view.grants.access_class(path)}" for path in asked.counted}
        for path, of in ({asked.relation: ""} | of_fields).items():
            text: Any = layout.of(row, looked_at + of)
            opened = read_openings(text) or [Opened(RETURNED)]
            self.tally.used(member, path, Use.COUNT, opened)

    def _entries(self, member: str, patterns: Patterns) -> None:
        """That no row is there tells of the rows, and of what the filter read in them."""
        unseen = set(self.asked.filtered)
        self.tally.returned(member, self.asked.relation, Use.SELECT)
        for row in self.rows.of_member.get(member, ())[: self.asked.page.size]:
            pattern = patterns.told(row)
            self.tally.told(member, patterns.key_of(row), pattern)
            if unseen:
                unseen -= {path for (path, use), _ in pattern.items if use is Use.FILTER}
        for path in unseen:
            self.tally.returned(member, path, Use.FILTER)
