"""Relay connections: what is open of a list, a page at a time."""

from typing import Annotated, Any, Generic, NoReturn, TypeVar

import strawberry

from schema.directives import NotPersonal, Personal, argument, plain

Row = TypeVar("Row")

AS_A_PAGE = NotPersonal(reason="tells of what is open to the caller, of nothing that is hidden")

After = Annotated[
    str | None,
    argument("Where to go on: the `endCursor` of the page before.", "cursor, made for the caller"),
]
FirstMembers = Annotated[
    int | None, argument("How many: 20 where not said, at most 100.", "size of a page")
]
FirstRows = Annotated[
    int | None, argument("How many: 20 where not said, at most 50.", "size of a page")
]


@strawberry.type(description="Where a page stands in its list.", directives=[AS_A_PAGE])
class PageInfo:
    """Relay's."""

    has_next_page: bool = plain("Whether more follows.")
    has_previous_page: bool = plain("Whether something comes before.")
    start_cursor: str | None = plain("Cursor of the first edge; null on an empty page.")
    end_cursor: str | None = plain("Cursor of the last edge; null on an empty page.")


@strawberry.type(description="An entry of a list, with its cursor.", directives=[AS_A_PAGE])
class Edge(Generic[Row]):
    """Relay's."""

    node: Row = plain("The entry.")
    cursor: str = plain("Its place: opaque, good for a day, for this caller, purpose and list.")


@strawberry.type(
    name="Connection",
    description="A page of what is open to the caller. What is hidden is counted nowhere.",
    directives=[AS_A_PAGE],
)
class Connection(Generic[Row]):
    """Relay's, with `nodes` for those who need no cursors."""

    edges: list[Edge[Row]] = plain("The entries with their cursors.")
    nodes: list[Row] = plain("The entries.")
    page_info: PageInfo = plain("Where the page stands.")


def rows(description: str) -> Any:
    """A list of a member's rows, personal as a list: it carries every category its rows carry.

    Null iff no row of it could be open to the caller; the list's path is its relation's name.
    """
    return strawberry.field(
        resolver=_page, description=description, directives=[Personal(categories=[])]
    )


def _page(first: FirstRows = strawberry.UNSET, after: After = strawberry.UNSET) -> NoReturn:
    """State the arguments; the rows themselves come with their member, from the plan."""
    raise NotImplementedError
