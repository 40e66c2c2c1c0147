"""A world of members, their data, contracts and events, and how it is loaded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnDefault, Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import PAGE, append
from models.projection_check import Advance, unobserved
from models.tables import ACCOUNT, CONTRACT, ROW_TABLES
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.events import Event
from policy.vocabulary import FOREVER

Values = Mapping[str, Any]
"""Column → value; a column left out is null, or its default where it cannot be."""

ACCOUNT_RELATION = ""

_WRITTEN = {str(table.info["relation"]): table for table in (ACCOUNT, *ROW_TABLES)}
"""Relation → its table; a relation that shows what the log knows has none to write to."""


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """An insurance contract: `company` is the acquirer of what belongs to it."""

    company: str
    no: str
    lapse_at: datetime = FOREVER


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """All of one member. `account` is None where there is none; `rows` are by relation name."""

    key: str
    account: Values | None = None
    rows: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    contracts: Sequence[ContractRecord] = ()
    events: Sequence[Event] = ()


async def load(
    connection: AsyncConnection,
    catalogue: Catalogue,
    members: Iterable[MemberRecord],
    now: datetime,
    advance: Advance = unobserved,
) -> None:
    """Insert these members and record their events, in the caller's transaction.

    Raises StartUpError for what has no place in the tables, and for events out of order.
    """
    left = iter(members)
    while page := list(islice(left, PAGE)):
        try:
            for table, rows in _tables(page).items():
                await connection.execute(insert(table), rows)
            await append(connection, catalogue, {each.key: each.events for each in page}, now)
        except ValueError as fault:
            raise StartUpError(f"The world cannot be loaded: {fault}.") from fault
        except IntegrityError as fault:
            raise StartUpError(
                "The world cannot be loaded: a key or an account id stands in it twice, "
                "is in the database already, or a number is too large for GraphQL."
            ) from fault
        advance(len(page))


def _tables(page: Sequence[MemberRecord]) -> Mapping[Table, Sequence[Values]]:
    tables: dict[Table, list[Values]] = defaultdict(list)
    for member in page:
        for relation, values in _relations(member):
            if relation not in _WRITTEN:
                raise StartUpError(f"The world names a relation {relation!r}, which has no table.")
            table = _WRITTEN[relation]
            tables[table].append(_whole(table, {**values, "member_key": member.key}))
        for contract in member.contracts:
            tables[CONTRACT].append(
                {
                    "member_key": member.key,
                    "company": contract.company,
                    "no": contract.no,
                    "lapse_at": contract.lapse_at,
                }
            )
    return tables


def _relations(member: MemberRecord) -> Iterator[tuple[str, Values]]:
    if member.account is not None:
        yield ACCOUNT_RELATION, member.account
    for relation, rows in member.rows.items():
        for row in rows:
            yield relation, row


def _whole(table: Table, values: Values) -> Values:
    """The row with every column named, since rows are inserted many at a time."""
    unknown = sorted(values.keys() - table.columns.keys())
    if unknown:
        raise StartUpError(f"The world names {', '.join(unknown)}, no column of {table.name}.")
    missing = sorted(
        column.name
        for column in table.columns
        if column.name not in values and not column.nullable and column.default is None
    )
    if missing:
        raise StartUpError(f"The world leaves out {', '.join(missing)} of a row of {table.name}.")
    return {
        column.name: values[column.name] if column.name in values else _default(column.default)
        for column in table.columns
    }


def _default(default: object) -> Any:
    return default.arg if isinstance(default, ColumnDefault) else None
