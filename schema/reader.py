"""Who can see something of the member, on what basis, and who could."""

from collections.abc import Sequence
from typing import Any

import strawberry

from resolvers import readers as readership
from resolvers.catalogue import Info
from schema.access import WithheldReason
from schema.company import Company
from schema.directives import NotPersonal, plain
from schema.document import ConsentItem, Provision
from schema.purpose import DataCategory, Purpose

TOLD = NotPersonal(reason="verdicts about the member's data, told to them alone")


@strawberry.type(
    description=(
        "A provision that opens something of the member to a reader, or would if what it lacks "
        "were there."
    ),
    directives=[TOLD],
)
class ReaderWay:
    """What no provision could open to the reader is in none."""

    provision: Provision | None = plain("The provision: it says which items it rests on.")
    open: bool = plain("Whether it opens something now.")
    categories: list[DataCategory] = plain(
        "The data categories that it opens, or would; of what the member has."
    )
    fields: list[str] = plain("The fields that it opens, or would, by their path from Member.")
    code: str | None = strawberry.field(
        graphql_type=WithheldReason | None, description="Why it opens nothing; null where it does."
    )
    meaning: str | None = plain("The code in a sentence.")
    missing: list[ConsentItem] = plain(
        "The items that the member would have to consent to, if nothing else is in the way; none "
        "where it is open, or where consent alone would not do."
    )


@strawberry.type(
    description="A company, and a purpose for which it can see something of the member, or could.",
    directives=[TOLD],
)
class Reader:
    """What exactly it sees, `asSeenBy` shows."""

    company: Company = plain("Who asks.")
    on_behalf_of: Company | None = plain("Of a processor: the controller it acts for.")
    purpose: Purpose = plain("For what.")
    ways: list[ReaderWay] = plain("Each provision, those that are open first.")


async def readers(info: Info) -> Any:
    found: Sequence[Any] = await readership.readers(info.context)
    return found
