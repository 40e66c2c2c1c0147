"""What the rule reads of a member's rows: their provenance, never a value.

A personal column that the rule judges by (an order's merchant, service and time, a health record's
kind, whose row it is) is asked inside SQL only, and answers yes or no.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import tables
from models.columns import fact_of, path_of
from models.judged import marked
from models.tables import RELATIONS
from models.view import ACCOUNT
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.facts import Contract, ValueFacts
from policy.vocabulary import FOREVER, LinkState, RowFact

Asked = tuple[str, ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class RowFacts:
    """Reads the facts of rows as one recipient's question needs them, at one instant."""

    catalogue: Catalogue
    recipient: str | None
    at: datetime
    acquired_until: datetime | None = None
    """Rows acquired later are left out."""

    async def of(
        self, connection: AsyncConnection, relation: str, member: str
    ) -> Sequence[tuple[str, ValueFacts]]:
        """Give (row key, facts) of each of the member's rows; the account is one row.

        Raises StartUpError for a relation that has no table.
        """
        if relation not in RELATIONS:
            raise StartUpError(f"No table holds {relation} yet: there is nothing to explain.")
        if relation == ACCOUNT:
            acquirers = self.catalogue.relations[ACCOUNT].acquirers or frozenset()
            return [(member, ValueFacts(acquired_by=acquirer)) for acquirer in sorted(acquirers)]
        table, contract = RELATIONS[relation], tables.CONTRACT
        columns = dict(self._columns(relation))
        statement = select(*(column.label(name) for name, column in columns.items()))
        if "contract_no" in columns:
            of_row = and_(
                contract.c.member_key == table.c.member_key,
                contract.c.company == table.c.acquired_by,
                contract.c.no == table.c.contract_no,
            )
            statement = statement.add_columns(contract.c.lapse_at.label("lapse_at"))
            statement = statement.select_from(table.outerjoin(contract, of_row))
        if self.acquired_until is not None:
            statement = statement.where(table.c.acquired_at <= self.acquired_until)
        ordered = statement.where(table.c.member_key == member).order_by(table.c.row_key)
        rows = (await connection.execute(marked(ordered))).mappings()
        return [(str(row["row_key"]), self._facts(row)) for row in rows]

    def _columns(self, relation: str) -> Iterator[Asked]:
        table = RELATIONS[relation]
        yield "row_key", table.c.row_key
        yield "acquired_by", table.c.acquired_by
        for column in table.columns:
            fact = fact_of(column)
            if fact is not None and path_of(column) is None:
                yield column.key, column
            elif fact is RowFact.KIND:
                for key, each in self.catalogue.sensitive_lists.items():
                    yield f"list {key}", _yes(column.in_(each.kinds))
            elif fact is RowFact.SERVICE:
                for service in self.catalogue.services:
                    yield f"service {service}", _yes(column == service)
            elif fact is RowFact.MERCHANT:
                placed = tables.column_of(f"{relation}.at") <= self.at
                yield "placed", _yes(and_(column == self.recipient, placed))
            elif fact is RowFact.ROW_COMPANY:
                yield "about recipient", _yes(column == self.recipient)

    def _facts(self, row: RowMapping) -> ValueFacts:
        number = row.get("contract_no")
        services = (key for key in self.catalogue.services if row.get(f"service {key}"))
        placed = row.get("placed")
        return ValueFacts(
            acquired_by=row["acquired_by"],
            service=row.get("service") or next(services, None),
            contract=Contract(number, row["lapse_at"]) if number else None,
            merchant=self.recipient if placed else None,
            placed_at=self.at if placed else None,
            lists=frozenset(
                key for key in self.catalogue.sensitive_lists if row.get(f"list {key}")
            ),
            acquisition_consent_at=row.get("acquisition_consent_at"),
            linked=row.get("link_state") != LinkState.ANONYMOUS,
            screened=row.get("screened", False),
            retention_until=row.get("retention_until", FOREVER),
            row_company=self.recipient if row.get("about recipient") else None,
        )


def _yes(asked: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(asked, false())
