"""The selection plan of a personal entry: which relations, columns and response keys are asked for.

Collected with graphql-core's own field collection, so fragments, aliases, `@skip` and `@include`
mean here what they mean to the executor.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values

from models.redacted import ACCOUNT
from policy.errors import ErrorCode, PrivacyError
from resolvers.context import Context

MEMBERS_AT_MOST = 100
ROWS_AT_MOST = 50
DEFAULT_PAGE = 20
PROVENANCE = {"source": "source", "channel": "channel", "acquiredAt": "acquired_at"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A personal value: response key and catalogue path."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class Party:
    """A personal value that names a company."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class NodeId:
    key: str


@dataclass(frozen=True, slots=True)
class Acquirer:
    key: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an open row came to be: response key and column."""

    key: str
    column: str


@dataclass(frozen=True, slots=True)
class PageBounds:
    """A page forward: how many at most, behind which cursor."""

    first: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection below its parent, or `members` itself: what is selected of page and rows.

    Each part stands with its response key; one connection can show its page and rows repeatedly.
    """

    key: str
    relation: str
    bounds: PageBounds
    page_infos: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    node_lists: tuple[tuple[str, "Object"], ...]
    edge_lists: tuple[tuple[str, "Edge"], ...]

    def objects(self) -> Iterator["Object"]:
        """Give every selection made on the rows."""
        yield from (node for _, node in self.node_lists)
        for _, edge in self.edge_lists:
            yield from (node for _, node in edge.nodes)

    @property
    def paths(self) -> tuple[str, ...]:
        """The personal fields selected on the rows, each once."""
        return tuple(dict.fromkeys(path for each in self.objects() for path in each.paths))

    @property
    def connections(self) -> tuple["Connection", ...]:
        """The connections selected below the rows."""
        return tuple(below for each in self.objects() for below in each.connections)


@dataclass(frozen=True, slots=True)
class Edge:
    cursors: tuple[str, ...]
    nodes: tuple[tuple[str, "Object"], ...]


Output = Scalar | Party | NodeId | Acquirer | Provenance | Connection


@dataclass(frozen=True, slots=True)
class Object:
    """What is selected of one member or one row."""

    outputs: tuple[Output, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(out.path for out in self.outputs if isinstance(out, Scalar | Party))
        )

    @property
    def connections(self) -> tuple[Connection, ...]:
        return tuple(out for out in self.outputs if isinstance(out, Connection))


Fields = Sequence[FieldDetails]


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


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans what is selected below one personal entry of one operation."""

    info: GraphQLResolveInfo[Context]

    def entry(self) -> Object:
        """Plan a root that gives one member."""
        return self._object(ACCOUNT, self._roots(), self._type("Member"))

    def connection(self, bounds: PageBounds) -> Connection:
        """Plan the root `members`."""
        root = "members"
        selected = self._below(self._roots(), self._type("MemberConnection"))
        return self._connection(root, ACCOUNT, selected, bounds)

    def _roots(self) -> Fields:
        return [FieldDetails(node, None) for node in self.info.field_nodes]

    def _type(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self.info.schema.type_map[name])

    def _variables(self) -> VariableValues:
        """Strawberry hands on the coerced values alone; their sources matter to errors only."""
        return VariableValues({}, cast("dict[str, Any]", self.info.variable_values))

    def _below(self, fields: Fields, kind: GraphQLObjectType | None) -> Iterator[Selected]:
        """Give what is selected below; `__typename` is the executor's."""
        if kind is None:
            return
        fragments = {
            name: FragmentDetails(fragment) for name, fragment in self.info.fragments.items()
        }
        info = self.info
        collected = collect_subfields(
            info.schema, fragments, self._variables(), info.operation, kind, list(fields)
        )
        for key, details in collected.grouped_field_set.items():
            name = details[0].node.name.value
            if name != "__typename":
                definition = kind.fields[name]
                below = get_named_type(definition.type)
                object_kind = below if isinstance(below, GraphQLObjectType) else None
                yield Selected(key, definition, details, object_kind)

    def _object(self, relation: str, fields: Fields, kind: GraphQLObjectType | None) -> Object:
        return Object(tuple(self._output(relation, each) for each in self._below(fields, kind)))

    def _output(self, relation: str, selected: Selected) -> Output:
        key, name = selected.key, selected.name
        if name == "id":
            return NodeId(key)
        if relation != ACCOUNT and name == "acquiredBy":
            return Acquirer(key)
        if relation != ACCOUNT and name in PROVENANCE:
            return Provenance(key, PROVENANCE[name])
        path = f"{relation}.{name}" if relation else name
        if selected.kind is not None and selected.kind.name == "Company":
            return Party(key, path)
        if selected.kind is not None:
            bounds = page_bounds(self._arguments(selected), ROWS_AT_MOST)
            below = self._below(selected.details, selected.kind)
            return self._connection(key, name, below, bounds)
        return Scalar(key, path)

    def _arguments(self, selected: Selected) -> dict[str, Any]:
        first = selected.details[0]
        return get_argument_values(
            selected.definition,
            first.node,
            self._variables(),
            first.fragment_variable_values,
        )

    def _connection(
        self, key: str, relation: str, selected: Iterable[Selected], bounds: PageBounds
    ) -> Connection:
        page_infos, node_lists, edge_lists = [], [], []
        for each in selected:
            if each.name == "pageInfo":
                infos = self._below(each.details, each.kind)
                page_infos.append((each.key, tuple((info.key, info.name) for info in infos)))
            elif each.name == "nodes":
                node_lists.append((each.key, self._object(relation, each.details, each.kind)))
            else:
                edge_lists.append((each.key, self._edge(relation, each)))
        return Connection(
            key, relation, bounds, tuple(page_infos), tuple(node_lists), tuple(edge_lists)
        )

    def _edge(self, relation: str, edge: Selected) -> Edge:
        below = tuple(self._below(edge.details, edge.kind))
        return Edge(
            cursors=tuple(each.key for each in below if each.name == "cursor"),
            nodes=tuple(
                (each.key, self._object(relation, each.details, each.kind))
                for each in below
                if each.name == "node"
            ),
        )


def page_bounds(arguments: dict[str, Any], at_most: int) -> PageBounds:
    """Give the page that `first` and `after` ask for. Raises BAD_USER_INPUT naming the maximum."""
    first = arguments.get("first")
    first = DEFAULT_PAGE if first is None else first
    if not 1 <= first <= at_most:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            f"`first` must be from 1 to {at_most}; ask for a page of that.",
        )
    return PageBounds(first, arguments.get("after"))
