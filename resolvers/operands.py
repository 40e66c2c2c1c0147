"""Operands that are personal data must not stand in a URL, where proxies log them."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLField, GraphQLInputObjectType, get_named_type

from policy.errors import ErrorCode, PrivacyError

_DEFINITION = "strawberry-definition"


def refuse_personal(definition: GraphQLField, given: Mapping[str, Any]) -> None:
    """Raise BAD_USER_INPUT if a value is given where the schema says `@personal`."""
    elements = ((definition.args[name], value) for name, value in given.items())
    if any(any(_personal(element, value)) for element, value in elements):
        raise in_a_url("A personal value")


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
