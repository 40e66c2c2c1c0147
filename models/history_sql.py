"""The statements that histories are read with: along the index of those concerned, by position."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import among
from models.concern import Concern, Side
from models.history_filter import HistoryFilter
from models.history_tables import ASKER, CONCERN, POSITION
from models.ledger_tables import LEDGER_ENTRY
from models.numbering import NOBODY, known_names
from models.positions import common, newest_of, oldest_of


@dataclass(frozen=True, slots=True)
class Route:
    """How to come to the entries wanted: whom they concern, by number, and what they fulfil."""

    anybody: bool
    """Whichever companies they concern."""
    concerns: Sequence[tuple[int, int]]
    """(side, name) of companies, any of them."""
    members: Sequence[int]
    """All of them."""
    where: Sequence[ColumnElement[bool]]
    """Of their positions."""


async def route_of(
    connection: AsyncConnection, sides: Sequence[Concern] | None, where: HistoryFilter
) -> Route | None:
    """Find what the names stand for; None where nothing can be found."""
    names = {"": NOBODY, **await known_names(connection, _named(sides, where))}
    companies = [each for each in sides or () if each[0] is not Side.MEMBER]
    concerns = [(int(side), names[name]) for side, name in companies if name in names]
    about = {name for side, name in sides or () if side is Side.MEMBER}
    about |= set() if where.member is None else {where.member}
    anybody = sides is None or len(companies) < len(sides)
    askers = await _askers(connection, names, where)
    if not (anybody or concerns) or not about <= names.keys() or askers == []:
        return None
    conditions: list[ColumnElement[bool]] = []
    if askers is not None:
        conditions.append(POSITION.c.asker.in_(askers))
    if where.since is not None:
        conditions.append(POSITION.c.at >= where.since)
    if where.until is not None:
        conditions.append(POSITION.c.at < where.until)
    members = sorted(names[name] for name in about)
    return Route(anybody, concerns, members, conditions)


async def newest(
    connection: AsyncConnection, route: Route, before: int | None, at_once: int
) -> AsyncIterator[Any]:
    """Give positions and entries as stored, newest first, read so many at once."""
    if route.members:
        async for some in _of_members(connection, route, before):
            async for row in _stored(connection, route, some, at_once):
                yield row
        return
    while True:
        rows = (await connection.execute(_entries(_along_all(route, before, at_once)))).all()
        for row in rows:
            yield row
        if len(rows) < at_once:
            return
        before = rows[-1].position


async def oldest(connection: AsyncConnection, member: int, after: int) -> AsyncIterator[Any]:
    """The same of a member, behind a position, oldest first."""
    async for some in oldest_of(connection, member, after):
        places = select(*_PLACE).where(among(POSITION.c.position, some))
        for row in reversed((await connection.execute(_entries(places))).all()):
            yield row


async def counted(connection: AsyncConnection, route: Route, at_most: int) -> int:
    """Count how many there are, no further than `at_most`."""
    if not route.members:
        return await _counted(connection, _along_all(route, None, at_most))
    found = 0
    async for some in _of_members(connection, route, None):
        found += await _counted(connection, _at(connection, route, some, at_most - found))
        if found == at_most:
            break
    return found


async def _counted(connection: AsyncConnection, places: Select[Any]) -> int:
    return await connection.scalar(select(func.count()).select_from(places.subquery())) or 0


async def _of_members(
    connection: AsyncConnection, route: Route, before: int | None
) -> AsyncIterator[Collection[int]]:
    """Give the positions that all the members have in common, some at a time, newest first."""
    first, *others = route.members
    async for some in newest_of(connection, first, before):
        found: Collection[int] = some
        for other in others:
            found = await common(connection, other, found)
        yield found


async def _stored(
    connection: AsyncConnection, route: Route, positions: Collection[int], at_once: int
) -> AsyncIterator[Any]:
    """Give what is wanted of these positions, newest first."""
    while positions:
        places = _at(connection, route, positions, at_once)
        rows = (await connection.execute(_entries(places))).all()
        for row in rows:
            yield row
        if len(rows) < at_once:
            return
        positions = [each for each in positions if each < rows[-1].position]


def _entries(places: Select[Any]) -> Select[Any]:
    """The entries of positions. That each is there is for `sekisho ledger verify` to say."""
    found, entry = places.subquery(), LEDGER_ENTRY.c
    its = and_(entry.segment == found.c.segment, entry.seq == found.c.seq)
    query = select(found.c.position, entry.salt, entry.body).outerjoin(LEDGER_ENTRY, its)
    return query.order_by(found.c.position.desc())


_PLACE = (POSITION.c.position, POSITION.c.segment, POSITION.c.seq)


def _at(
    connection: AsyncConnection, route: Route, positions: Collection[int], limit: int
) -> Select[Any]:
    """Those of these positions that are wanted, newest first."""
    both = () if route.anybody else (or_(*map(_concerned, route.concerns)),)
    wanted = (among(POSITION.c.position, positions), *route.where, *both)
    return select(*_PLACE).where(*wanted).order_by(POSITION.c.position.desc()).limit(limit)


def _along_all(route: Route, before: int | None, limit: int) -> Select[Any]:
    """Positions, newest first: all, or along each one's of those concerned."""
    if route.anybody:
        every = select(*_PLACE).where(*route.where)
        if before is not None:
            every = every.where(POSITION.c.position < before)
        return every.order_by(POSITION.c.position.desc()).limit(limit)
    parts = [_along(concern, route.where, before, limit) for concern in route.concerns]
    if len(parts) == 1:
        return parts[0]
    found = union(*(select(part.subquery()) for part in parts)).subquery()
    return select(found).order_by(found.c.position.desc()).limit(limit)


def _along(
    concern: tuple[int, int],
    where: Sequence[ColumnElement[bool]],
    before: int | None,
    limit: int,
) -> Select[Any]:
    side, name = concern
    query = (
        select(CONCERN.c.position, POSITION.c.segment, POSITION.c.seq)
        .join(POSITION, POSITION.c.position == CONCERN.c.position)
        .where(CONCERN.c.side == side, CONCERN.c.name == name, *where)
    )
    if before is not None:
        query = query.where(CONCERN.c.position < before)
    return query.order_by(CONCERN.c.position.desc()).limit(limit)


def _concerned(concern: tuple[int, int]) -> ColumnElement[bool]:
    """Whether the entry of a position concerns this one, too."""
    other, (side, name) = CONCERN.alias(), concern
    return exists().where(
        other.c.side == side, other.c.name == name, other.c.position == POSITION.c.position
    )


def _named(sides: Sequence[Concern] | None, where: HistoryFilter) -> set[str]:
    named = {name for _, name in sides or ()} | {where.member or ""}
    for names in (where.recipients, where.purposes, where.roles, where.mandate):
        named |= {name for name in names or () if name}
    return named - {""}


async def _askers(
    connection: AsyncConnection, names: dict[str, int], where: HistoryFilter
) -> Sequence[int] | None:
    """Those who could have asked; None where anybody could."""
    asker = ASKER.c
    conditions: list[ColumnElement[bool]] = []
    if where.purposes is not None:
        conditions.append(asker.purpose.in_(_numbers(names, where.purposes)))
    if where.roles is not None:
        conditions.append(asker.role.in_(_numbers(names, where.roles)))
    if where.recipients is not None:
        wanted = _numbers(names, where.recipients)
        itself = and_(asker.on_behalf_of == NOBODY, asker.company.in_(wanted))
        conditions.append(or_(asker.on_behalf_of.in_(wanted), itself))
    if where.mandate is not None:
        company, controller = (names.get(name or "", -1) for name in where.mandate)
        conditions += [asker.company == company, asker.on_behalf_of == controller]
    if not conditions:
        return None
    return list((await connection.scalars(select(asker.id).where(*conditions))).all())


def _numbers(names: dict[str, int], wanted: frozenset[str]) -> list[int]:
    return [names[name] for name in sorted(wanted) if name in names]
