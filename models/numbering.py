"""Numbers in place of what repeats: a row of these tables is written once and never changes.

INVARIANT: one folder commits at a time (models.ledger_fold), so the numbers behind the last one
that its snapshot shows are its to give.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import among
from models.bulk import Row
from models.history_tables import CONTENT, NAME_OF

NOBODY = 0

What = tuple[Any, ...]
"""A row without its number."""


class Numbers(NamedTuple):
    """What has which number, and the rows that are still to be written."""

    of: Mapping[What, int]
    fresh: Sequence[Row]


async def known_names(connection: AsyncConnection, names: Iterable[str]) -> Mapping[str, int]:
    """Give the numbers of those names that have one."""
    found = await _known(connection, NAME_OF, [(name,) for name in names])
    return {name: number for (name,), number in found.items()}


async def numbers(connection: AsyncConnection, table: Table, wanted: Iterable[What]) -> Numbers:
    """Give everything wanted its number, the next ones to what has none yet."""
    asked = list(dict.fromkeys(wanted))
    known = await _known(connection, table, asked)
    found = {what: known[key] for what in asked if (key := _key(table, what)) in known}
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


async def _known(
    connection: AsyncConnection, table: Table, wanted: Sequence[What]
) -> Mapping[What, int]:
    """Key → number, of those that have one."""
    if not wanted:
        return {}
    id_, *columns = table.columns
    keys = [_key(table, what) for what in wanted]
    columns = columns[: len(keys[0])]
    if table is NAME_OF:
        asked = among(columns[0], [name for (name,) in keys])
    else:  # of these there are few
        asked = tuple_(*columns).in_(keys)
    rows = await connection.execute(select(id_, *columns).where(asked))
    return {tuple(key): number for number, *key in rows}


def _key(table: Table, what: What) -> What:
    """By what it is found: contents by their digest."""
    return what[:1] if table is CONTENT else what
