"""The answer of a personal entry: redacted tuples in the shape that was selected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.view import ACCOUNT, Layout, fields_of
from resolvers.asking import Eyes
from resolvers.catalogue import company
from resolvers.context import Context
from resolvers.cursors import Position, make_cursor
from resolvers.lists import Asked
from resolvers.places import Mark
from resolvers.plan import (
    Access,
    Acquirer,
    Beside,
    Connection,
    Consents,
    Edge,
    NodeId,
    Object,
    Output,
    Party,
    Provenance,
    Scalar,
    SeenBy,
)
from resolvers.recording import Rows
from resolvers.snapshot import Row
from resolvers.tally import Tally

Shape = dict[str, object]


class MemberShape(Shape):
    """A member's answer. Its type is its class: every key in it is a response key of the caller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Shapes members and their rows by response key; what they tell is on record by then."""

    context: Context
    eyes: Eyes
    tally: Tally
    lists: Mapping[Asked, Rows]
    beside: Mapping[tuple[str, Beside], object]

    def member(self, plan: Object, layout: Layout, row: Row) -> Shape:
        """Shape one member."""
        key = str(layout.of(row, "member_key"))
        shape = MemberShape()
        for out in plan.outputs:
            if isinstance(out, Connection):
                shape[out.key] = self._list(out, key, layout, row)
            else:
                shape[out.key] = self._value(out, key, layout, row)
        self._mark(shape, plan, key, layout, row)
        return shape

    def page(
        self, plan: Connection, rows: Sequence[Row], layout: Layout, total: int | None
    ) -> Shape:
        """Shape one page. One entry more than asked for means that there are more that way."""
        page = plan.asked.page
        shown, more = list(rows[: page.size]), len(rows) > page.size
        if page.backward:
            shown.reverse()
        shape: Shape = dict.fromkeys(plan.totals, total)
        for key, infos in plan.page_infos:
            shape[key] = {
                k: self._page_info(plan, name, shown, layout, more=more) for k, name in infos
            }
        for key, node in plan.node_lists:
            shape[key] = [self._object(plan, node, layout, row) for row in shown]
        for key, edge in plan.edge_lists:
            shape[key] = [self._edge(plan, edge, layout, row) for row in shown]
        return shape

    def _list(self, plan: Connection, member: str, layout: Layout, row: Row) -> object:
        if not layout.of(row, f"could {plan.relation}"):
            return None
        rows = self.lists[plan.asked]
        total = (_number(layout.of(row, f"total {rows.position}")) or 0) if plan.totals else None
        page = self.page(plan, rows.of_member.get(member, ()), rows.layout, total)
        return page[plan.key] if plan.bare else page

    def _object(self, plan: Connection, node: Object, layout: Layout, row: Row) -> Shape:
        if plan.relation == ACCOUNT:
            return self.member(node, layout, row)
        key = _key(plan.relation, layout, row)
        shape = {out.key: self._value(out, key, layout, row) for out in node.outputs}
        self._mark(shape, node, key, layout, row)
        return shape

    def _mark(self, shape: Shape, plan: Object, owner: str, layout: Layout, row: Row) -> None:
        """Say of each response key of an object that what it would show is withheld."""
        places = self.context.places
        if places is None:
            return
        for out in plan.outputs:
            match out:
                case Scalar(path=path) | Party(path=path) if self._why(path, layout, row) is None:
                    mark = Mark(out.key, owner, path, self.eyes.view.grant(path).reason)
                case Connection() if shape[out.key] is None:
                    mark = Mark(
                        out.key, None, out.relation, self.eyes.view.reason(*fields_of(out.relation))
                    )
                case _:
                    continue
            self.tally.marks.append(mark)
            places.mark(shape, mark)

    def _edge(self, plan: Connection, edge: Edge, layout: Layout, row: Row) -> Shape:
        shape: Shape = {}
        if edge.cursors:
            shape = dict.fromkeys(edge.cursors, self._cursor(plan.asked, layout, row))
        for key, node in edge.nodes:
            shape[key] = self._object(plan, node, layout, row)
        return shape

    def _page_info(
        self, plan: Connection, name: str, shown: Sequence[Row], layout: Layout, *, more: bool
    ) -> object:
        """The entry at a cursor was listed when the cursor was made: there was one that way."""
        page = plan.asked.page
        match name:
            case "hasNextPage":
                return page.before is not None or (more and not page.backward)
            case "hasPreviousPage":
                return page.after is not None or (more and page.backward)
            case "startCursor":
                return self._cursor(plan.asked, layout, shown[0]) if shown else None
            case _:
                return self._cursor(plan.asked, layout, shown[-1]) if shown else None

    def _cursor(self, asked: Asked, layout: Layout, row: Row) -> str:
        values = tuple(layout.of(row, f"by {i}") for i in range(len(asked.order)))
        position = Position(values, _key(asked.relation, layout, row))
        return make_cursor(self.context, self.eyes, asked.name, position)

    def _value(self, out: Output, key: str, layout: Layout, row: Row) -> object:
        match out:
            case Scalar(path=path):
                return layout.of(row, path)
            case Party(path=path):
                named = layout.of(row, path)
                return None if named is None else company(self.context, str(named))
            case NodeId(kind=kind):
                return self.context.seal.node_id(self.eyes.audience, kind, key)
            case Acquirer():
                return company(self.context, str(layout.of(row, "acquired_by")))
            case Provenance(column=column):
                return layout.of(row, column)
            case Access() | Consents() | SeenBy():
                return self.beside[key, out]
            case Connection():
                raise NotImplementedError("rows have no lists below them")

    def _why(self, path: str, layout: Layout, row: Row) -> object:
        return layout.of(row, f"why {self.eyes.view.grants.access_class(path)}")


def _key(relation: str, layout: Layout, row: Row) -> str:
    return str(layout.of(row, "member_key" if relation == ACCOUNT else "row_key"))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
