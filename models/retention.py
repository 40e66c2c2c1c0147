"""When a stored row is due: at its own date, or a while after what it belonged to has ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import CONTRACT, ROW_TABLES, STANDING
from policy.retention import KEPT_AFTER_END
from policy.vocabulary import FOREVER

WATCHED = {"redacted": True}
"""The option of statements that ask rows for keys and dates alone, never for a value."""

KEPT_TABLES = tuple(table for table in ROW_TABLES if "retention_until" in table.c)
"""Those whose rows may have a date of their own."""

OF_CONTRACTS = tuple(table for table in KEPT_TABLES if "contract_no" in table.c)


def row_due(table: Table, at: datetime) -> ColumnElement[bool]:
    """Whether a row of a table with dates has to go by now.

    A row of a contract that still runs does not end with the account.
    """
    ended = func.coalesce(_lapse_of(table), _closing_of(table))
    undated = and_(table.c.retention_until == FOREVER, ended <= at - KEPT_AFTER_END)
    return or_(table.c.retention_until <= at, undated)


def contract_due(at: datetime) -> ColumnElement[bool]:
    """Whether a contract has to go by now: long lapsed, and no row of it is kept longer."""
    kept = [
        exists().where(_names(table), ~row_due(table, at)).correlate(CONTRACT)
        for table in OF_CONTRACTS
    ]
    return and_(CONTRACT.c.lapse_at <= at - KEPT_AFTER_END, *(~each for each in kept))


def account_due(at: datetime) -> ColumnElement[bool]:
    """Whether a member's standing says that who the member was has to be forgotten by now."""
    return STANDING.c.closed_at <= at - KEPT_AFTER_END


async def date_rows(connection: AsyncConnection, member: str, closed_at: datetime) -> None:
    """Give the rows of an account that closes their last day, in the transaction of its closing.

    From that day on the rule shows them to nobody but the member, whether erasure ran or not.
    """
    for table in KEPT_TABLES:
        undated = [table.c.member_key == member, table.c.retention_until == FOREVER]
        if table in OF_CONTRACTS:
            undated.append(_lapse_of(table).is_(None))
        dated = update(table).where(*undated).values(retention_until=closed_at + KEPT_AFTER_END)
        await connection.execute(dated, execution_options=WATCHED)


def _closing_of(table: Table) -> ColumnElement[Any]:
    closing = select(STANDING.c.closed_at).where(STANDING.c.member_key == table.c.member_key)
    return closing.correlate(table).scalar_subquery()


def _lapse_of(table: Table) -> ColumnElement[Any]:
    """The end of the row's contract; null where it has none that is known."""
    if table not in OF_CONTRACTS:
        return _closing_of(table)
    return select(CONTRACT.c.lapse_at).where(_names(table)).correlate(table).scalar_subquery()


def _names(table: Table) -> ColumnElement[bool]:
    return and_(
        CONTRACT.c.member_key == table.c.member_key,
        CONTRACT.c.company == table.c.acquired_by,
        CONTRACT.c.no == table.c.contract_no,
    )
