"""The rows that entries fold to, worked out in a snapshot and written in one transaction."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.among import among
from models.bulk import Row, insert_many
from models.concern import Concerns, by_company, by_member, concerns_of
from models.disclosure import Entry
from models.history_tables import (
    ASKER,
    CONCERN,
    CONTENT,
    NAME_OF,
    POSITION,
    PROGRESS,
    SCOPE,
)
from models.ledger_backlog import Pending
from models.numbering import NOBODY, What, numbers
from models.positions import Grown, grow, grown
from models.record_fold import Content, Part, Recorded, Scope, encode, parts_of
from models.record_rows import Addend, add
from models.types import microseconds


class Placed(NamedTuple):
    """An entry at its position."""

    position: int
    segment: int
    seq: int
    entry: Entry


class _Told(NamedTuple):
    """An entry, whom it concerns, and what it adds to records."""

    placed: Placed
    concerns: Concerns
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Rows:
    """What one step of folding writes."""

    fresh: Sequence[tuple[Table, Sequence[Row]]]
    """Names and whatever else gets a number."""
    positions: Sequence[Row]
    concerns: Sequence[Row]
    """Of companies."""
    histories: Grown
    """Of members."""
    addends: Sequence[Addend]


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
    told = []
    for each in placed:
        parts = list(parts_of(each.entry, recorded))
        told.append(_Told(each, concerns_of(each.entry), parts))
        await asyncio.sleep(0)  # working out many must not hold up those who ask meanwhile
    named = await numbers(connection, NAME_OF, _names(told))
    names = {"": NOBODY, **{name: number for (name,), number in named.of.items()}}
    contents = {pair for each in told for part in each.parts for pair in part.contents.items()}
    askers = await numbers(connection, ASKER, (_asker(each.entry, names) for each in placed))
    by_month = sorted({scope for scope, _ in contents}, key=lambda scope: (scope.month, scope))
    scopes = await numbers(connection, SCOPE, (_scope(scope, names) for scope in by_month))
    bodies = await numbers(connection, CONTENT, (_content(content) for _, content in contents))
    pairs = {
        (scope, content): (scopes.of[_scope(scope, names)], bodies.of[_content(content)])
        for scope, content in contents
    }
    stood = [(each.placed.position, each.concerns) for each in told]
    return Rows(
        fresh=[
            (NAME_OF, named.fresh),
            (ASKER, askers.fresh),
            (SCOPE, scopes.fresh),
            (CONTENT, bodies.fresh),
        ],
        positions=[_position(each, askers.of[_asker(each.entry, names)]) for each in placed],
        concerns=[
            {"side": side, "name": name, "position": position}
            for side, name, position in by_company(stood, names)
        ],
        histories=await grown(connection, by_member(stood, names)),
        addends=[addend for each in told for addend in _addends(each, names, pairs)],
    )


async def write(connection: AsyncConnection, rows: Rows, ends: Mapping[int, int]) -> None:
    """Write them, and how far the segments are folded then, in a transaction that has begun."""
    for table, fresh in rows.fresh:
        await insert_many(connection, table, fresh)
    again = [row["position"] for row in rows.positions]
    await connection.execute(delete(POSITION).where(among(POSITION.c.position, again)))
    await insert_many(connection, POSITION, rows.positions)
    await insert_many(connection, CONCERN, rows.concerns)
    await grow(connection, rows.histories)
    await add(connection, rows.addends)
    await connection.execute(delete(PROGRESS).where(among(PROGRESS.c.segment, ends)))
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


def _names(told: Sequence[_Told]) -> set[What]:
    named: set[str] = set()
    for each in told:
        named.update(*each.concerns.values())
        named |= {each.placed.entry.role, each.placed.entry.purpose}
    return {(name,) for name in named if name}


def _asker(entry: Entry, names: Mapping[str, int]) -> What:
    said = (entry.company or "", entry.on_behalf_of or "", entry.role, entry.purpose)
    return tuple(names[name] for name in said)


def _scope(scope: Scope, names: Mapping[str, int]) -> What:
    parties = (names[scope.provider], names[scope.recipient], names[scope.via])
    return (*parties, scope.provision, scope.month)


def _content(content: Content) -> What:
    body = encode(content)
    digest = hashlib.blake2b(bytes([content.statutory]) + body, digest_size=16).digest()
    return (digest, content.statutory, body)


def _position(placed: Placed, asker: int) -> Row:
    return {
        "position": placed.position,
        "segment": placed.segment,
        "seq": placed.seq,
        "at": placed.entry.at,
        "asker": asker,
    }


def _addends(
    told: _Told,
    names: Mapping[str, int],
    pairs: Mapping[tuple[Scope, Content], tuple[int, int]],
) -> Iterator[Addend]:
    at = microseconds(told.placed.entry.at)
    alike = {id(part.contents): part.contents for part in told.parts}
    by_number = {key: [pairs[pair] for pair in each.items()] for key, each in alike.items()}
    for member, seq, contents in told.parts:
        for scope, content in by_number[id(contents)]:
            yield Addend(scope, names[member], content, 1, at, at, seq, seq)
