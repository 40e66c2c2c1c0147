"""Plans what a query selects below a personal entry: total for the personal part of the schema."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import GraphQLObjectType, GraphQLSchema

from models.tables import RELATIONS
from models.view import ACCOUNT
from resolvers.kept import Kept, weight_of
from resolvers.operands import variables_in
from resolvers.plan import (
    Access,
    AccessSlot,
    Acquirer,
    Beside,
    Connection,
    Consents,
    Cursor,
    Edges,
    ListSlot,
    NodeId,
    Nodes,
    Object,
    Output,
    Part,
    Party,
    Place,
    Plan,
    Provenance,
    Scalar,
    SeenBy,
    SeenSlot,
    Slot,
    Total,
    TypeName,
)
from resolvers.site import TYPENAME, Fields, Selected, Site

BESIDE = frozenset({"access", "consents", "asSeenBy"})
PROVENANCE = {"source": "source", "channel": "channel", "acquiredAt": "acquired_at"}
MEMBERS = "members"
CURSORS = frozenset({"after", "before"})


_plans = Kept[tuple[GraphQLSchema, Fields, Plan]](8 * 1024 * 1024, "plans")
"""By the identity of the schema and the fields' nodes, which are kept with the plan."""


def plan_of(site: Site, entry: Selected) -> Plan:
    """Plan a personal entry: a page for `members`, else what is selected of members below it.

    Below `node` and `nodes` that is what is selected where the object is a member. A document that
    is parsed once is planned once for each way its `@skip` and `@include` can go.
    """
    key = (id(site.schema), *(id(each.node) for each in entry.details), *site.switches)
    kept = _plans.get(key)
    if kept is None:
        plan = new_plan(site, entry)
        kept = _plans.keep(key, (site.schema, entry.details, plan), plan.weight)
    return kept[-1]


def new_plan(site: Site, entry: Selected) -> Plan:
    """Plan it anew, and keep nothing."""
    planner = _Planner(site)
    if entry.name == MEMBERS:
        return planner.plan(entry, planner.connection(ACCOUNT, entry))
    return planner.plan(entry, planner.object(ACCOUNT, entry.details, site.kind("Member")))


@dataclass(frozen=True, slots=True)
class _Planner:
    site: Site
    slots: list[Slot] = field(default_factory=list)

    def plan(self, entry: Selected, root: Object | Connection) -> Plan:
        """Give the plan of which this is the root."""
        location = entry.node.loc
        weight = weight_of(location.source.body if location else "")
        return Plan(root, tuple(self.slots), all(map(_is_constant, self.slots)), weight)

    def object(self, relation: str, fields: Fields, kind: GraphQLObjectType) -> Object:
        """Plan what is selected of a member (relation "") or of a row."""
        below = self.site.below(fields, kind)
        return Object(tuple(self._output(relation, each) for each in below))

    def connection(self, relation: str, selected: Selected) -> Connection:
        """Plan a list."""
        if selected.is_list:
            slot = self._slot(ListSlot(relation, selected, whole=True))
            nodes = Nodes(selected.key, self._entry(relation, selected))
            return Connection(selected.key, slot, relation, (nodes,), bare=True)
        slot = self._slot(ListSlot(relation, selected))
        return Connection(selected.key, slot, relation, tuple(self._parts(relation, selected)))

    def _output(self, relation: str, selected: Selected) -> Output:
        key, name = selected.key, selected.name
        if name == TYPENAME:
            return TypeName(key, selected.parent.name)
        if name == "id":
            return NodeId(key, selected.parent.name)
        if relation != ACCOUNT and name == "acquiredBy":
            return Acquirer(key, selected)
        if relation != ACCOUNT and name in PROVENANCE:
            return Provenance(key, PROVENANCE[name], selected.type)
        if relation == ACCOUNT and name in RELATIONS:
            return self.connection(name, selected)
        if relation == ACCOUNT and name in BESIDE:
            return self._beside(selected)
        path = f"{relation}.{name}" if relation else name
        if selected.kind is not None:
            return Party(key, path, selected)
        return Scalar(key, path, selected.type)

    def _beside(self, selected: Selected) -> Beside:
        match selected.name:
            case "access":
                return Access(selected.key, self._slot(AccessSlot(selected)), selected)
            case "consents":
                return Consents(selected.key, selected)
            case _:
                seen = new_plan(self.site, selected)
                return SeenBy(selected.key, self._slot(SeenSlot(selected, seen)), seen)

    def _parts(self, relation: str, selected: Selected) -> Iterator[Part]:
        for part in self.site.below(selected.details, selected.kind):
            match part.name:
                case "totalCount":
                    yield Total(part.key)
                case "pageInfo":
                    shown = self.site.below(part.details, part.kind)
                    yield Place(part.key, tuple((each.key, each.name) for each in shown))
                case "nodes":
                    yield Nodes(part.key, self._entry(relation, part))
                case "edges":
                    yield Edges(part.key, tuple(self._edge(relation, part)))
                case _:
                    yield _type_name(part)

    def _edge(self, relation: str, edge: Selected) -> Iterator[Cursor | Nodes | TypeName]:
        for part in self.site.below(edge.details, edge.kind):
            match part.name:
                case "cursor":
                    yield Cursor(part.key)
                case "node":
                    yield Nodes(part.key, self._entry(relation, part))
                case _:
                    yield _type_name(part)

    def _entry(self, relation: str, selected: Selected) -> Object:
        kind = selected.kind
        if kind is None:
            raise NotImplementedError(f"entries of {relation} are no objects")
        return self.object(relation, selected.details, kind)

    def _slot(self, slot: Slot) -> int:
        self.slots.append(slot)
        return len(self.slots) - 1


def _is_constant(slot: Slot) -> bool:
    """Whether nothing of a request fills it: no variable, no cursor, which goes out of date."""
    given = slot.selected.node.arguments or ()
    return not isinstance(slot, SeenSlot) and not any(
        each.name.value in CURSORS or any(variables_in(each.value)) for each in given
    )


def _type_name(selected: Selected) -> TypeName:
    if selected.name != TYPENAME:
        raise NotImplementedError(f"no plan for {selected.parent.name}.{selected.name}")
    return TypeName(selected.key, selected.parent.name)
