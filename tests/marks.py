"""What the schema says of its elements, and what is said where it says something else."""

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

import pytest
from graphql import is_introspection_type

from policy.catalogue import Catalogue
from policy.errors import StartUpError
from schema.build import Schema, build_schema
from schema.classification import check_schema
from tests.real import CATALOGUE

DEFINITION = "strawberry-definition"
SCHEMA = build_schema(CATALOGUE)


also_alone = pytest.mark.parametrize("step", [40, pytest.param(1, marks=pytest.mark.exhaustive)])
"""What is found all at once is also found alone: one in so many of them."""


class Marked(NamedTuple):
    """An element of the schema that carries a classifying directive."""

    name: str
    element: Any

    def __str__(self) -> str:
        return self.name


def elements(schema: Schema) -> Iterator[Marked]:
    for kind in schema.core.type_map.values():
        if is_introspection_type(kind):
            continue
        yield Marked(kind.name, kind)
        for part in ("fields", "values"):
            for name, element in getattr(kind, part, {}).items():
                yield Marked(f"{kind.name}.{name}", element)
                for argument, given in getattr(element, "args", {}).items():
                    yield Marked(f"{kind.name}.{name}({argument}:)", given)


def directives(element: Any) -> list[Any]:
    definition = element.extensions.get(DEFINITION)
    return list(getattr(definition, "directives", None) or ())


def saying(element: Any, *said: object) -> Any:
    """The element's definition as it would be, had it said this instead."""
    definition = copy(element.extensions[DEFINITION])
    definition.directives = list(said)
    return definition


def element_of(name: str, schema: Schema = SCHEMA) -> Any:
    return next(each.element for each in elements(schema) if each.name == name)


def refusal(catalogue: Catalogue = CATALOGUE, schema: Schema = SCHEMA) -> str:
    with pytest.raises(StartUpError) as stopped:
        check_schema(schema.core, catalogue)
    return str(stopped.value)


def marked(schema: Schema, *kinds: type) -> list[Marked]:
    """Everything that carries one of these directives."""
    return [
        each
        for each in elements(schema)
        if any(isinstance(said, kinds) for said in directives(each.element))
    ]


def named_in(refused: str) -> dict[str, set[str]]:
    """What is refused, each with what is said of it."""
    found: dict[str, set[str]] = {}
    for line in refused.splitlines()[1:]:
        name, _, finding = line.partition(": ")
        found.setdefault(name, set()).add(finding)
    return found


OF_TYPES = {kind.name for kind in SCHEMA.core.type_map.values()}
"""Names of types: what stands on a type speaks for its fields."""
