"""The access matrix: numbers of members, companies by categories, for privacy officers."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from policy.openings import Availability
from resolvers import matrix
from resolvers.catalogue import Info
from schema.access import KEY, OpensWith
from schema.company import Company
from schema.directives import CATALOGUE, NotPersonal, argument, plain
from schema.document import Provision
from schema.purpose import DataCategory, Purpose

IN_TENS = NotPersonal(
    reason="numbers of members, rounded so that none below ten can be found out; told to privacy "
    "officers alone"
)


@strawberry.type(
    description=(
        "A number of members as officers are told it: rounded down to tens, so at least so many, "
        "and none below ten, which zero is too. Totals are rounded by themselves, and are not the "
        "sum of their parts."
    ),
    directives=[IN_TENS],
)
class AccessMatrixCount:
    """What the number counts, its field says."""

    members: int | None = plain("How many at least; null below ten.")
    share: int | None = plain(
        "The percentage of all members, made of rounded numbers alone; null below ten."
    )
    suppressed: bool = plain("Whether it is below ten, and not told.")


@strawberry.type(
    description="A provision that could open some fields of a category, and all that it takes.",
    directives=[CATALOGUE],
)
class AccessMatrixOpening:
    """Another provision opens them by itself."""

    provision: Provision | None = plain("The provision.")
    fields: list[str] = plain("What it could open of the category, by path from Member.")
    takes: list[OpensWith] = plain("What it takes before it opens them, all of it.")


@strawberry.type(
    description="One category of data for one company.",
    directives=[IN_TENS],
)
class AccessMatrixCell:
    """Not permitted and nobody's are two things."""

    category: DataCategory = plain("The category.")
    availability: Availability = plain(
        "NEVER where no provision in force could open anything of it to the company."
    )
    shown: AccessMatrixCount | None = plain(
        "Of how many members at least one value or row of it is open; null where it is NEVER."
    )
    opens_with: list[AccessMatrixOpening] = plain(
        "The provisions that open it, most specific first; none where it is NEVER."
    )


@strawberry.type(
    description="One company: a processor once for each controller it acts for.",
    directives=[IN_TENS],
)
class AccessMatrixRow:
    """Its cells are in the order of the catalogue's categories."""

    company: Company = plain("Who would be shown it.")
    on_behalf_of: Company | None = plain("The controller that a processor acts for.")
    cells: list[AccessMatrixCell] = plain("A cell for each category.")
    total: AccessMatrixCount | None = plain(
        "Of how many members anything is open to it; null where nothing ever could be."
    )


@strawberry.type(
    description="One category of data, for all companies of the matrix together.",
    directives=[IN_TENS],
)
class AccessMatrixColumn:
    """Over the rows that the officer sees."""

    category: DataCategory = plain("The category.")
    total: AccessMatrixCount | None = plain(
        "Of how many members something of it is open to one of them; null where nothing ever "
        "could be."
    )


@strawberry.type(
    description=(
        "Of how many members each company could be shown something for one purpose, at one "
        "instant: companies by categories of data. Counted from the same grants as every read. "
        "The group's office sees every company; another office its own company, and the "
        "processors that act for it: no company's officer learns another company's numbers."
    ),
    directives=[IN_TENS],
)
class AccessMatrix:
    """Numbers alone: who the members are, nothing in it tells."""

    purpose: Purpose = plain("For what.")
    at: datetime = plain("As of when: the instant of asking.")
    members: AccessMatrixCount = plain(
        "How many members there are, closed accounts among them: what shares are shares of."
    )
    rows: list[AccessMatrixRow] = plain("The companies, in the catalogue's order.")
    columns: list[AccessMatrixColumn] = plain("The totals of the categories.")
    total: AccessMatrixCount | None = plain(
        "Of how many members anything is open to one of the companies; null where nothing ever "
        "could be."
    )


PurposeKey = Annotated[strawberry.ID, argument("Key of the purpose.", KEY)]


async def access_matrix(info: Info, purpose: PurposeKey) -> Any:
    """Count."""
    return await matrix.access_matrix(info.context, purpose)
