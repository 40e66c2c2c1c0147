"""What the rule reads of a member's rows: their provenance, never a value.

A personal column the rule judges by (`orders.at`, `healthRecords.kind`) is asked inside SQL only,
and answers yes or no.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import tables
from models.columns import fact_of
from models.redacted import ACCOUNT, marked
from models.tables import RELATIONS
from policy.catalogue import Catalogue
from policy.facts import Contract, ValueFacts
from policy.vocabulary import RowFact

Columns = Mapping[str, ColumnElement[Any]]


async def facts_of_rows(
    connection: AsyncConnection, catalogue: Catalogue, relation: str, member: str, at: datetime
) -> Sequence[tuple[str, ValueFacts]]:
    """Give (row key, facts) of each of the member's rows; the account is one row."""
    if relation == ACCOUNT:
        acquirers = catalogue.relations[ACCOUNT].acquirers or frozenset()
        return [(member, ValueFacts(acquired_by=acquirer)) for acquirer in sorted(acquirers)]
    columns = _columns(catalogue, relation, at)
    table, contract = RELATIONS[relation], tables.CONTRACT
    statement = select(*(column.label(name) for name, column in columns.items()))
    if "contract_no" in columns:
        of_row = and_(
            contract.c.member_key == table.c.member_key,
            contract.c.company == table.c.acquired_by,
            contract.c.no == table.c.contract_no,
        )
        statement = statement.add_columns(contract.c.lapse_at.label("lapse_at"))
        statement = statement.select_from(table.outerjoin(contract, of_row))
    ordered = statement.where(table.c.member_key == member).order_by(table.c.row_key)
    rows = (await connection.execute(marked(ordered))).mappings()
    return [(str(row["row_key"]), _facts(catalogue, row, at)) for row in rows]


def _columns(catalogue: Catalogue, relation: str, at: datetime) -> Columns:
    table = RELATIONS[relation]
    columns: dict[str, ColumnElement[Any]] = {
        "row_key": table.c.row_key,
        "acquired_by": table.c.acquired_by,
    }
    for column in table.columns:
        fact = fact_of(column)
        if fact is RowFact.KIND:
            for key, each in catalogue.sensitive_lists.items():
                columns[f"list {key}"] = func.coalesce(column.in_(each.kinds), literal(False))
        elif fact is not None:
            columns[column.key] = column
    if "merchant" in columns:
        placed = tables.column_of(relation, "at") <= at
        columns["placed"] = func.coalesce(placed, literal(False))
    return columns


def _facts(catalogue: Catalogue, row: RowMapping, at: datetime) -> ValueFacts:
    number = row.get("contract_no")
    return ValueFacts(
        acquired_by=row["acquired_by"],
        service=row.get("service") or None,
        contract=Contract(number, row["lapse_at"]) if number else None,
        merchant=row.get("merchant") or None,
        placed_at=at if row.get("placed") else None,
        lists=frozenset(key for key in catalogue.sensitive_lists if row.get(f"list {key}")),
        acquisition_consent_at=row.get("acquisition_consent_at"),
        retention_until=row["retention_until"],
    )
