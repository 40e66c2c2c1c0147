"""What a record names, as the catalogue had it when the record was made: no later change shows."""

from typing import Generic, TypeVar

import strawberry

from resolvers import newest_first
from schema.company import Label
from schema.connection import Edge, PageInfo
from schema.directives import NotPersonal, plain

Row = TypeVar("Row")

RECORDED = NotPersonal(
    reason="names of items and parties, never a value; told to whom it concerns, each their part"
)


@strawberry.type(
    description="A party under the name, address and representative that it had then.",
    directives=[RECORDED],
)
class RecordedCompany:
    """No `Company`: that one stands as it is now, and stores of clients merge by `id`."""

    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: Label = plain("What it was called.")
    address: str | None = plain("Its seat.")
    representative: str | None = plain("Who represented it.")
    country: str | None = plain("ISO 3166 code; null where unknown.")


@strawberry.type(
    description="A purpose, or a consent item, under the name that it had then.",
    directives=[RECORDED],
)
class RecordedName:
    """`{key, name}`."""

    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: Label = plain("What it was called.")


@strawberry.type(
    description="What opened an item, in the version of its document that was in force then.",
    directives=[RECORDED],
)
class RecordedProvision:
    """No `Provision`: that one is of the catalogue as it is now."""

    key: strawberry.ID = plain("The stable id in the catalogue.")
    document: strawberry.ID = plain("Key of the document that held it.")
    document_name: Label = plain("What the document was called.")
    version: str = plain("Key of the version in force.")
    items: list[RecordedName] = plain(
        "The consent items that had to stand; none where it asked for no consent."
    )


@strawberry.type(
    name="Connection",
    description="A page of what concerns the caller, newest first: what is added later comes "
    "before the first page.",
    directives=[RECORDED],
)
class Recordings(Generic[Row]):
    """Relay's, with `nodes` for those who need no cursors."""

    edges: list[Edge[Row]] = plain("The entries with their cursors.")
    nodes: list[Row] = plain("The entries.")
    page_info: PageInfo = plain("Where the page stands.")
    total_count: int | None = plain(
        "How many entries the filter leaves, whatever the page; null where that takes reading them "
        "all, and where the number would tell how many members there are.",
        newest_first.total,
    )
