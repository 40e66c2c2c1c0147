"""Operations all of whose roots are personal reads: parsed, validated and planned once.

They are answered from their plans, before any executor. Every other document is the executor's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    located_error,
)
from graphql.execution.values import VariableValues, get_variable_values

from resolvers.context import Context
from resolvers.effort import Effort, at_once
from resolvers.entry import ENTRIES, Entry
from resolvers.executor import Completion
from resolvers.graphql_documents import Document, Documents
from resolvers.kept import Kept, weight_of
from resolvers.plan import Plan
from resolvers.planner import plan_of
from resolvers.site import TYPENAME, Selected, Site

Variables = Mapping[str, Any] | None

_ROOM = 16 * 1024 * 1024
"""Bytes of documents that are kept."""


@dataclass(slots=True, eq=False)
class Answer:
    """What an operation comes to: all that was asked for, or what went wrong."""

    data: dict[str, Any]
    errors: list[GraphQLError]


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """A root field, planned."""

    selected: Selected
    plan: Plan | None
    """None: it is `__typename`."""

    @classmethod
    def of(cls, site: Site, selected: Selected) -> "Root":
        return cls(selected, None if selected.name == TYPENAME else plan_of(site, selected))


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a valid document, all of whose roots are personal reads."""

    schema: GraphQLSchema
    query_type: GraphQLObjectType
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    texts: Sequence[tuple[str, bool]] | None
    """The variables, and whether each must be given, if all of them are texts."""
    check_cost: Callable[[Variables], None] | None
    """None where no variables can make it cost too much."""
    roots: dict[object, Sequence[Root]] = field(default_factory=dict)
    """As `@skip` and `@include` have it."""

    def variables(self, given: Variables) -> VariableValues | None:
        """Give the variables, coerced; None where one does not fit. Raises LIMIT_EXCEEDED."""
        if self.check_cost is not None:
            self.check_cost(given)
        told = self._texts(given or {})
        if told is not None:
            return VariableValues({}, told)
        definitions = self.node.variable_definitions or ()
        found = get_variable_values(self.schema, definitions, dict(given or {}))
        return None if isinstance(found, list) else found

    def _texts(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give variables that are all texts, which need no coercion; None for any others."""
        if self.texts is None:
            return None
        coerced = {name: given[name] for name, _ in self.texts if name in given}
        for name, required in self.texts:
            if type(coerced.get(name)) is not str and (required or coerced.get(name) is not None):
                return None
        return coerced

    async def answer(self, context: Context, variables: VariableValues) -> Answer:
        """Answer every root, in order."""
        site = Site(self.schema, self.node, self.fragments, variables)
        roots = self._roots(site)
        completion = Completion(site, context)
        data: dict[str, Any] = {}
        errors: list[GraphQLError] = []
        context.snapshot.alone = len(roots) == 1
        for root in roots:
            selected = root.selected
            try:
                if root.plan is None:
                    data[selected.key] = self.query_type.name
                    continue
                given = site.arguments(context, selected)
                entry = Entry(context, completion, selected, given, root.plan)
                data[selected.key] = await entry.answer()
            except Exception as fault:  # noqa: BLE001 (told as the executor would)
                errors.append(located_error(fault, selected.nodes, [selected.key]))
        return Answer(data, errors)

    def _roots(self, site: Site) -> Sequence[Root]:
        switches = site.switches
        roots = self.roots.get(switches)
        if roots is None:
            if len(self.roots) >= _WAYS_AT_MOST:
                self.roots.clear()
            roots = tuple(Root.of(site, each) for each in site.roots(self.query_type))
            self.roots[switches] = roots
        return roots


_WAYS_AT_MOST = 64


@dataclass(slots=True, eq=False)
class Operations:
    """The operations that one schema was asked for."""

    documents: Documents
    kept: Kept[Operation | None] = field(default_factory=lambda: Kept(_ROOM, "documents"))

    async def find(self, text: str, name: str | None, effort: Effort = at_once) -> Operation | None:
        """Give an operation that its plans can answer alone; None for any other document.

        Raises GraphQLSyntaxError, and PrivacyError(LIMIT_EXCEEDED).
        """
        key = text, name
        operation = self.kept.get(key)
        if operation is not None or key in self.kept:
            return operation
        document = await self.documents.read(text, effort)
        if document.errors:
            return None
        return self.kept.keep(key, self._operation(document, name), weight_of(text))

    def _operation(self, document: Document, name: str | None) -> Operation | None:
        documents, node = self.documents, document.operation(name)
        query_type = documents.schema.query_type
        if node is None or node.operation is not OperationType.QUERY or query_type is None:
            return None
        if not document.roots(node) <= {*ENTRIES, TYPENAME}:
            return None
        cheap = documents.is_cheap(document, node)
        check = None if cheap else partial(documents.check_cost, document, name)
        fragments, texts = document.fragments, _texts(node)
        return Operation(documents.schema, query_type, node, fragments, texts, check)


def _texts(node: OperationDefinitionNode) -> Sequence[tuple[str, bool]] | None:
    found = []
    for each in node.variable_definitions or ():
        kind, required = each.type, isinstance(each.type, NonNullTypeNode)
        inner = kind.type if isinstance(kind, NonNullTypeNode) else kind
        is_text = isinstance(inner, NamedTypeNode) and inner.name.value in {"ID", "String"}
        if not is_text or each.default_value is not None:
            return None
        found.append((each.variable.name.value, required))
    return found
