"""Whether the projections still say what the events say, and how to make them."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import History, histories
from models.projection import Row, Rows, rows_of, write
from models.tables import PROJECTIONS
from policy.catalogue import Catalogue
from policy.standing import fold

Key = tuple[Any, ...]
Advance = Callable[[int], None]
"""Told how many members were done, for a progress bar."""


def unobserved(_members: int) -> None:
    """Nobody watches the progress."""


async def check(connection: AsyncConnection, catalogue: Catalogue) -> AsyncIterator[str]:
    """One line for each row of a projection that is not what the member's events fold to.

    Lines name the row and the columns, never what stands in them.
    """
    after = ""
    async for page in histories(connection):
        expected = {history.member: project(history, catalogue) for history in page}
        async for finding in _differences(connection, expected, after, page[-1].member):
            yield finding
        after = page[-1].member
    async for finding in _differences(connection, {}, after, None):
        yield finding


async def rebuild(
    connection: AsyncConnection, catalogue: Catalogue, advance: Advance = unobserved
) -> None:
    """Write every projection anew from the events alone, in the caller's transaction."""
    for table in PROJECTIONS:
        await connection.execute(table.delete())
    async for page in histories(connection):
        await write(connection, {each.member: project(each, catalogue) for each in page})
        advance(len(page))


def project(history: History, catalogue: Catalogue) -> Rows:
    """The rows that a member's whole history folds to."""
    last = history.stored[-1]
    return rows_of(history.member, fold(history.events, last.at, catalogue), last.seq, catalogue)


async def _differences(
    connection: AsyncConnection, expected: Mapping[str, Rows], after: str, upto: str | None
) -> AsyncIterator[str]:
    for table in PROJECTIONS:
        query = select(table).where(table.c.member_key > after)
        if upto is not None:
            query = query.where(table.c.member_key <= upto)
        stored = _by_key(table, [row._asdict() for row in await connection.execute(query)])
        wanted = _by_key(table, [row for rows in expected.values() for row in rows[table]])
        for line in _compare(table, stored, wanted):
            yield line


def _by_key(table: Table, rows: Sequence[Row]) -> Mapping[Key, Row]:
    names = [column.name for column in table.primary_key]
    return {tuple(row[name] for name in names): row for row in rows}


def _compare(table: Table, stored: Mapping[Key, Row], wanted: Mapping[Key, Row]) -> Iterator[str]:
    for key in sorted(stored.keys() | wanted.keys()):
        name = f"{table.name} of {' '.join(map(str, key))}"
        if key not in wanted:
            yield f"{name}: stands, but the events do not say so"
        elif key not in stored:
            yield f"{name}: is missing, though the events say so"
        elif stored[key] != wanted[key]:
            columns = [
                column for column in wanted[key] if stored[key][column] != wanted[key][column]
            ]
            yield f"{name}: {', '.join(columns)} not as the events say"
