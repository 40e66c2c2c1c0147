"""What an answer could hold, by the sizes of its pages: the cost of an operation.

Each field counts one, times the entries of every list around it: of a page, as many as it declares
(`first`, `last`); of a list of ids or of fields, as many as are given; of any other list, LISTED.
What the schema says of itself counts as it is; that and what stands beside a member's values SAID
times as much. DEAR is what takes more than its answer tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

PAGE = 20
"""Entries of a page of which nothing is said."""
LONGEST = 100
"""Entries that a page can have; whoever asks for more is told so where the page is read."""
LISTED = 10
EVERY_FIELD = 150
"""Entries of `access` that names no fields: a personal field more costs no edit here."""
DESCRIBED: Mapping[str, float] = {
    "fields": 3,
    "inputFields": 1.5,
    "enumValues": 1.25,
    "args": 0.25,
    "interfaces": 0.1,
    "possibleTypes": 0.1,
    "ofType": 0.5,
}
"""What there is of it in one type or field, on the average of the schema."""
SAID = 4
"""What one value counts that goes through the executor, as all that the schema says of itself."""
BELOW: Mapping[str, int] = {"access": SAID, "consents": SAID, "asSeenBy": 40}
"""How many times as much a value counts below these: all beside a member's values goes through the
executor, and what a company would see of it is decided by the member's past."""
DEAR: Mapping[str, int] = {
    "accessMatrix": 50_000,  # counts every member
    "readers": 20_000,  # decides for every company and purpose
    "receipt": 500,  # tells every event, in terms of its own
    "consentReceipt": 500,
}
"""Fields that take more than their answer tells."""

_SIZES = ("first", "last", "ids", "fields")
_META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
_ENDLESS = 10**12
"""What is dearer counts as this: each fragment of a document can double its cost."""

Variables = Mapping[str, Any]


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Variables | None,
) -> int:
    """Give the cost of an operation of a document that is not too deep, whether it is valid or not.

    `variables` are the request's, as they came; None: the most that any could make it cost. A
    fragment is looked into once for each size of the page around it, so this takes time that grows
    with the length of the document.
    """
    told = None if variables is None else _defaults(operation) | dict(variables)
    root = schema.get_root_type(operation.operation)
    return _Cost(schema, fragments, told).of(operation.selection_set, root, PAGE)


def _defaults(operation: OperationDefinitionNode) -> dict[str, ValueNode]:
    """Give what variables are that were left out."""
    return {
        each.variable.name.value: each.default_value
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }


@dataclass(slots=True)
class _Cost:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables | None
    known: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of fragments, by the size of the page around them."""

    def of(
        self, selected: SelectionSetNode | None, parent: GraphQLNamedType | None, page: int
    ) -> int:
        """Give the cost of what is selected in one object, below a page of this size."""
        every = selected.selections if selected else ()
        return min(sum(self._each(each, parent, page) for each in every), _ENDLESS)

    def _each(self, each: SelectionNode, parent: GraphQLNamedType | None, page: int) -> int:
        match each:
            case FieldNode():
                return self._field(each, parent, page)
            case InlineFragmentNode(type_condition=on, selection_set=inner):
                kind = self.schema.get_type(on.name.value) if on else parent
                return self.of(inner, kind, page)
            case FragmentSpreadNode(name=name):
                return self._fragment(name.value, page)
        raise TypeError(type(each).__name__)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> int:
        name, described = node.name.value, parent is not None and parent.name.startswith("__")
        own = SAID if described else DEAR.get(name, 1)
        if node.selection_set is None:
            return own
        found: GraphQLField | None = getattr(parent, "fields", _META).get(name) or _META.get(name)
        if found is None:  # of no type at all, which validation tells
            return 1 + self.of(node.selection_set, None, page)
        told = self._size(node, found) if found.args.keys() & {*_SIZES} else None
        of_pages = PAGE if told is None else told
        below = self.of(node.selection_set, get_named_type(found.type), of_pages)
        below *= BELOW.get(name, 1)
        if described:
            return own + int(below * self._described(name))
        if not is_list_type(get_nullable_type(found.type)):
            return own + below
        return own + below * (self._listed(parent, name, page) if told is None else told)

    def _listed(self, parent: GraphQLNamedType | None, name: str, page: int) -> int:
        """Give how many entries a list has that takes no size."""
        return page if parent and parent.name.endswith("Connection") else LISTED

    def _described(self, name: str) -> float:
        """Give how many of these a type or a field has, and the schema of types."""
        return len(self.schema.type_map) if name == "types" else DESCRIBED.get(name, 1)

    def _fragment(self, name: str, page: int) -> int:
        if (name, page) not in self.known:
            self.known[name, page] = 0  # while it is looked into: one that holds itself is invalid
            if found := self.fragments.get(name):
                kind = self.schema.get_type(found.type_condition.name.value)
                self.known[name, page] = self.of(found.selection_set, kind, page)
        return self.known[name, page]

    def _size(self, node: FieldNode, found: GraphQLField) -> int:
        """Give how many entries a field declares."""
        of_fields = "fields" in found.args
        unsaid, most = (EVERY_FIELD, EVERY_FIELD) if of_fields else (PAGE, LONGEST)
        sizes = [
            self._number(each.value, most)
            for each in node.arguments or ()
            if each.name.value in _SIZES
        ]
        return max((each for each in sizes if each is not None), default=unsaid)

    def _number(self, value: object, most: int) -> int | None:
        if isinstance(value, VariableNode):
            if self.variables is None:
                return most
            value = self.variables.get(value.name.value)
        match value:
            case IntValueNode(value=digits):
                number = int(digits) if len(digits) < len(str(_ENDLESS)) else most
            case ListValueNode(values=values):
                number = len(values)
            case list():
                number = len(value)
            case int() | float():
                number = int(value)
            case _:
                return None
        return min(max(number, 0), most)
