"""The answer of a personal entry: redacted tuples in the shape that was selected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.redacted import ACCOUNT, Layout, View, fields_of
from policy.vocabulary import Reason
from resolvers.catalogue import company
from resolvers.context import Context
from resolvers.cursors import make_cursor
from resolvers.plan import (
    Acquirer,
    Connection,
    Edge,
    NodeId,
    Object,
    Output,
    Party,
    Provenance,
    Scalar,
)
from resolvers.tally import Tally

Row = Sequence[object]
Shape = dict[str, object]


class MemberShape(Shape):
    """A member's answer. Its type is its class: every key in it is a response key of the caller."""


TYPE_OF = {
    ACCOUNT: "Member",
    "customerRecords": "CustomerRecord",
    "orders": "Order",
    "insurancePolicies": "InsurancePolicy",
    "healthRecords": "HealthRecord",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The tuples of one redacted select, by member."""

    layout: Layout
    of_member: Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Shapes members and their rows by response key, tallying every cell on the way."""

    context: Context
    view: View
    tally: Tally
    children: Mapping[Connection, Rows]

    def member(self, plan: Object, layout: Layout, row: Row) -> Shape:
        """Shape one member."""
        key = str(layout.of(row, "member_key"))
        self.tally.member(key, _number(layout.of(row, "last_seq")) or 0)
        self._tally_cells(key, key, plan.paths, layout, row)
        shape = MemberShape()
        for out in plan.outputs:
            if isinstance(out, Connection):
                shape[out.key] = self._children(out, key, layout, row)
            else:
                shape[out.key] = self._value(out, ACCOUNT, key, layout, row)
        return shape

    def page(self, plan: Connection, rows: Sequence[Row], layout: Layout) -> Shape:
        """Shape one page. One row more than asked for means that there is a next page."""
        shown, more = rows[: plan.bounds.first], len(rows) > plan.bounds.first
        shape: Shape = {}
        for key, infos in plan.page_infos:
            shape[key] = {
                k: self._page_info(plan, name, shown, layout, more=more) for k, name in infos
            }
        for key, node in plan.node_lists:
            shape[key] = [self._object(plan, node, layout, row) for row in shown]
        for key, edge in plan.edge_lists:
            shape[key] = [self._edge(plan, edge, layout, row) for row in shown]
        for row in shown:
            self._tally_row(plan, layout, row)
        return shape

    def _children(self, plan: Connection, member: str, layout: Layout, row: Row) -> Shape | None:
        if not layout.of(row, f"could {plan.relation}"):
            self.tally.hidden_list(member, plan.relation, self._reason(plan.relation))
            return None
        rows = self.children[plan]
        return self.page(plan, rows.of_member.get(member, ()), rows.layout)

    def _reason(self, relation: str) -> Reason:
        """NOT_PERMITTED only if no field of the rows could ever be open."""
        reasons = {self.view.grant(path).reason for path in fields_of(relation)}
        return Reason.NOT_OPEN if Reason.NOT_OPEN in reasons else Reason.NOT_PERMITTED

    def _object(self, plan: Connection, node: Object, layout: Layout, row: Row) -> Shape:
        if plan.relation == ACCOUNT:
            return self.member(node, layout, row)
        key = _row_key(plan, layout, row)
        return {out.key: self._value(out, plan.relation, key, layout, row) for out in node.outputs}

    def _edge(self, plan: Connection, edge: Edge, layout: Layout, row: Row) -> Shape:
        shape: Shape = dict.fromkeys(edge.cursors, self._cursor(plan, layout, row))
        for key, node in edge.nodes:
            shape[key] = self._object(plan, node, layout, row)
        return shape

    def _page_info(
        self, plan: Connection, name: str, shown: Sequence[Row], layout: Layout, *, more: bool
    ) -> object:
        match name:
            case "hasNextPage":
                return more
            case "hasPreviousPage":
                return plan.bounds.after is not None
            case "startCursor":
                return self._cursor(plan, layout, shown[0]) if shown else None
            case _:
                return self._cursor(plan, layout, shown[-1]) if shown else None

    def _cursor(self, plan: Connection, layout: Layout, row: Row) -> str:
        return make_cursor(self.context, plan.relation, _row_key(plan, layout, row))

    def _value(self, out: Output, relation: str, key: str, layout: Layout, row: Row) -> object:
        match out:
            case Scalar(path=path):
                return layout.of(row, path)
            case Party(path=path):
                named = layout.of(row, path)
                return None if named is None else company(self.context, str(named))
            case NodeId():
                audience = self.context.requester.audience
                return self.context.seal.node_id(audience, TYPE_OF[relation], key)
            case Acquirer():
                return company(self.context, str(layout.of(row, "acquired_by")))
            case Provenance(column=column):
                return layout.of(row, column)
            case Connection():
                raise NotImplementedError("rows have no connections below them")

    def _tally_row(self, plan: Connection, layout: Layout, row: Row) -> None:
        """Count a row's cells once, whichever lists show it; members count themselves."""
        member = str(layout.of(row, "member_key"))
        if plan.relation == ACCOUNT:
            self.tally.member(member, _number(layout.of(row, "last_seq")) or 0)
        else:
            self.tally.row(member, plan.relation)
            self._tally_cells(member, _row_key(plan, layout, row), plan.paths, layout, row)

    def _tally_cells(
        self, member: str, owner: str, paths: Sequence[str], layout: Layout, row: Row
    ) -> None:
        for path in paths:
            why = layout.of(row, f"why {self.view.grants.access_class(path)}")
            self.tally.cell(member, owner, path, _number(why))


def _row_key(plan: Connection, layout: Layout, row: Row) -> str:
    return str(layout.of(row, "row_key" if plan.relation != ACCOUNT else "member_key"))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
