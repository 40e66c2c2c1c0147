"""The positions of a member's entries, many in a row, by the member's number.

INVARIANT: a position stands in the row with the highest base that is not above it, so it is clear
where to look for it and where to put it, in whatever order positions come.
"""

from bisect import insort
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import each_of
from models.bulk import Row, insert_many
from models.history_tables import HISTORY

FULL = 64
"""Positions of a row after which the next one is begun."""
AT_ONCE = 8
"""Rows read at once."""

Positions = Mapping[int, Collection[int]]
"""Positions by the number of the member whom they concern."""

_reader = msgspec.msgpack.Decoder(list[int])
_OF = (HISTORY.c.member == bindparam("its_member"), HISTORY.c.base == bindparam("its_base"))
_CHANGE = update(HISTORY).where(*_OF).values(positions=bindparam("held"))
_DELETE = delete(HISTORY).where(*_OF)


@dataclass(frozen=True, slots=True)
class Grown:
    """Rows to write: those that are new, and those that are there and hold more now."""

    fresh: Sequence[Row]
    changed: Sequence[Row]


def pack(base: int, positions: Sequence[int]) -> bytes:
    """Write ascending positions down, each as its distance from the one before."""
    return msgspec.msgpack.encode(
        [after - before for before, after in pairwise((base, *positions))]
    )


def unpack(base: int, packed: bytes) -> list[int]:
    """Give the positions that `pack` wrote. Raises ValueError for what it did not."""
    return [*accumulate(_reader.decode(packed), initial=base)][1:]


async def grown(connection: AsyncConnection, more: Positions) -> Grown:
    """Work out what the rows are with these positions put in, upon what this snapshot has."""
    there = await _rows(connection, more)
    rows: dict[tuple[int, int], list[int]] = {}
    for member, positions in more.items():
        held = {base: [*those] for base, those in there.get(member, {}).items()}
        for position in sorted(positions):
            base = _put(held, position)
            rows[member, base] = held[base]
    known = {(member, base) for member, held in there.items() for base in held}
    return Grown(
        [
            {"member": member, "base": base, "positions": pack(base, held)}
            for (member, base), held in rows.items()
            if (member, base) not in known
        ],
        [_changed(key, held) for key, held in rows.items() if key in known],
    )


async def grow(connection: AsyncConnection, rows: Grown) -> None:
    """Write them, in a transaction that has begun with a statement."""
    await insert_many(connection, HISTORY, rows.fresh)
    if rows.changed:
        await connection.execute(_CHANGE, rows.changed)


async def take_out(connection: AsyncConnection, gone: Positions) -> None:
    """Forget these positions, in the caller's transaction."""
    changed: list[Row] = []
    emptied: list[Row] = []
    for member, rows in (await _rows(connection, gone)).items():
        forgotten = frozenset(gone[member])
        for base, held in rows.items():
            left = [each for each in held if each not in forgotten]
            if len(left) < len(held):
                (changed if left else emptied).append(_changed((member, base), left))
    if changed:
        await connection.execute(_CHANGE, changed)
    if emptied:
        await connection.execute(_DELETE, emptied)


async def newest_of(
    connection: AsyncConnection, member: int, before: int | None
) -> AsyncIterator[list[int]]:
    """Give a member's positions below one, some at a time, newest first."""
    row, below = HISTORY.c, before
    while True:
        query = select(row.base, row.positions).where(row.member == member)
        if below is not None:
            query = query.where(row.base < below)
        rows = (await connection.execute(query.order_by(row.base.desc()).limit(AT_ONCE))).all()
        for base, packed in rows:
            yield [
                each for each in reversed(unpack(base, packed)) if before is None or each < before
            ]
        if len(rows) < AT_ONCE:
            return
        below = rows[-1].base


async def oldest_of(
    connection: AsyncConnection, member: int, after: int
) -> AsyncIterator[list[int]]:
    """Give a member's positions above one, some at a time, oldest first."""
    row = HISTORY.c
    begin: Any = _base_of(literal(member), after)
    while True:
        query = select(row.base, row.positions).where(row.member == member, row.base >= begin)
        rows = (await connection.execute(query.order_by(row.base).limit(AT_ONCE))).all()
        for base, packed in rows:
            yield [each for each in unpack(base, packed) if each > after]
        if len(rows) < AT_ONCE:
            return
        begin = rows[-1].base + 1


async def common(
    connection: AsyncConnection, member: int, positions: Collection[int]
) -> frozenset[int]:
    """Give those of the positions that are the member's, too."""
    rows = (await _rows(connection, {member: positions})).get(member, {})
    return frozenset(positions).intersection(chain.from_iterable(rows.values()))


async def _rows(
    connection: AsyncConnection, wanted: Positions
) -> Mapping[int, dict[int, list[int]]]:
    """Member → base → positions: the rows that hold these positions, or would."""
    numbers = {each for positions in wanted.values() for each in positions}
    if not numbers:
        return {}
    member, row = each_of(connection, wanted).c.value, HISTORY.c
    query = select(row.member, row.base, row.positions).where(
        row.member == member,
        row.base >= _base_of(member, min(numbers)),
        row.base <= max(numbers),
    )
    found: dict[int, dict[int, list[int]]] = {}
    for number, base, packed in await connection.execute(query):
        found.setdefault(number, {})[base] = unpack(base, packed)
    return found


def _base_of(member: ColumnElement[int], position: int) -> ColumnElement[int]:
    """The base of the row in which the member's position stands, or would."""
    row = HISTORY.alias().c
    highest = select(func.max(row.base)).where(row.member == member, row.base <= position)
    return func.coalesce(highest.scalar_subquery(), 0)


def _put(held: dict[int, list[int]], position: int) -> int:
    """Put a position into its row; give the base of that."""
    base = max((each for each in held if each <= position), default=0)
    positions = held.setdefault(base, [])
    if len(positions) >= FULL and position > positions[-1]:
        held[position] = [position]
        return position
    insort(positions, position)
    return base


def _changed(key: tuple[int, int], held: Sequence[int]) -> Row:
    member, base = key
    return {"its_member": member, "its_base": base, "held": pack(base, held)}
