"""Histories: what the ledger holds about a member, for a company, newest first or as it grows.

They are read by way of the projections (models.ledger_fold), which are brought up to the ledger
first: nothing that was recorded before the reading is ever missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.concern import Concern, Side
from models.disclosure import Entry
from models.history_filter import EVERYTHING, HistoryFilter, uses
from models.history_sql import counted, newest, oldest, route_of
from models.ledger_fold import Folder
from models.numbering import known_names
from models.readable import readable

__all__ = [
    "EVERYTHING",
    "HistoryFilter",
    "Side",
    "Told",
    "history",
    "history_after",
    "history_count",
    "history_end",
]

CHUNK = 200
"""Entries looked into at once, where what they used decides."""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry. It is whole: who may see one member of it only must be shown that one."""

    position: int
    """From 1 on, in the order of folding: for cursors. Some numbers are left out."""
    entry: Entry


async def history(
    folder: Folder,
    sides: Sequence[Concern] | None,
    where: HistoryFilter = EVERYTHING,
    *,
    before: int | None = None,
    limit: int = 20,
) -> Sequence[Told]:
    """Give the newest entries (older than position `before`) that concern the sides.

    `sides` are companies, any of them, or members, all of them; None stands for the whole ledger,
    no sides for nothing. At most `limit`; fewer mean that there are no more. An entry that is
    purged or cannot be read is left out.
    """
    await folder.fold()
    about = _members(sides, where)
    at_once = limit if where.fields is None else max(limit, CHUNK)
    found: list[Told] = []
    async with folder.ledger.database.read() as connection:
        route = await route_of(connection, sides, where)
        if route is None or limit <= 0:
            return []
        async for row in newest(connection, route, before, at_once):
            told = _told(*row)
            if told is not None and _wanted(told, where, about):
                found.append(told)
            if len(found) == limit:
                break
    return found


async def history_count(
    folder: Folder,
    sides: Sequence[Concern] | None,
    where: HistoryFilter = EVERYTHING,
    *,
    at_most: int,
) -> int | None:
    """Count what `history` would list, no further than `at_most`; None where `fields` are asked."""
    if where.fields is not None:
        return None
    await folder.fold()
    async with folder.ledger.database.read() as connection:
        route = await route_of(connection, sides, where)
        return 0 if route is None else await counted(connection, route, at_most)


async def history_after(
    folder: Folder, member: str, after: int, limit: int = 100
) -> Sequence[Told]:
    """Give the next entries behind position `after` that concern a member, oldest first.

    At most `limit`, and none where nothing was folded since: it is for those who wait for that
    (Folder.grown), and are too many to fold one after the other.
    """
    found: list[Told] = []
    async with folder.ledger.database.read() as connection:
        number = (await known_names(connection, [member])).get(member)
        if number is None:
            return []
        async for row in oldest(connection, number, after):
            if (told := _told(*row)) is not None:
                found.append(told)
            if len(found) == limit:
                break
    return found


async def history_end(folder: Folder) -> int:
    """Give the last position: what is recorded from now on comes behind it."""
    await folder.fold()
    return folder.position


def _members(sides: Sequence[Concern] | None, where: HistoryFilter) -> frozenset[str] | None:
    """The members that the history is about; None: no particular ones."""
    if where.member is not None:
        return frozenset({where.member})
    named = frozenset(name for side, name in sides or () if side is Side.MEMBER)
    return named or None


def _told(position: int, salt: bytes, body: bytes) -> Told | None:
    entry = readable(body) if salt else None
    return None if entry is None else Told(position, entry)


def _wanted(told: Told, where: HistoryFilter, about: frozenset[str] | None) -> bool:
    return where.fields is None or uses(told.entry, where.fields, about)
