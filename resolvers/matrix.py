"""The access matrix: of how many members each company could be shown something, by category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.condition_sql import parameters
from models.disclosure import Count, Disclosure
from policy.catalogue import Category, Purpose
from policy.companies import Company
from policy.errors import ErrorCode, PrivacyError
from policy.naming import Party, parties
from policy.openings import Availability
from policy.requester import GROUP_OFFICE, Role
from policy.shown_numbers import Table, in_tens, table_in_tens
from resolvers.context import Context
from resolvers.reach import Opener, Reach, reach_of

NAME = "accessMatrix"
ALL = 100
"""Percent."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of members as it is told, and its share of all members."""

    members: int | None
    share: int | None
    suppressed: bool

    @classmethod
    def of(cls, number: int | None, everybody: int | None) -> "Shown":
        """INVARIANT: the share is made of what is told, so it tells no more."""
        share = number * ALL // everybody if number and everybody else None
        return cls(number, share, number is None)


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One category of data for one company; `shown` is None where nothing could ever be open."""

    category: Category
    availability: Availability
    shown: Shown | None
    opens_with: Sequence[Opener]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One company; a processor once for each controller it acts for."""

    company: Company
    on_behalf_of: Company | None
    cells: Sequence[MatrixCell]
    total: Shown | None


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One category of data, for all companies of the matrix together."""

    category: Category
    total: Shown | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is open for one purpose at one instant."""

    purpose: Purpose
    at: datetime
    members: Shown
    rows: Sequence[MatrixRow]
    columns: Sequence[MatrixColumn]
    total: Shown | None


async def access_matrix(context: Context, purpose: str) -> Matrix:
    """Count for a privacy officer what is open now, and put on record what was told.

    Raises FORBIDDEN for everybody else, PURPOSE_UNKNOWN for a purpose that nobody knows.
    """
    shown_to = _parties(context)
    if purpose not in context.catalogue.purposes:
        raise PrivacyError(
            ErrorCode.PURPOSE_UNKNOWN,
            "No purpose of the catalogue has the key in `purpose`: "
            "the query `{ purposes { key } }` lists them.",
        )
    reach = await reach_of(context, shown_to, purpose)
    async with context.snapshot.reading_widely() as connections:
        taken = await reach.census.taken(connections, parameters(context.asked_at, None))
    found = {
        (party, category): taken.passing(cell.ways)
        for party, cells in reach.cells.items()
        for category, cell in cells.items()
    }
    matrix = Telling(context, reach, table_in_tens(found), taken.number).matrix(shown_to, purpose)
    told = matrix.total.members if matrix.total else None
    context.disclosures.append(Disclosure(counts=(Count(NAME, (), told or 0),)))
    return matrix


def _parties(context: Context) -> Sequence[Party]:
    """Give whose rows an officer sees: those of the own company, as `explain` has it.

    A processor's row is its controller's as well.
    """
    requester = context.requester
    if requester.role is not Role.OFFICER:
        raise PrivacyError(ErrorCode.FORBIDDEN, "The access matrix is for privacy officers.")
    every = parties(context.catalogue, context.asked_at)
    return [each for each in every if requester.company in {GROUP_OFFICE, *each}]


@dataclass(frozen=True, slots=True)
class Telling:
    """The numbers in tens, beside what they are of."""

    context: Context
    reach: Reach
    table: Table[Party, str]
    number: int

    def matrix(self, shown_to: Sequence[Party], purpose: str) -> Matrix:
        """Tell all of it; what no purpose reaches has no number."""
        catalogue, table = self.context.catalogue, self.table
        columns = [
            MatrixColumn(each, self._shown(table.columns, each.key))
            for each in catalogue.categories.values()
        ]
        return Matrix(
            purpose=catalogue.purposes[purpose],
            at=self.context.asked_at,
            members=Shown.of(in_tens(self.number), in_tens(self.number)),
            rows=[self._row(party) for party in shown_to],
            columns=columns,
            total=self._shown({"": table.total} if table.cells else {}, ""),
        )

    def _row(self, party: Party) -> MatrixRow:
        companies, (company, controller) = self.context.catalogue.companies, party
        return MatrixRow(
            company=companies[company],
            on_behalf_of=companies.get(controller or ""),
            cells=[self._cell(party, each) for each in self.context.catalogue.categories.values()],
            total=self._shown(self.table.rows, party),
        )

    def _cell(self, party: Party, category: Category) -> MatrixCell:
        shown = self._shown(self.table.cells, (party, category.key))
        if shown is None:
            return MatrixCell(category, Availability.NEVER, None, ())
        openers = self.reach.cells[party][category.key].openers
        return MatrixCell(category, Availability.PER_MEMBER, shown, openers)

    def _shown(self, told: Mapping[T, int | None], place: T) -> Shown | None:
        return Shown.of(told[place], in_tens(self.number)) if place in told else None
