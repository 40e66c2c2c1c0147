"""A world of members, their data, contracts and events, and how it is loaded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import Unfit, insert_many
from models.catalogue_store import keep_version
from models.event_log import PAGE, count_from, first_rows, keep_log
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
    """Insert these members, of whom nothing is known yet, and record their events as of `now`.

    In the caller's transaction. Raises StartUpError for what has no place in the tables, for a
    member who is there already, and for events out of order.
    """
    await keep_version(connection, catalogue.version)
    left, last = iter(members), await keep_log(connection)
    while page := list(islice(left, PAGE)):
        try:
            tables = _tables(page)
            for member in page:
                if member.events:
                    rows = first_rows(member.key, member.events, last, now, catalogue)
                    last += len(member.events)
                    for table, its_rows in rows.items():
                        tables[table] += its_rows
            for table, its_rows in tables.items():
                await insert_many(connection, table, its_rows)
        except ValueError as fault:
            raise StartUpError(f"The world cannot be loaded: {fault}.") from fault
        except Unfit as fault:
            raise StartUpError(
                "The world cannot be loaded: a key or an account id stands in it twice, "
                "is in the database already, or a number is too large for GraphQL."
            ) from fault
        advance(len(page))
    await count_from(connection, last)


def _tables(page: Sequence[MemberRecord]) -> dict[Table, list[Values]]:
    tables: dict[Table, list[Values]] = defaultdict(list)
    for member in page:
        for relation, values in _relations(member):
            if relation not in _WRITTEN:
                raise StartUpError(f"The world names a relation {relation!r}, which has no table.")
            table = _WRITTEN[relation]
            row = {**values, "member_key": member.key}
            _check(table, tuple(row))
            tables[table].append(row)
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


@lru_cache(maxsize=1024)
def _check(table: Table, named: tuple[str, ...]) -> None:
    """Raise StartUpError for a column that is none of the table's, and for one that is missing."""
    needed = (c.name for c in table.columns if not c.nullable and c.default is None)
    unknown = sorted(set(named) - set(table.columns.keys()))
    missing = sorted(set(needed) - set(named))
    if unknown:
        raise StartUpError(f"The world names {', '.join(unknown)}, no column of {table.name}.")
    if missing:
        raise StartUpError(f"The world leaves out {', '.join(missing)} of a row of {table.name}.")
