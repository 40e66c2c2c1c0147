"""Plans what a query selects below a personal entry, with graphql-core's own field collection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values

from models.tables import RELATIONS
from models.view import ACCOUNT
from resolvers.access import paths_asked
from resolvers.asking import Eyes
from resolvers.context import Context
from resolvers.filters import Operands
from resolvers.lists import Asked, ListReader
from resolvers.onlooking import eyes_of_company
from resolvers.operands import refuse_forgotten, refuse_personal
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

BESIDE = frozenset({"access", "consents", "asSeenBy"})
PROVENANCE = {"source": "source", "channel": "channel", "acquiredAt": "acquired_at"}

Fields = Sequence[FieldDetails]
Info = GraphQLResolveInfo[Context]


@dataclass(frozen=True, slots=True)
class Selected:
    """One field selected below a parent: response key, nodes, and its object type if it has one."""

    key: str
    definition: GraphQLField
    details: Fields
    kind: GraphQLObjectType | None

    @property
    def name(self) -> str:
        return self.details[0].node.name.value

    @property
    def is_list(self) -> bool:
        return is_list_type(get_nullable_type(self.definition.type))


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans what is selected below one personal entry of one operation, as these eyes may ask it.

    Two lists of the same arguments become one, which is read once.
    """

    info: Info
    eyes: Eyes
    operands: Operands = field(default_factory=Operands)
    known: dict[object, Asked] = field(default_factory=dict)

    @classmethod
    def of(cls, info: Info, eyes: Eyes) -> Self:
        """Plan for this root. Raises BAD_USER_INPUT for a personal argument of it over GET."""
        definition = info.parent_type.fields[info.field_name]
        arguments(info, definition, _roots(info))
        return cls(info, eyes)

    def entry(self) -> Object:
        """Plan a root that gives members, or objects of which some are members."""
        return self._object(ACCOUNT, _roots(self.info), self._type("Member"))

    def members(self) -> Connection:
        """Plan the root `members`."""
        return self._connection(ACCOUNT, root_of(self.info))

    def _type(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self.info.schema.type_map[name])

    def member(self, selected: Selected) -> Object:
        """Plan a field that gives a member."""
        return self._object(ACCOUNT, selected.details, selected.kind)

    def _below(self, fields: Fields, kind: GraphQLObjectType | None) -> Iterator[Selected]:
        return below(self.info, fields, kind)

    def _object(self, relation: str, fields: Fields, kind: GraphQLObjectType | None) -> Object:
        name = kind.name if kind else ""
        below = self._below(fields, kind)
        return Object(tuple(self._output(relation, name, each) for each in below))

    def _output(self, relation: str, kind: str, selected: Selected) -> Output:
        """Plan one field of a member (relation "") or of a row, whose GraphQL type is `kind`."""
        key, name = selected.key, selected.name
        if name == "id":
            return NodeId(key, kind)
        if relation != ACCOUNT and name == "acquiredBy":
            return Acquirer(key)
        if relation != ACCOUNT and name in PROVENANCE:
            return Provenance(key, PROVENANCE[name])
        if relation == ACCOUNT and name in RELATIONS:
            return self._rows(name, selected)
        if relation == ACCOUNT and name in BESIDE:
            return self._beside(selected)
        path = f"{relation}.{name}" if relation else name
        return Party(key, path) if selected.kind is not None else Scalar(key, path)

    def _beside(self, selected: Selected) -> Beside:
        """Plan what stands beside a member's values."""
        given = arguments(self.info, selected.definition, selected.details)
        context = self.info.context
        match selected.name:
            case "access":
                return Access(selected.key, paths_asked(context.catalogue, given.get("fields")))
            case "consents":
                return Consents(selected.key)
            case _:
                return self._seen_by(selected, given)

    def _seen_by(self, selected: Selected, given: Mapping[str, Any]) -> SeenBy:
        company, purpose = given["company"], given["purpose"]
        eyes = eyes_of_company(
            self.info.context, self.eyes, company, purpose, given.get("onBehalfOf")
        )
        self.operands.count_list()
        planner = Planner(self.info, eyes, self.operands)
        seen = planner._object(ACCOUNT, selected.details, selected.kind)
        return SeenBy(selected.key, eyes, seen)

    def _rows(self, relation: str, selected: Selected) -> Connection:
        if not selected.is_list:
            return self._connection(relation, selected)
        asked = self._lists().whole(relation)
        nodes = self._object(relation, selected.details, selected.kind)
        return Connection(selected.key, asked, node_lists=((selected.key, nodes),), bare=True)

    def _lists(self) -> ListReader:
        return ListReader(self.info.context, self.eyes, self.operands, self.known)

    def _connection(self, relation: str, selected: Selected) -> Connection:
        given = arguments(self.info, selected.definition, selected.details)
        asked = self._lists().read(relation, given)
        parts = list(self._below(selected.details, selected.kind))
        return Connection(
            selected.key,
            asked,
            totals=tuple(each.key for each in _named("totalCount", parts)),
            page_infos=tuple(self._page_info(each) for each in _named("pageInfo", parts)),
            node_lists=tuple(self._node(relation, each) for each in _named("nodes", parts)),
            edge_lists=tuple(
                (each.key, self._edge(relation, each)) for each in _named("edges", parts)
            ),
        )

    def _page_info(self, selected: Selected) -> tuple[str, tuple[tuple[str, str], ...]]:
        below = self._below(selected.details, selected.kind)
        return selected.key, tuple((each.key, each.name) for each in below)

    def _node(self, relation: str, selected: Selected) -> tuple[str, Object]:
        return selected.key, self._object(relation, selected.details, selected.kind)

    def _edge(self, relation: str, edge: Selected) -> Edge:
        parts = list(self._below(edge.details, edge.kind))
        return Edge(
            cursors=tuple(each.key for each in _named("cursor", parts)),
            nodes=tuple(self._node(relation, each) for each in _named("node", parts)),
        )


def below(info: Info, fields: Fields, kind: GraphQLObjectType | None) -> Iterator[Selected]:
    """Give what is selected below fields of this type; `__typename` is the executor's."""
    if kind is None:
        return
    collected = collect_subfields(
        info.schema, _fragments(info), _variables(info), info.operation, kind, list(fields)
    )
    for key, details in collected.grouped_field_set.items():
        name = details[0].node.name.value
        if name != "__typename":
            definition = kind.fields[name]
            named = get_named_type(definition.type)
            object_kind = named if isinstance(named, GraphQLObjectType) else None
            yield Selected(key, definition, details, object_kind)


def root_of(info: Info) -> Selected:
    """Give the root field that is being answered."""
    definition = info.parent_type.fields[info.field_name]
    kind = cast("GraphQLObjectType", get_named_type(definition.type))
    return Selected(str(info.path.key), definition, _roots(info), kind)


def roots_selected(info: Info) -> int:
    """Give how many root fields the operation has."""
    collected = collect_fields(
        info.schema, _fragments(info), _variables(info), info.parent_type, info.operation
    )
    fields = collected.grouped_field_set.values()
    return sum(details[0].node.name.value != "__typename" for details in fields)


def arguments(info: Info, definition: GraphQLField, details: Fields) -> Mapping[str, Any]:
    """Give a field's arguments, coerced.

    Raises BAD_USER_INPUT for a personal one over GET, and for a forgotten one inside a filter.
    """
    node: FieldNode = details[0].node
    refuse_forgotten(node, _variables(info).coerced)
    given = get_argument_values(
        definition, node, _variables(info), details[0].fragment_variable_values
    )
    if info.context.refuse_operands:
        refuse_personal(definition, given)
    return given


def _fragments(info: Info) -> dict[str, FragmentDetails]:
    return {name: FragmentDetails(fragment) for name, fragment in info.fragments.items()}


def _roots(info: Info) -> Fields:
    return [FieldDetails(node, None) for node in info.field_nodes]


def _variables(info: Info) -> VariableValues:
    """Strawberry hands on the coerced values alone; their sources matter to errors only."""
    return VariableValues({}, cast("dict[str, Any]", info.variable_values))


def _named(name: str, parts: Iterable[Selected]) -> Iterator[Selected]:
    return (each for each in parts if each.name == name)
