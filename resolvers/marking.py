"""Goes through an answer's tuples as its plan shows them, and says where something is withheld."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.reader import Read
from models.view import ACCOUNT, Layout, View, fields_of
from resolvers.binding import Bound
from resolvers.places import Mark, ResponsePath
from resolvers.plan import Connection, Edges, Nodes, Object, Party, Scalar, SeenBy
from resolvers.snapshot import Row
from resolvers.wanted import Wanted

Seen = Mapping[tuple[int, str], Sequence[Mark]]
"""(slot, member) → what is withheld of the member as a company sees them."""


def marks_of(
    bound: Bound, wanted: Wanted, read: Read, rows: Sequence[Row], seen: Seen
) -> Iterator[Mark]:
    """Give what is withheld in the answer of these tuples of members.

    Of a list of members each path begins with the member's number in it.
    """
    layouts = dict(zip((each.number for each in wanted.shown), read.lists, strict=True))
    walk = _Walk(bound, wanted, read.layout, layouts, seen)
    root = bound.plan.root
    if isinstance(root, Connection):
        yield from walk.page(root, read.layout, rows, ())
        return
    for number, row in enumerate(rows):
        yield from walk.object(root, ACCOUNT, read.layout, row, (number,))


@dataclass(frozen=True, slots=True)
class _Walk:
    bound: Bound
    wanted: Wanted
    layout: Layout
    layouts: Mapping[int, Layout]
    seen: Seen

    @property
    def view(self) -> View:
        return self.bound.eyes.view

    def page(
        self, plan: Connection, layout: Layout, rows: Sequence[Row], at: ResponsePath
    ) -> Iterator[Mark]:
        """Go through what is shown of a page."""
        asked = self.bound.lists[self.bound.list_of[plan.slot]].page
        shown = rows[: asked.size][:: -1 if asked.backward else 1]
        for part in plan.parts:
            for number, row in enumerate(shown):
                here = at if plan.bare else (*at, part.key)
                match part:
                    case Nodes(node=node):
                        nodes = [((*here, number), node)]
                    case Edges(shown=parts):
                        named = (each for each in parts if isinstance(each, Nodes))
                        nodes = [((*here, number, each.key), each.node) for each in named]
                    case _:
                        nodes = []
                for place, node in nodes:
                    yield from self.object(node, plan.relation, layout, row, place)

    def object(
        self, plan: Object, relation: str, layout: Layout, row: Row, at: ResponsePath
    ) -> Iterator[Mark]:
        """Go through what is shown of a member or a row: its own values, then what is below."""
        owner = str(layout.of(row, "member_key" if relation == ACCOUNT else "row_key"))
        of_class = self.view.grants.access_class
        for out in plan.outputs:
            if isinstance(out, Scalar | Party):
                if layout.of(row, f"why {of_class(out.path)}") is None:
                    yield Mark((*at, out.key), owner, out.path, self.view.grant(out.path).reason)
            elif isinstance(out, Connection) and not layout.of(row, f"could {out.relation}"):
                reason = self.view.reason(*fields_of(out.relation))
                yield Mark((*at, out.key), None, out.relation, reason)
        for out in plan.outputs:
            match out:
                case Connection(relation=below) if layout.of(row, f"could {below}"):
                    yield from self._list(out, layout, row, (*at, out.key))
                case SeenBy(slot=slot):
                    for mark in self.seen.get((slot, owner), ()):
                        yield mark.moved((*at, out.key))

    def _list(self, plan: Connection, layout: Layout, row: Row, at: ResponsePath) -> Iterator[Mark]:
        number = self.bound.list_of[plan.slot]
        if number in self.layouts and plan.shows_entries:
            place = [each.number for each in self.wanted.shown].index(number)
            rows: Any = layout.of(row, f"rows {place}")
            yield from self.page(plan, self.layouts[number], rows or (), at)
