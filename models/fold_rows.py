"""The rows that entries fold to, worked out in a snapshot and written in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import Row, insert_many
from models.concern import Concern, concerns_of
from models.disclosure import Entry
from models.history_tables import (
    ASKER,
    CONCERN,
    CONTENT,
    NAME_OF,
    POSITION,
    PROGRESS,
    RECORD,
    SCOPE,
)
from models.ledger_backlog import Pending
from models.numbering import NOBODY, What, numbers
from models.record_fold import Recorded, Scope, Sum, Sums, add, encode, sums_of
from models.record_rows import row_of, stored_sums


class Placed(NamedTuple):
    """An entry at its position."""

    position: int
    segment: int
    seq: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Rows:
    """What one step of folding writes."""

    fresh: Sequence[tuple[Table, Sequence[Row]]]
    """Names and whatever else gets a number."""
    positions: Sequence[Row]
    concerns: Sequence[Row]
    opened: Sequence[Row]
    """Records that there were not."""
    appended: Sequence[Row]
    """Records that there were, as they are now."""


async def place(
    connection: AsyncConnection, pending: Sequence[Pending], last: int
) -> Sequence[Placed]:
    """Give each entry the next position, or the one that it has from an earlier folding."""
    kept = await _kept(connection, pending)
    placed = []
    for each in pending:
        if each.entry is None:
            continue
        position = kept.get((each.segment, each.seq))
        if position is None:
            position = last = last + 1
        placed.append(Placed(position, each.segment, each.seq, each.entry))
    return placed


async def rows_of(
    connection: AsyncConnection, placed: Sequence[Placed], recorded: Recorded
) -> Rows:
    """Work out what is to be written, upon what this snapshot has."""
    concerns = {each.position: concerns_of(each.entry) for each in placed}
    sums = await _summed(placed, recorded)
    named = await numbers(connection, NAME_OF, _names(placed, concerns, sums))
    names = {"": NOBODY, **{name: number for (name,), number in named.of.items()}}
    askers = await numbers(connection, ASKER, (_asker(each.entry, names) for each in placed))
    scopes = await numbers(connection, SCOPE, (_scope(scope, names) for scope, _ in sums))
    added = {
        (scopes.of[_scope(scope, names)], names[member]): each
        for (scope, member), each in sums.items()
    }
    stored = await stored_sums(connection, added)
    whole = {
        key: stored.sums[key] | each if key in stored.sums else each for key, each in added.items()
    }
    contents = await numbers(connection, CONTENT, {(encode(s.content),) for s in whole.values()})
    versions = {**stored.versions, **names}
    records = {
        key: row_of(key, each, contents.of[encode(each.content),], versions)
        for key, each in whole.items()
    }
    return Rows(
        fresh=[
            (NAME_OF, named.fresh),
            (ASKER, askers.fresh),
            (SCOPE, scopes.fresh),
            (CONTENT, contents.fresh),
        ],
        positions=[_position(each, askers.of[_asker(each.entry, names)]) for each in placed],
        concerns=[
            {"side": side, "name": names[name], "position": position}
            for position, found in concerns.items()
            for side, name in found
        ],
        opened=[row for key, row in records.items() if key not in stored.sums],
        appended=[row for key, row in records.items() if key in stored.sums],
    )


async def write(connection: AsyncConnection, rows: Rows, ends: Mapping[int, int]) -> None:
    """Write them, and how far the segments are folded then, in a transaction that has begun."""
    for table, fresh in rows.fresh:
        await insert_many(connection, table, fresh)
    again = [row["position"] for row in rows.positions]
    await connection.execute(delete(POSITION).where(POSITION.c.position.in_(again)))
    await insert_many(connection, POSITION, rows.positions)
    await insert_many(connection, CONCERN, rows.concerns)
    await insert_many(connection, RECORD, rows.opened)
    if rows.appended:
        await connection.execute(_APPEND, [_bound(row) for row in rows.appended])
    await connection.execute(delete(PROGRESS).where(PROGRESS.c.segment.in_(ends)))
    folded = [{"segment": segment, "seq": seq} for segment, seq in ends.items()]
    await connection.execute(insert(PROGRESS), folded)


async def _kept(
    connection: AsyncConnection, pending: Sequence[Pending]
) -> Mapping[tuple[int, int], int]:
    """The positions that these entries have."""
    spans: dict[int, list[int]] = {}
    for each in pending:
        spans.setdefault(each.segment, []).append(each.seq)
    row, kept = POSITION.c, {}
    for segment, seqs in spans.items():
        query = select(row.seq, row.position).where(
            row.segment == segment, row.seq.between(seqs[0], seqs[-1])
        )
        for seq, position in await connection.execute(query):
            kept[segment, seq] = position
    return kept


async def _summed(placed: Sequence[Placed], recorded: Recorded) -> Sums:
    """What all of them add to each record."""
    sums: dict[tuple[Scope, str], Sum] = {}
    for each in placed:
        add(sums, sums_of(each.entry, recorded))
        await asyncio.sleep(0)  # nor must this hold up those who ask meanwhile
    return sums


def _names(
    placed: Sequence[Placed], concerns: Mapping[int, frozenset[Concern]], sums: Sums
) -> set[What]:
    named = {name for found in concerns.values() for _, name in found}
    for each in placed:
        named |= {each.entry.role, each.entry.purpose, each.entry.policy_version}
    for scope, _ in sums:
        named |= {scope.provider, scope.recipient, scope.via}
    return {(name,) for name in named if name}


def _asker(entry: Entry, names: Mapping[str, int]) -> What:
    said = (entry.company or "", entry.on_behalf_of or "", entry.role, entry.purpose)
    return tuple(names[name] for name in said)


def _scope(scope: Scope, names: Mapping[str, int]) -> What:
    parties = (names[scope.provider], names[scope.recipient], names[scope.via])
    return (*parties, scope.provision, scope.month)


def _position(placed: Placed, asker: int) -> Row:
    return {
        "position": placed.position,
        "segment": placed.segment,
        "seq": placed.seq,
        "at": placed.entry.at,
        "asker": asker,
    }


_KEY = ("scope", "member")
_APPEND = (
    update(RECORD)
    .where(*(RECORD.c[name] == bindparam(f"its_{name}") for name in _KEY))
    .values({column.name: bindparam(column.name) for column in RECORD.c if column.name not in _KEY})
)


def _bound(row: Row) -> Row:
    return {f"its_{name}" if name in _KEY else name: value for name, value in row.items()}
