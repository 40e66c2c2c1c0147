"""Relay connections: what is open of a list, a page at a time."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature
from typing import Annotated, Any, Generic, NoReturn, TypeVar

import strawberry

from resolvers.catalogue import Info
from resolvers.lists import ROWS_AT_MOST
from schema.directives import NotPersonal, Personal, argument, plain
from schema.filters import ROW, filter_of
from schema.inputs import BELOW
from schema.orders import order_of

Row = TypeVar("Row")

_ANNOTATED: Any = Annotated
_LIST: Any = list
"""Of types that code makes, which no type checker can read."""

AS_A_PAGE = NotPersonal(reason="tells of what is open to the caller, of nothing that is hidden")


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
    total_count: int = plain("How many entries the filter leaves, whatever the page.")


def rows(description: str, row: Any) -> Any:
    """A list of a member's rows, personal as a list: it carries every category its rows carry.

    Null iff no row of it could be open to the caller; the list's path is its relation's name.
    """
    return strawberry.field(
        resolver=paged(_page, row, ROWS_AT_MOST),
        description=description,
        directives=[Personal(categories=[])],
        metadata={ROW: row},
    )


def paged(resolver: Callable[..., Any], row: Any, at_most: int) -> Any:
    """Give a resolver that takes a list's arguments, for a list of this type.

    They are stated here and read by the plan, which alone knows what they may look at.
    """

    @wraps(resolver)
    def resolve(info: Info, **_: object) -> Any:
        return resolver(info)

    given = (
        Parameter(name, Parameter.KEYWORD_ONLY, default=strawberry.UNSET, annotation=kind)
        for name, kind in _arguments(row, at_most).items()
    )
    asked = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    vars(resolve)["__signature__"] = Signature([asked, *given])
    return resolve


def _page(info: Info) -> NoReturn:
    """Rows come with their member, from the plan."""
    raise NotImplementedError


def _arguments(row: Any, at_most: int) -> Mapping[str, Any]:
    size = f"How many: 20 where neither is said, at most {at_most}."
    cursor, sized = "a cursor, made for the caller", "the size of a page"
    return {
        "where": _argument(
            filter_of(row), "Only those of which this holds.", BELOW.reason, "filter"
        ),
        "order_by": _argument(
            _LIST[order_of(row)],
            "By up to three fields, the first one first; then by an order of their own.",
            BELOW.reason,
        ),
        "first": _argument(int, f"{size} From the start, or behind `after`.", sized),
        "after": _argument(str, "A cursor: only what comes behind it.", cursor),
        "last": _argument(int, f"{size} From the end, or before `before`.", sized),
        "before": _argument(str, "A cursor: only what comes before it.", cursor),
    }


def _argument(kind: Any, description: str, reason: str, name: str | None = None) -> Any:
    return _ANNOTATED[kind | None, argument(description, reason, name)]
