"""Reads what a plan wants: one statement for the members, one per list below them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from models.condition_sql import parameters
from models.criteria import Below
from models.judged import Redacted
from models.redacted import member_by_key
from models.rows_below import rows_of_members
from models.view import Layout, Paths, View
from resolvers.access import AccessReader
from resolvers.answer import Answer, Shape
from resolvers.asking import Eyes
from resolvers.consents import consents_of
from resolvers.context import Context
from resolvers.lists import Asked
from resolvers.plan import Access, Beside, Consents, SeenBy, Wanted, accessed
from resolvers.recording import Recording, Rows
from resolvers.replay import Replay
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
    replays: dict[str, Replay] = field(default_factory=dict)

    async def members(self, select: Select, binds: Binds, page: Asked | None = None) -> Found:
        """Read members, all of them or a page, and the lists below them; on record."""
        wanted = self.wanted
        selected = select(self.eyes.view, wanted.paths, wanted.below)
        found, layout = await self._fetch(selected, {**wanted.binds, **binds}), selected.layout
        rows = [row for row in found if layout.of(row, "member_key") is not None]
        shown, tally = rows[: page.page.size if page else None], Tally(self.eyes.view)
        lists = await self._lists(shown, layout)
        Recording(tally, wanted, layout, lists).members(shown, page)
        beside = await self._beside(tally, shown, layout) if wanted.beside and shown else {}
        return Found(found, layout, Answer(self.context, self.eyes, tally, lists, beside))

    async def _beside(
        self, tally: Tally, members: Sequence[Row], layout: Layout
    ) -> Mapping[tuple[str, Beside], object]:
        """Read what stands beside the members' values."""
        by_key = {str(layout.of(row, "member_key")): row for row in members}
        told: dict[tuple[str, Beside], object] = {}
        if paths := accessed(self.wanted.beside):
            reader = AccessReader(self.context, self.eyes, tally, self._replay)
            access = await reader.read(paths, by_key, layout)
        if any(isinstance(each, Consents) for each in self.wanted.beside):
            consents = await consents_of(self.context, self.eyes, tally, list(by_key))
        for member, each in product(by_key, dict.fromkeys(self.wanted.beside)):
            match each:
                case Access():
                    told[member, each] = [access[member][path] for path in each.paths]
                case Consents():
                    told[member, each] = consents[member]
                case SeenBy():
                    told[member, each] = await self._seen_by(tally, member, each)
        return told

    async def _seen_by(self, tally: Tally, member: str, asked: SeenBy) -> Shape | None:
        """Read the member as a company would, and put on record that the member did."""
        through = Reading(self.context, asked.eyes, Wanted.by([asked.seen]))
        found = await through.members(member_by_key, {"member": member})
        if not found.rows:
            return None
        shape = found.answer.member(asked.seen, found.layout, found.rows[0])
        seen, replay = found.answer.tally, through._replay(member)
        fields = self.context.catalogue.fields
        if seen.shut:
            relations = (fields[p].relation if p in fields else p for _, p in seen.shut)
            await replay.read(relations)
        tally.looked_on(member, seen, {cell: replay.why(*cell) for cell in seen.shut})
        return shape

    def _replay(self, member: str) -> Replay:
        return self.replays.setdefault(member, Replay(self.context, self.eyes.view, member))

    async def _lists(self, members: Sequence[Row], layout: Layout) -> Mapping[Asked, Rows]:
        """Read each list of which something is shown, for the members to whom it is not null."""
        positions = {asked: position for position, asked in enumerate(self.wanted.lists)}
        lists = {asked: Rows(position, layout, {}) for asked, position in positions.items()}
        for asked, paths in self.wanted.shown():
            open_to = [row for row in members if layout.of(row, f"could {asked.relation}")]
            keys = [str(layout.of(row, "member_key")) for row in open_to]
            if keys:
                lists[asked] = Rows(positions[asked], *await self._rows(asked, paths, keys))
        return lists

    async def _rows(
        self, asked: Asked, paths: Paths, members: Sequence[str]
    ) -> tuple[Layout, Mapping[str, Sequence[Row]]]:
        view, relation = self.eyes.view, asked.relation
        selected = rows_of_members(view, relation, paths, asked.listing, asked.used)
        layout, of_member = selected.layout, defaultdict[str, list[Row]](list)
        for row in await self._fetch(selected, {**asked.binds, "members": members}):
            of_member[str(layout.of(row, "member_key"))].append(row)
        return layout, of_member

    async def _fetch(self, selected: Redacted, binds: Binds) -> Sequence[Row]:
        context = self.context
        values = parameters(context.asked_at, context.requester.subject)
        return await context.snapshot.fetch(selected.main, values | dict(binds))
