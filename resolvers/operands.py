"""Operands: personal ones must not stand in a URL, and none may be forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from policy.errors import ErrorCode, PrivacyError

_DEFINITION = "strawberry-definition"


def refuse_personal(definition: GraphQLField, given: Mapping[str, Any]) -> None:
    """Raise BAD_USER_INPUT if a value is given where the schema says `@personal`."""
    elements = ((definition.args[name], value) for name, value in given.items())
    if any(any(_personal(element, value)) for element, value in elements):
        raise in_a_url("A personal value")


def refuse_forgotten(field: FieldNode, variables: Mapping[str, Any]) -> None:
    """Raise BAD_USER_INPUT for a variable inside a filter that has no value.

    GraphQL leaves such a condition out, and whom it kept away would come.
    """
    filters = (each.value for each in field.arguments or () if each.name.value == "filter")
    inside = (
        name
        for value in filters
        if not isinstance(value, VariableNode)  # all of the argument may be left out
        for name in variables_in(value)
    )
    for name in inside:
        if name not in variables:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT,
                f"The variable `${name}` inside a filter has no value: give it one, or leave the "
                "condition out.",
            )


def variables_in(value: ValueNode) -> Iterator[str]:
    """Give the names of the variables in a value."""
    match value:
        case VariableNode(name=name):
            yield name.value
        case ObjectValueNode(fields=fields):
            for field in fields:
                yield from variables_in(field.value)
        case ListValueNode(values=values):
            for each in values:
                yield from variables_in(each)


def in_a_url(what: str) -> PrivacyError:
    """Give the refusal of an operand in a GET request."""
    return PrivacyError(
        ErrorCode.BAD_USER_INPUT,
        f"{what} in a GET request lands in proxy logs; send this query with POST.",
    )


def _personal(element: Any, value: object) -> Iterator[bool]:
    """Say of an argument or input field that has a value, and of all in it, if it is personal."""
    yield any(_named(each) == "personal" for each in _directives(element))
    kind = get_named_type(element.type)
    if isinstance(kind, GraphQLInputObjectType):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                for name, inner in each.items():
                    yield from _personal(kind.fields[name], inner)


def _directives(element: Any) -> tuple[Any, ...]:
    definition = element.extensions.get(_DEFINITION)
    return tuple(getattr(definition, "directives", None) or ())


def _named(directive: Any) -> str:
    said = type(directive).__strawberry_directive__
    return str(said.graphql_name or said.python_name)
