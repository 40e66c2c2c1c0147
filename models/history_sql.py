"""The statements that histories are read with: along the index of those concerned, by position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from models.concern import Concern, Side
from models.history_filter import HistoryFilter
from models.history_tables import ASKER, CONCERN, POSITION
from models.ledger_tables import LEDGER_ENTRY
from models.numbering import NOBODY, known_names


@dataclass(frozen=True, slots=True)
class Route:
    """How to come to the entries wanted: whom they concern, by number, and what they fulfil."""

    anybody: bool
    concerns: Sequence[tuple[int, int]]
    """(side, name) of those concerned, any of them; without `anybody`, nobody is nobody."""
    member: int | None
    where: Sequence[ColumnElement[bool]]
    """Of their positions."""


async def route_of(
    connection: AsyncConnection, sides: Sequence[Concern] | None, where: HistoryFilter
) -> Route | None:
    """Find what the names stand for; None where nothing can be found."""
    names = {"": NOBODY, **await known_names(connection, _named(sides, where))}
    concerns = [(int(side), names[name]) for side, name in sides or () if name in names]
    member = None if where.member is None else names.get(where.member, -1)
    askers = await _askers(connection, names, where)
    if (sides is not None and not concerns) or member == -1 or askers == []:
        return None
    conditions: list[ColumnElement[bool]] = []
    if askers is not None:
        conditions.append(POSITION.c.asker.in_(askers))
    if where.since is not None:
        conditions.append(POSITION.c.at >= where.since)
    if where.until is not None:
        conditions.append(POSITION.c.at < where.until)
    return Route(sides is None, concerns, member, conditions)


def newest(route: Route, before: int | None, limit: int) -> Select[Any]:
    """Positions and entries as stored, newest first."""
    found = _positions(route, before, limit).subquery()
    return (
        select(found.c.position, LEDGER_ENTRY.c.salt, LEDGER_ENTRY.c.body)
        .outerjoin(LEDGER_ENTRY, _its(found.c))
        .order_by(found.c.position.desc())
    )


def oldest(concern: tuple[int, int], after: int, limit: int) -> Select[Any]:
    """The same of one who is concerned, behind a position, oldest first."""
    side, name = concern
    return (
        select(CONCERN.c.position, LEDGER_ENTRY.c.salt, LEDGER_ENTRY.c.body)
        .join(POSITION, POSITION.c.position == CONCERN.c.position)
        .outerjoin(LEDGER_ENTRY, _its(POSITION.c))
        .where(CONCERN.c.side == side, CONCERN.c.name == name, CONCERN.c.position > after)
        .order_by(CONCERN.c.position)
        .limit(limit)
    )


def counted(route: Route, at_most: int) -> Select[Any]:
    """How many there are, counted no further than `at_most`."""
    return select(func.count()).select_from(_positions(route, None, at_most).subquery())


def _positions(route: Route, before: int | None, limit: int) -> Select[Any]:
    """Positions, newest first: along the member's, else along each one's of those concerned."""
    place = (POSITION.c.position, POSITION.c.segment, POSITION.c.seq)
    if route.anybody and route.member is None:
        every = select(*place).where(*route.where)
        if before is not None:
            every = every.where(POSITION.c.position < before)
        return every.order_by(POSITION.c.position.desc()).limit(limit)
    if route.member is not None:
        both = () if route.anybody else (or_(*map(_concerned, route.concerns)),)
        return _along((Side.MEMBER, route.member), (*route.where, *both), before, limit)
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


def _its(place: Any) -> ColumnElement[bool]:
    """The entry at a position. That it is there is for `sekisho ledger verify` to say."""
    return and_(LEDGER_ENTRY.c.segment == place.segment, LEDGER_ENTRY.c.seq == place.seq)


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
