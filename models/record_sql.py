"""The statements that records are read with: scope by scope, or along a member's index."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.history_tables import NAME_OF, RECORD, SCOPE
from models.ledger_tables import month_of
from models.numbering import known_numbers
from models.record_filter import RecordFilter

SCOPES = 200
"""Scopes looked up at once."""
Key = tuple[int, int]
"""(scope, member), by number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter, its names replaced by numbers."""

    scopes: Sequence[ColumnElement[bool]]
    records: Sequence[ColumnElement[bool]]
    member: int | None


async def wanted_of(connection: AsyncConnection, where: RecordFilter) -> Wanted | None:
    """Find what the names stand for; None where nothing can be found."""
    named = {*(where.providers or ()), *(where.recipients or ()), where.via, where.member} - {None}
    found = await known_numbers(connection, NAME_OF, {(name,) for name in named})
    if any(name is not None and (name,) not in found for name in (where.via, where.member)):
        return None
    return Wanted(
        list(_scope_conditions(where, found)),
        list(_record_conditions(where)),
        None if where.member is None else found[where.member,],
    )


async def record_rows(
    connection: AsyncConnection, wanted: Wanted, before: Key | None, limit: int
) -> Sequence[Any]:
    """Rows of records, from the highest (scope, member) to the lowest."""
    if wanted.member is not None:
        return await _of_member(connection, wanted, before, limit)
    rows: list[Any] = []
    async for scope in _scopes(connection, wanted, None if before is None else before[0] + 1):
        query = select(RECORD).where(RECORD.c.scope == scope, *wanted.records)
        if before is not None and scope == before[0]:
            query = query.where(RECORD.c.member < before[1])
        query = query.order_by(RECORD.c.member.desc()).limit(limit - len(rows))
        rows += (await connection.execute(query)).all()
        if len(rows) == limit:
            break
    return rows


async def group_rows(
    connection: AsyncConnection, wanted: Wanted, before: int | None, limit: int
) -> Sequence[Any]:
    """What the records of each scope come to, from the highest scope to the lowest."""
    rows: list[Any] = []
    record, conditions = RECORD.c, [*wanted.records]
    if wanted.member is not None:
        conditions.append(record.member == wanted.member)
    async for scope in _scopes(connection, wanted, before):
        query = (
            select(
                record.scope,
                func.count().label("members"),
                func.min(record.first_at).label("first_at"),
                func.max(record.last_at).label("last_at"),
                func.max(case((record.statutory, 1), else_=0)).label("statutory"),
            )
            .where(record.scope == scope, *conditions)
            .group_by(record.scope)
        )
        rows += (await connection.execute(query)).all()
        if len(rows) == limit:
            break
    return rows


async def count(connection: AsyncConnection, wanted: Wanted, at_most: int) -> int:
    """How many records there are, counted no further than `at_most`."""
    query = select(RECORD.c.scope).where(*wanted.records)
    if wanted.scopes:
        query = query.join(SCOPE, SCOPE.c.id == RECORD.c.scope).where(*wanted.scopes)
    if wanted.member is not None:
        query = query.where(RECORD.c.member == wanted.member)
    some = query.limit(at_most).subquery()
    return await connection.scalar(select(func.count()).select_from(some)) or 0


async def scopes_of(connection: AsyncConnection, numbers: Collection[int]) -> Mapping[int, Any]:
    """The scopes of these numbers."""
    rows: list[Any] = []
    wanted = sorted(numbers)
    for start in range(0, len(wanted), SCOPES):
        query = select(SCOPE).where(SCOPE.c.id.in_(wanted[start : start + SCOPES]))
        rows += (await connection.execute(query)).all()
    return {row.id: row for row in rows}


async def forget_records(connection: AsyncConnection, month: str) -> int:
    """Delete the records of a month; give their number."""
    of_month = select(SCOPE.c.id).where(SCOPE.c.month == month)
    return (await connection.execute(delete(RECORD).where(RECORD.c.scope.in_(of_month)))).rowcount


async def _of_member(
    connection: AsyncConnection, wanted: Wanted, before: Key | None, limit: int
) -> Sequence[Any]:
    query = select(RECORD).where(RECORD.c.member == wanted.member, *wanted.records)
    if wanted.scopes:
        query = query.join(SCOPE, SCOPE.c.id == RECORD.c.scope).where(*wanted.scopes)
    if before is not None:
        query = query.where(RECORD.c.scope < before[0])
    return (await connection.execute(query.order_by(RECORD.c.scope.desc()).limit(limit))).all()


async def _scopes(
    connection: AsyncConnection, wanted: Wanted, below: int | None
) -> AsyncIterator[int]:
    """Give the numbers of the scopes wanted, from the highest to the lowest."""
    while True:
        query = select(SCOPE.c.id).where(*wanted.scopes)
        if below is not None:
            query = query.where(SCOPE.c.id < below)
        found = (await connection.scalars(query.order_by(SCOPE.c.id.desc()).limit(SCOPES))).all()
        for scope in found:
            yield scope
        if len(found) < SCOPES:
            return
        below = found[-1]


def _scope_conditions(
    where: RecordFilter, numbers: Mapping[tuple[str], int]
) -> Iterator[ColumnElement[bool]]:
    scope = SCOPE.c
    for column, names in ((scope.provider, where.providers), (scope.recipient, where.recipients)):
        if names is not None:
            yield column.in_([numbers[name,] for name in sorted(names) if (name,) in numbers])
    if where.via is not None:
        yield scope.via == numbers[where.via,]
    if where.provision is not None:
        yield scope.provision == where.provision
    if where.month is not None:
        yield scope.month == where.month
    if where.since is not None:
        yield scope.month >= month_of(where.since)
    if where.until is not None:
        yield scope.month <= month_of(where.until)


def _record_conditions(where: RecordFilter) -> Iterator[ColumnElement[bool]]:
    if where.statutory is not None:
        yield RECORD.c.statutory == where.statutory
    if where.since is not None:
        yield RECORD.c.last_at >= where.since
    if where.until is not None:
        yield RECORD.c.first_at < where.until
