"""What lists can be narrowed by: inputs derived from the personal fields of members and rows."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from schema.directives import Personal
from schema.inputs import BELOW, Part, make_input
from schema.operators import operators_for

ROW = "row"
"""In the metadata of a field that holds a connection: the type of its rows."""

_PERSONAL = (Personal(categories=[]),)
"""The schema of each catalogue fills in the categories."""

_CONNECTIVES = (
    Part("and", None, "All of these hold; an empty list does.", (BELOW,)),
    Part("or", None, "Some of these holds; of an empty list, none.", (BELOW,)),
    Part("not", None, "This does not hold.", (BELOW,)),
)


@cache
def filter_of(kind: Any) -> Any:
    """Give the input that narrows a list of this type: all that is given must hold."""
    name = kind.__name__
    return make_input(
        f"{name}Filter",
        f"What must hold of a {name}: all that is given. Values are compared as the caller sees "
        "them: what is withheld counts as missing.",
        (*_CONNECTIVES, *_parts(kind)),
        relation=kind.relation,
    )


def personal_fields(kind: Any) -> Iterator[StrawberryField]:
    """Give the personal fields of a member's or a row's type."""
    for field in kind.__strawberry_definition__.fields:
        if any(isinstance(directive, Personal) for directive in field.directives):
            yield field


def scalar_of(field: StrawberryField) -> Any:
    """Give the kind of value a personal field holds; None for a list."""
    kind: Any = field.type
    inner = kind.of_type
    return None if isinstance(inner, StrawberryList) or row_of(field) else inner


def row_of(field: StrawberryField) -> Any:
    """Give the type of the rows a personal field lists; None for one that lists none."""
    kind: Any = field.type
    inner = kind.of_type
    listed = inner.of_type if isinstance(inner, StrawberryList) else None
    return field.metadata.get(ROW) or (listed if hasattr(listed, "relation") else None)


def _parts(kind: Any) -> Iterator[Part]:
    for field in personal_fields(kind):
        name, description = to_camel_case(field.python_name), field.description or ""
        if row := row_of(field):
            yield Part(name, _rows_filter(row) | None, description, _PERSONAL)
        elif scalar := scalar_of(field):
            yield Part(name, operators_for(scalar) | None, description, _PERSONAL)


@cache
def _rows_filter(row: Any) -> Any:
    name = row.__name__
    parts = (
        Part("some", filter_of(row) | None, "Of some row that is open, this holds."),
        Part("none", filter_of(row) | None, "Of no row that is open, this holds."),
    )
    description = f"What must hold of the rows of type {name} below: all that is given."
    return make_input(f"{name}ListFilter", description, parts, said=(BELOW,))
