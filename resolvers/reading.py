"""Reads what a plan wants of members, in one snapshot, and puts on record what it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.condition_sql import parameters
from models.view import Layout
from resolvers.access import AccessReader, FieldAccess
from resolvers.binding import Bound
from resolvers.consents import Consent, consents_of
from resolvers.context import Context
from resolvers.executor import Completion
from resolvers.making import Making
from resolvers.marking import marks_of
from resolvers.places import Mark
from resolvers.plan import SeenBy
from resolvers.prepared import Prepared, Select, by_key, prepared
from resolvers.replay import Replay
from resolvers.snapshot import Row
from resolvers.tally import Tally

Binds = Mapping[str, object]


@dataclass(slots=True, eq=False)
class Found:
    """Members that were found, what is on record of them, and what makes the answer."""

    rows: Sequence[Row]
    """Of a page one more than asked for, if there is one."""
    total: int | None
    tally: Tally
    prepared: Prepared
    making: Making
    marks: Sequence[Mark] = ()
    """What of it is withheld, and where, if that is asked for."""

    @property
    def layout(self) -> Layout:
        return self.prepared.read.layout

    @property
    def keys(self) -> list[str]:
        at = self.layout.positions["member_key"]
        return [str(row[at]) for row in self.rows]

    def made(self) -> Any:
        """Give the answer: the members in a list, or their page."""
        return self.prepared.emit(self.rows, self.making, self.total)


async def read(
    context: Context, completion: Completion, bound: Bound, select: Select, binds: Binds
) -> Found:
    """Read members, all of them or a page, and what is asked for below and beside them."""
    ready = await prepared(bound, select, context)
    size = bound.lists[0].page.size if ready.page else None
    values = parameters(context.asked_at, context.requester.subject)
    values |= ready.wanted.binds(bound)
    values.update(binds)
    if ready.wanted.beside:
        context.snapshot.alone = False
    found = await context.snapshot.read(ready.read, values, size)
    rows, total = found, None
    if ready.page:
        rows, total = _counted(found, ready.read.layout)
    shown = rows if size is None else rows[:size]
    tally = ready.recording.tally(shown, bound, rows[len(shown) :])
    making = Making(context, bound.eyes, bound.lists, completion, ready.companies, bound.access)
    if ready.wanted.beside and shown:
        beside = _Beside(context, completion, bound, ready, tally, shown)
        making = await beside.told(making)
    return Found(rows, total, tally, ready, making, _marks(context, bound, ready, shown, making))


def _counted(found: Sequence[Row], layout: Layout) -> tuple[Sequence[Row], int | None]:
    """Tell the members of a page from its number, which every tuple carries."""
    at = layout.positions.get("total")
    if at is None:
        return found, None
    key_at, number = layout.positions["member_key"], found[0][at]
    rows = found if found[0][key_at] is not None else found[1:]
    return rows, number if isinstance(number, int) else 0


def _marks(
    context: Context, bound: Bound, ready: Prepared, rows: Sequence[Row], making: Making
) -> Sequence[Mark]:
    if context.places is None:
        return ()
    return list(marks_of(bound, ready.wanted, ready.read, rows, making.marks))


@dataclass(slots=True)
class _Beside:
    """Reads what stands beside members' values."""

    context: Context
    completion: Completion
    bound: Bound
    ready: Prepared
    tally: Tally
    rows: Sequence[Row]

    async def told(self, making: Making) -> Making:
        """Give the making of an answer that tells it."""
        wanted, layout = self.ready.wanted, self.ready.read.layout
        at = layout.positions["member_key"]
        by_key = {str(row[at]): row for row in self.rows}
        replays = {key: Replay(self.context, self.bound.eyes.view, key) for key in by_key}
        access: Mapping[str, Mapping[str, FieldAccess]] = {}
        consents: Mapping[str, Sequence[Consent] | None] = {}
        if wanted.accessed:
            reader = AccessReader(self.context, self.bound.eyes, self.tally, replays.__getitem__)
            access = await reader.read(wanted.accessed, by_key, layout)
        elif self.bound.access:
            access = {key: {} for key in by_key}
        if wanted.consents:
            consents = await consents_of(self.context, self.bound.eyes, self.tally, list(by_key))
        making = making.beside(access, consents)
        for each in wanted.beside:
            if isinstance(each, SeenBy):
                for member in by_key:
                    await self._seen_by(making, member, each.slot)
        return making

    async def _seen_by(self, making: Making, member: str, slot: int) -> None:
        """Read the member as a company would, and put on record that the member did."""
        if member in making.seen.setdefault(slot, {}):
            return
        bound = self.bound.seen[slot]
        found = await read(self.context, self.completion, bound, by_key, {"member": member})
        made = found.made()
        making.seen[slot][member] = made[0] if made else None
        if not made:
            return
        replay = Replay(self.context, bound.eyes.view, member)
        fields = self.context.catalogue.fields
        if shut := found.tally.shut:
            await replay.read(fields[p].relation if p in fields else p for _, p in shut)
        codes = {cell: replay.why(*cell) for cell in shut}
        making.marks[slot, member] = [
            mark.because(codes[mark.owner, mark.field]) for mark in found.marks
        ]
        self.tally.looked_on(member, found.tally, codes)
