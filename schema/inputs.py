"""Input objects made by code: classes out of named, described and classified parts."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import strawberry
from strawberry.annotation import StrawberryAnnotation

from schema.directives import NotPersonal, Personal

BELOW = NotPersonal(reason="what is below says for itself")


class Part(NamedTuple):
    """A field of an input. `kind` None: the input itself, or a list of it if the name is plural."""

    name: str
    kind: Any
    description: str
    said: tuple[Personal | NotPersonal, ...] = ()
    default: object = strawberry.UNSET


def given(value: Any) -> Any:
    """What was left out counts as null."""
    return None if value is strawberry.UNSET else value


def make_input(
    name: str,
    description: str,
    parts: Iterable[Part],
    *,
    said: Iterable[NotPersonal] = (),
    relation: str | None = None,
) -> Any:
    """Give the input type of these parts; all may be left out but those whose kind has no None.

    `relation`: whose personal fields its parts are named after.
    """
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__, "__doc__": description}
    if relation is not None:
        body["relation"] = relation
    for part in parts:
        body["__annotations__"][f"{part.name}_"] = object if part.kind is None else part.kind
        body[f"{part.name}_"] = strawberry.field(
            name=part.name,
            description=part.description,
            default=part.default,
            directives=part.said,
        )
    made: Any = type(name, (), body)
    made = strawberry.input(made, name=name, description=description, directives=list(said))
    for field in made.__strawberry_definition__.fields:
        if field.type_annotation.raw_annotation is object:
            one = made if field.graphql_name == "not" else list[made]
            field.type_annotation = StrawberryAnnotation(one | None)
    return made
