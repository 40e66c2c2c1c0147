"""Reads what a plan wants: one statement for the members, one per list below them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.criteria import Below
from models.grant_sql import parameters
from models.redacted import Layout, Paths, Redacted, View, rows_of_members
from resolvers.answer import Answer, Rows
from resolvers.asking import Eyes
from resolvers.context import Context
from resolvers.lists import Asked
from resolvers.plan import Wanted
from resolvers.snapshot import Row
from resolvers.tally import Tally

Select = Callable[[View, Paths, tuple[Below, ...]], Redacted]
Binds = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """The members' tuples, and the answer that shapes them."""

    rows: Sequence[Row]
    layout: Layout
    answer: Answer


@dataclass(frozen=True, slots=True)
class Reading:
    """One entry read through these eyes, in the snapshot of its operation."""

    context: Context
    eyes: Eyes
    wanted: Wanted

    async def members(self, select: Select, binds: Binds, at_most: int | None = None) -> Found:
        """Read members, and the lists below the first `at_most` of them."""
        wanted = self.wanted
        selected = select(self.eyes.view, wanted.paths, wanted.below)
        found, layout = await self._fetch(selected, {**wanted.binds, **binds}), selected[1]
        rows = [row for row in found if layout.of(row, "member_key") is not None]
        lists = await self._lists(rows[:at_most], layout)
        answer = Answer(self.context, self.eyes, Tally(self.eyes.view), lists)
        return Found(found, layout, answer)

    async def _lists(self, members: Sequence[Row], layout: Layout) -> Mapping[Asked, Rows]:
        """Read each list of which something is shown, for the members to whom it is not null."""
        totals = {asked: f"total {position}" for position, asked in enumerate(self.wanted.lists)}
        lists = {asked: Rows(total, layout, {}) for asked, total in totals.items()}
        for asked, paths in self.wanted.shown():
            open_to = [row for row in members if layout.of(row, f"could {asked.relation}")]
            keys = [str(layout.of(row, "member_key")) for row in open_to]
            if keys:
                lists[asked] = Rows(totals[asked], *await self._rows(asked, paths, keys))
        return lists

    async def _rows(
        self, asked: Asked, paths: Paths, members: Sequence[str]
    ) -> tuple[Layout, Mapping[str, Sequence[Row]]]:
        view, relation = self.eyes.view, asked.relation
        selected = rows_of_members(view, relation, paths, asked.listing, asked.used)
        layout, of_member = selected[1], defaultdict[str, list[Row]](list)
        for row in await self._fetch(selected, {**asked.binds, "members": members}):
            of_member[str(layout.of(row, "member_key"))].append(row)
        return layout, of_member

    async def _fetch(self, selected: Redacted, binds: Binds) -> Sequence[Row]:
        context = self.context
        values = parameters(context.asked_at, context.requester.subject)
        return await context.snapshot.fetch(selected[0], values | dict(binds))
