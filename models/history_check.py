"""Whether histories and records are what the entries fold to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.concern import Concern, Side, concerns_of
from models.disclosure import Entry
from models.history_tables import ASKER, CONCERN, HISTORY, NAME_OF, POSITION, PROGRESS
from models.ledger_fold import Folder
from models.ledger_tables import LEDGER_ENTRY, LEDGER_SEGMENT
from models.positions import unpack
from models.purge_form import is_purge
from models.readable import readable
from models.record_check import MonthOfRecords
from models.record_fold import Recorded
from models.record_rows import names_of

PAGE = 256
"""Entries looked at together."""


class _Stood(NamedTuple):
    """What stands of one who is concerned: how many positions, and what they add up to."""

    often: int
    positions: int


@dataclass(slots=True)
class _Expected:
    """What should stand, by the entries looked at."""

    month: MonthOfRecords
    positions: int = 0
    """How many were found with their entries."""
    concerns: dict[Concern, _Stood] = field(default_factory=dict)
    purged: bool = False
    """Something of the month is: its records can no longer be told from the entries."""

    def begin(self, month: str) -> None:
        self.month, self.purged = MonthOfRecords(month), False

    def add(self, position: int, entry: Entry, recorded: Recorded) -> None:
        for side, names in concerns_of(entry).items():
            for name in names:
                before = self.concerns.get((side, name), _Stood(0, 0))
                self.concerns[side, name] = _Stood(before.often + 1, before.positions + position)
        self.month.add(entry, recorded)


async def check(folder: Folder) -> AsyncIterator[str]:
    """One line for each thing that does not stand as the entries say, as far as they are folded.

    Lines name who and what is concerned, and no more of it.
    """
    await folder.ledger.prepare()
    expected = _Expected(MonthOfRecords(""))
    async with folder.ledger.database.read() as connection:
        for month, segments in (await _folded(connection)).items():
            expected.begin(month)
            for segment, last in segments:
                async for finding in _segment(connection, folder, segment, last, expected):
                    yield finding
            if not expected.purged:
                async for finding in expected.month.findings(connection):
                    yield finding
        async for finding in _concerns(connection, expected.concerns):
            yield finding
        stand = await connection.scalar(select(func.count()).select_from(POSITION))
        if stand != expected.positions:
            yield f"positions: there are {stand:,}, {expected.positions:,} of them of entries"


async def _folded(connection: AsyncConnection) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Month → its segments, each with the last entry that is folded."""
    segment, progress = LEDGER_SEGMENT.c, PROGRESS.c
    query = (
        select(segment.month, segment.segment, progress.seq)
        .join(PROGRESS, progress.segment == segment.segment)
        .order_by(segment.month, segment.segment)
    )
    months: dict[str, list[tuple[int, int]]] = {}
    for month, number, last in await connection.execute(query):
        months.setdefault(month, []).append((number, last))
    return months


async def _segment(
    connection: AsyncConnection, folder: Folder, segment: int, last: int, expected: _Expected
) -> AsyncIterator[str]:
    seq, askers = 0, await _askers(connection)
    while rows := await _rows(connection, segment, seq, last):
        seq = rows[-1].seq
        entries = [_entry(row) for row in rows]
        demands = (await folder.law_of(entry for entry in entries if entry)).demands
        for row, entry in zip(rows, entries, strict=True):
            expected.purged |= not row.salt
            expected.positions += row.position is not None
            if wrong := _wrong(row, entry, askers):
                yield f"entry {row.seq} of segment {segment}: {wrong}"
            elif entry is not None:
                expected.add(row.position, entry, demands)


async def _rows(connection: AsyncConnection, segment: int, seq: int, last: int) -> Sequence[Any]:
    """The next entries, each with its position and what is said there."""
    entry, position = LEDGER_ENTRY.c, POSITION.c
    query = (
        select(entry.seq, entry.salt, entry.body, position.position, position.at, position.asker)
        .outerjoin(POSITION, and_(position.segment == entry.segment, position.seq == entry.seq))
        .where(entry.segment == segment, entry.seq > seq, entry.seq <= last)
    )
    return (await connection.execute(query.order_by(entry.seq).limit(PAGE))).all()


def _entry(row: Any) -> Entry | None:
    return None if not row.salt or is_purge(row.body) else readable(row.body)


def _wrong(row: Any, entry: Entry | None, askers: Mapping[int, Sequence[str]]) -> str | None:
    """What is wrong with the position of an entry."""
    if entry is None:
        return None if row.position is None else "has a position, and nothing to be read there"
    if row.position is None:
        return "has no position"
    said = (entry.company or "", entry.on_behalf_of or "", entry.role, entry.purpose)
    if row.at == entry.at and askers.get(row.asker) == said:
        return None
    return "who asked when does not stand as the entry says"


async def _askers(connection: AsyncConnection) -> Mapping[int, Sequence[str]]:
    """Who asked for what, by number."""
    rows = [tuple(row) for row in await connection.execute(select(ASKER))]
    names = await names_of(connection, {number for _, *numbers in rows for number in numbers})
    return {key: tuple(names.get(each, "") for each in numbers) for key, *numbers in rows}


async def _concerns(
    connection: AsyncConnection, expected: Mapping[Concern, _Stood]
) -> AsyncIterator[str]:
    wanted = dict(expected)
    async for side, name, stood in _standing(connection):
        if wanted.pop((side, name), None) != stood:
            yield f"history of {side.name.lower()} {name}: is not what the entries say"
    for side, name in wanted:
        yield f"history of {side.name.lower()} {name}: is missing, though the entries say so"


async def _standing(connection: AsyncConnection) -> AsyncIterator[tuple[Side, str, _Stood]]:
    """What stands of everybody."""
    concern = CONCERN.c
    companies = (
        select(concern.side, NAME_OF.c.name, func.count(), func.sum(concern.position))
        .outerjoin(NAME_OF, NAME_OF.c.id == concern.name)
        .group_by(concern.side, concern.name, NAME_OF.c.name)
    )
    async for side, name, often, positions in await connection.stream(companies):
        yield Side(side), name, _Stood(often, int(positions))
    row, members = HISTORY.c, dict[str, _Stood]()
    query = select(NAME_OF.c.name, row.base, row.positions)
    query = query.select_from(HISTORY).outerjoin(NAME_OF, NAME_OF.c.id == row.member)
    async for name, base, packed in await connection.stream(query):
        try:
            held = unpack(base, packed)
        except ValueError:
            held = []  # so it is not what the entries say
        before = members.get(name, _Stood(0, 0))
        members[name] = _Stood(before.often + len(held), before.positions + sum(held))
    for name, stood in members.items():
        yield Side.MEMBER, name, stood
