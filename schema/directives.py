"""How a field says whether its value is personal data: each one says it is, or why it is not."""

from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    name="personal",
    description=(
        "A field whose value is personal data, and its data categories (any of them opens it; "
        "each restricted one must itself be granted)."
    ),
    locations=[
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.ENUM_VALUE,
    ],
)
class Personal:
    """`@personal(categories, restricted)`."""

    categories: list[strawberry.ID]
    restricted: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.schema_directive(
    name="notPersonal",
    description="Reviewed: carries no personal data.",
    locations=[
        Location.OBJECT,
        Location.INTERFACE,
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_OBJECT,
        Location.INPUT_FIELD_DEFINITION,
        Location.ENUM,
        Location.ENUM_VALUE,
    ],
)
class NotPersonal:
    """`@notPersonal(reason)`."""

    reason: str


CATALOGUE = NotPersonal(reason="catalogue")
OPEN_ROW = "seen only with an open row"


def personal(description: str) -> Any:
    """A stored value of a member: the catalogue's field at the type's relation + this name.

    The categories are not written here: each schema fills them from its catalogue.
    """
    return strawberry.field(description=description, directives=[Personal(categories=[])])


def not_personal(description: str, reason: str, resolver: Any = None) -> Any:
    """A field that carries no personal data, with the reviewed reason."""
    directives = [NotPersonal(reason=reason)]
    return strawberry.field(description=description, directives=directives, resolver=resolver)


def plain(description: str, resolver: Any = None) -> Any:
    """A field of a type that says for all its fields why they are not personal."""
    return strawberry.field(description=description, resolver=resolver)


def narrowing(description: str) -> Any:
    """A part of a filter; left out, or null, it narrows nothing."""
    return strawberry.field(description=description, default=strawberry.UNSET)


def personal_argument(description: str) -> Any:
    """An argument that is compared with a personal field, which schema.classification names."""
    return strawberry.argument(description=description, directives=[Personal(categories=[])])


def argument(description: str, reason: str, name: str | None = None) -> Any:
    """An argument that carries no personal data, with the reviewed reason."""
    return strawberry.argument(
        description=description, name=name, directives=[NotPersonal(reason=reason)]
    )
