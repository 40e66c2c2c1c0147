"""The statements that records are read with: scope by scope, or along a member's index."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import among
from models.history_tables import CONTENT, RECORD, SCOPE
from models.ledger_tables import month_of
from models.numbering import known_names
from models.record_filter import RecordFilter

SCOPES = 200
"""Scopes looked up at once."""
Key = tuple[int, int]
"""(scope, member), by number."""
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter, its names replaced by numbers."""

    scopes: Conditions
    sums: Conditions
    """Of what the parts of a record come to."""
    member: int | None


async def wanted_of(connection: AsyncConnection, where: RecordFilter) -> Wanted | None:
    """Find what the names stand for; None where nothing can be found."""
    named = {*(where.providers or ()), *(where.recipients or ()), where.via, where.member} - {None}
    names = await known_names(connection, filter(None, named))
    if any(name is not None and name not in names for name in (where.via, where.member)):
        return None
    return Wanted(
        list(_scope_conditions(where, names)),
        list(_sum_conditions(where)),
        None if where.member is None else names[where.member],
    )


async def record_keys(
    connection: AsyncConnection, wanted: Wanted, before: Key | None, limit: int
) -> Sequence[Key]:
    """Give (scope, member) of records, from the highest to the lowest."""
    record, keys = RECORD.c, list[Key]()
    if wanted.member is not None:
        query = _of_member(wanted, wanted.member)
        if before is not None:
            query = query.where(record.scope < before[0])
        query = query.order_by(record.scope.desc()).limit(limit)
        return [(row[0], wanted.member) for row in await connection.execute(query)]
    async for scope in _scopes(connection, wanted, None if before is None else before[0] + 1):
        query = _of_scope(wanted, scope)
        if before is not None and scope == before[0]:
            query = query.where(record.member < before[1])
        query = query.order_by(record.member.desc()).limit(limit - len(keys))
        keys += [(scope, row[0]) for row in await connection.execute(query)]
        if len(keys) == limit:
            break
    return keys


async def parts_of(
    connection: AsyncConnection, keys: Collection[Key]
) -> Mapping[Key, Sequence[Any]]:
    """The parts of these records."""
    members: dict[int, list[int]] = {}
    for scope, member in keys:
        members.setdefault(scope, []).append(member)
    parts: dict[Key, list[Any]] = {}
    for scope, some in members.items():
        query = select(RECORD).where(RECORD.c.scope == scope, among(RECORD.c.member, some))
        for row in await connection.execute(query.order_by(RECORD.c.member, RECORD.c.content)):
            parts.setdefault((row.scope, row.member), []).append(row)
    return parts


async def group_rows(
    connection: AsyncConnection, wanted: Wanted, before: int | None, limit: int
) -> Sequence[Any]:
    """What the records of each scope come to, from the highest scope to the lowest."""
    rows: list[Any] = []
    async for scope in _scopes(connection, wanted, before):
        keys = _of_scope(wanted, scope)
        if wanted.member is not None:
            keys = keys.where(RECORD.c.member == wanted.member)
        of = keys.subquery()
        query = select(
            literal(scope).label("scope"),
            func.count().label("members"),
            func.min(of.c.first_at).label("first_at"),
            func.max(of.c.last_at).label("last_at"),
            func.max(of.c.statutory).label("statutory"),
        ).select_from(of)
        rows += [row for row in await connection.execute(query) if row.members]
        if len(rows) == limit:
            break
    return rows


async def count(connection: AsyncConnection, wanted: Wanted, at_most: int) -> int:
    """How many records there are, counted no further than `at_most`."""
    if wanted.member is not None:
        return await _counted(connection, _of_member(wanted, wanted.member), at_most)
    found = 0
    async for scope in _scopes(connection, wanted, None):
        found += await _counted(connection, _of_scope(wanted, scope), at_most - found)
        if found == at_most:
            break
    return found


async def scopes_of(connection: AsyncConnection, numbers: Collection[int]) -> Mapping[int, Any]:
    """The scopes of these numbers."""
    query = select(SCOPE).where(among(SCOPE.c.id, numbers))
    return {row.id: row for row in await connection.execute(query)}


async def forget_records(connection: AsyncConnection, month: str) -> int:
    """Delete the records of a month; give their number."""
    of_month = RECORD.c.scope.in_(select(SCOPE.c.id).where(SCOPE.c.month == month))
    each = select(RECORD.c.scope, RECORD.c.member).where(of_month).distinct().subquery()
    gone = await connection.scalar(select(func.count()).select_from(each)) or 0
    await connection.execute(delete(RECORD).where(of_month))
    return gone


async def _counted(connection: AsyncConnection, query: Select[Any], at_most: int) -> int:
    some = query.limit(at_most).subquery()
    return await connection.scalar(select(func.count()).select_from(some)) or 0


def _of_scope(wanted: Wanted, scope: int) -> Select[Any]:
    """The members of a scope's records, along the key."""
    return _summed(wanted, RECORD.c.member).where(RECORD.c.scope == scope)


def _summed(wanted: Wanted, by: ColumnElement[int]) -> Select[Any]:
    """What the parts of each record come to."""
    told: tuple[Any, ...] = (
        by,
        func.min(RECORD.c.first_at).label("first_at"),
        func.max(RECORD.c.last_at).label("last_at"),
        _demanded().label("statutory"),
    )
    query = select(*told).join(CONTENT, CONTENT.c.id == RECORD.c.content).group_by(by)
    return query.having(and_(*wanted.sums)) if wanted.sums else query


def _of_member(wanted: Wanted, member: int) -> Select[Any]:
    """The scopes of a member's records, along their index."""
    query = _summed(wanted, RECORD.c.scope).where(RECORD.c.member == member)
    if wanted.scopes:
        query = query.join(SCOPE, SCOPE.c.id == RECORD.c.scope).where(*wanted.scopes)
    return query


def _demanded() -> ColumnElement[int]:
    """1 where the law demands any part of the record, else 0."""
    return func.max(case((CONTENT.c.statutory, 1), else_=0))


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
    where: RecordFilter, names: Mapping[str, int]
) -> Iterator[ColumnElement[bool]]:
    scope = SCOPE.c
    for column, wanted in ((scope.provider, where.providers), (scope.recipient, where.recipients)):
        if wanted is not None:
            yield column.in_([names[name] for name in sorted(wanted) if name in names])
    if where.via is not None:
        yield scope.via == names[where.via]
    if where.provision is not None:
        yield scope.provision == where.provision
    if where.month is not None:
        yield scope.month == where.month
    if where.since is not None:
        yield scope.month >= month_of(where.since)
    if where.until is not None:
        yield scope.month <= month_of(where.until)


def _sum_conditions(where: RecordFilter) -> Iterator[ColumnElement[bool]]:
    if where.statutory is not None:
        yield _demanded() == int(where.statutory)
    if where.since is not None:
        yield func.max(RECORD.c.last_at) >= where.since
    if where.until is not None:
        yield func.min(RECORD.c.first_at) < where.until
    if where.before_event is not None:
        yield func.min(RECORD.c.first_seq) < where.before_event
