"""What has an id: the root of refetching."""

from typing import Any

import strawberry

from resolvers import catalogue
from schema.directives import NotPersonal, plain


@strawberry.interface(
    description="An object that can be fetched again by its id.",
    directives=[NotPersonal(reason="an id is opaque and made for one audience")],
)
class Node:
    """Implemented by `Member` and by the types of the catalogue."""

    id: strawberry.ID = plain(
        "Globally unique and opaque. A member's id is made for one audience: no two of them can "
        "join on it."
    )

    @classmethod
    def resolve_type(cls, node: Any, *_: object) -> str:
        """Give the type of an object of the catalogue; a member's answer comes with its plan."""
        return catalogue.kind_of(node)
