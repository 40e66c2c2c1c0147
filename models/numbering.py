"""Numbers in place of what repeats: a row of these tables is written once and never changes.

INVARIANT: one folder commits at a time (models.ledger_fold), so the numbers behind the last one
that its snapshot shows are its to give.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import Row

NOBODY = 0
AT_ONCE = 500
"""Values named in one statement."""

What = tuple[Any, ...]
"""A row without its number."""


class Numbers(NamedTuple):
    """What has which number, and the rows that are still to be written."""

    of: Mapping[What, int]
    fresh: Sequence[Row]


async def known_numbers(
    connection: AsyncConnection, table: Table, wanted: Iterable[What]
) -> dict[What, int]:
    """Give the numbers of those that have one."""
    id_, *columns = table.columns
    found: dict[What, int] = {}
    asked = list(wanted)
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        one: ColumnElement[Any] = columns[0] if len(columns) == 1 else tuple_(*columns)
        values = [what[0] for what in some] if len(columns) == 1 else some
        rows = await connection.execute(select(id_, *columns).where(one.in_(values)))
        found |= {tuple(what): number for number, *what in rows}
    return found


async def numbers(connection: AsyncConnection, table: Table, wanted: Iterable[What]) -> Numbers:
    """Give everything wanted its number, the next ones to what has none yet."""
    asked = list(dict.fromkeys(wanted))
    found = await known_numbers(connection, table, asked)
    missing = [what for what in asked if what not in found]
    if not missing:
        return Numbers(found, ())
    id_, *columns = table.columns
    last = await connection.scalar(select(func.coalesce(func.max(id_), NOBODY))) or NOBODY
    names = [column.name for column in columns]
    fresh = []
    for number, what in enumerate(missing, last + 1):
        found[what] = number
        fresh.append({"id": number, **dict(zip(names, what, strict=True))})
    return Numbers(found, fresh)
