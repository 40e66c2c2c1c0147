"""Where a selection stands: its operation as the executor would run it, and what is below a field.

Collected with graphql-core's own field collection, so fragments, aliases, `@skip` and `@include`
mean here what they mean to the executor.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, cast

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Undefined,
    VariableNode,
    coerce_input_literal,
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

from resolvers.context import Context
from resolvers.operands import refuse_forgotten, refuse_personal

Fields = Sequence[FieldDetails]
Info = GraphQLResolveInfo[Context]
TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Written:
    """Arguments each of which is a variable or a word, a number, a text: most are nothing else."""

    parts: Sequence[tuple[str, str | None, Any]]
    """Argument, its variable, and what it is where it is none, coerced."""

    @classmethod
    def of(cls, definition: GraphQLField, node: FieldNode) -> Self | None:
        """Give those of a field; None where one has to be coerced in each request."""
        given = {each.name.value: each.value for each in node.arguments or ()}
        parts = list[tuple[str, str | None, Any]]()
        for name, argument in definition.args.items():
            value, known = given.get(name), argument.out_name or name
            if isinstance(value, VariableNode):
                parts.append((known, value.name.value, None))
            elif isinstance(value, _LEAVES):
                parts.append((known, None, coerce_input_literal(value, argument.type)))
            elif value is not None or argument.default_value is not Undefined:
                return None
        return cls(parts)

    def given(self, variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Give them with the coerced variables; None where one of these is left out or null."""
        given = {
            argument: value if variable is None else variables.get(variable)
            for argument, variable, value in self.parts
        }
        return None if None in given.values() else given


_LEAVES = (BooleanValueNode, EnumValueNode, FloatValueNode, IntValueNode, StringValueNode)


@dataclass(frozen=True, eq=False)
class Selected:
    """One field selected below a parent: response key, definition and nodes."""

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField | None
    """None: it is `__typename`."""
    details: Fields

    @property
    def name(self) -> str:
        return self.details[0].node.name.value

    @property
    def node(self) -> FieldNode:
        return self.details[0].node

    @property
    def nodes(self) -> list[FieldNode]:
        return [each.node for each in self.details]

    @cached_property
    def written(self) -> Written | None:
        """Its arguments, if none of them has to be coerced in each request."""
        scoped = self.details[0].fragment_variable_values is not None
        return Written.of(self.definition, self.node) if self.definition and not scoped else None

    @property
    def type(self) -> GraphQLOutputType:
        assert self.definition is not None  # noqa: S101 (whoever asks has looked at the name)
        return self.definition.type

    @property
    def kind(self) -> GraphQLObjectType | None:
        """Its object type, if it has one."""
        named = get_named_type(self.type)
        return named if isinstance(named, GraphQLObjectType) else None

    @property
    def is_list(self) -> bool:
        return is_list_type(get_nullable_type(self.type))


@dataclass(slots=True, eq=False)
class Site:
    """An operation, with the values of its variables."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    @classmethod
    def of(cls, info: Info) -> Self:
        """Give that of a field which is being resolved."""
        # Strawberry hands on the coerced values alone; their sources matter to errors only.
        values = VariableValues({}, cast("dict[str, Any]", info.variable_values))
        return cls(info.schema, info.operation, info.fragments, values)

    @property
    def details(self) -> dict[str, FragmentDetails]:
        return {name: FragmentDetails(each) for name, each in self.fragments.items()}

    @property
    def switches(self) -> tuple[tuple[str, bool], ...]:
        """What `@skip` and `@include` can depend on: the variables that are true or false."""
        given = self.variables.coerced.items()
        return tuple((name, value) for name, value in given if isinstance(value, bool))

    def kind(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self.schema.type_map[name])

    def roots(self, parent: GraphQLObjectType) -> Iterator[Selected]:
        """Give the root fields of the operation, in order."""
        collected = collect_fields(
            self.schema, self.details, self.variables, parent, self.operation
        )
        for key, details in collected.grouped_field_set.items():
            yield _selected(key, parent, details)

    def below(self, fields: Fields, kind: GraphQLObjectType | None) -> Iterator[Selected]:
        """Give what is selected below fields of this type, in order."""
        if kind is None:
            return
        collected = collect_subfields(
            self.schema, self.details, self.variables, self.operation, kind, list(fields)
        )
        for key, details in collected.grouped_field_set.items():
            yield _selected(key, kind, details)

    def arguments(self, context: Context, selected: Selected) -> Mapping[str, Any]:
        """Give a field's arguments, coerced.

        Raises BAD_USER_INPUT for a personal one over GET, and for a forgotten one inside a filter.
        """
        if selected.written is not None and not context.refuse_operands:
            written = selected.written.given(self.variables.coerced)
            if written is not None:
                return written
        definition, node = selected.definition, selected.node
        assert definition is not None  # noqa: S101 (`__typename` has no arguments)
        refuse_forgotten(node, self.variables.coerced)
        given = get_argument_values(
            definition, node, self.variables, selected.details[0].fragment_variable_values
        )
        if context.refuse_operands:
            refuse_personal(definition, given)
        return given


def root_of(info: Info) -> Selected:
    """Give the root field that is being answered."""
    definition = info.parent_type.fields[info.field_name]
    details = [FieldDetails(node, None) for node in info.field_nodes]
    return Selected(str(info.path.key), info.parent_type, definition, details)


def _selected(key: str, parent: GraphQLObjectType, details: Fields) -> Selected:
    return Selected(key, parent, parent.fields.get(details[0].node.name.value), details)
