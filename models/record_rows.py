"""Records as rows: what repeats stands in them by number."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import Row
from models.history_tables import CONTENT, NAME_OF, RECORD
from models.numbering import AT_ONCE
from models.record_fold import Content, Moment, Sum, decode

Key = tuple[int, int]
"""(scope, member), by number."""


class Stored(NamedTuple):
    """What records hold already, and the numbers of the versions they name."""

    sums: Mapping[Key, Sum]
    versions: Mapping[str, int]


async def stored_sums(connection: AsyncConnection, keys: Collection[Key]) -> Stored:
    """Read what these records hold; one that is not there is left out."""
    members: dict[int, list[int]] = {}
    for scope, member in keys:
        members.setdefault(scope, []).append(member)
    rows = [
        row
        for scope, numbers in members.items()
        for start in range(0, len(numbers), AT_ONCE)
        for row in await _rows(connection, scope, numbers[start : start + AT_ONCE])
    ]
    contents = await contents_of(connection, {row.content for row in rows})
    met = {number for row in rows for number in (row.first_version, row.last_version)}
    versions = await names_of(connection, met)
    sums = {(row.scope, row.member): sum_of(row, contents, versions) for row in rows}
    return Stored(sums, {name: number for number, name in versions.items()})


async def contents_of(
    connection: AsyncConnection, numbers: Collection[int]
) -> Mapping[int, Content]:
    """What these numbers of contents stand for."""
    table = CONTENT.c
    found = await _by_number(connection, table.id, table.body, numbers)
    return {number: decode(body) for number, body in found.items()}


async def names_of(connection: AsyncConnection, numbers: Collection[int]) -> Mapping[int, str]:
    """What these numbers of names stand for."""
    return await _by_number(connection, NAME_OF.c.id, NAME_OF.c.name, numbers)


def sum_of(row: Any, contents: Mapping[int, Content], names: Mapping[int, str]) -> Sum:
    """What a row of the table of records holds."""
    return Sum(
        content=contents[row.content],
        entries=row.entries,
        first=Moment(row.first_at, row.first_seq, names[row.first_version]),
        last=Moment(row.last_at, row.last_seq, names[row.last_version]),
        statutory=bool(row.statutory),
    )


def row_of(key: Key, held: Sum, content: int, names: Mapping[str, int]) -> Row:
    """The row of a record that holds this."""
    scope, member = key
    return {
        "scope": scope,
        "member": member,
        "content": content,
        "entries": held.entries,
        "first_at": held.first.at,
        "last_at": held.last.at,
        "first_seq": held.first.seq,
        "last_seq": held.last.seq,
        "first_version": names[held.first.version],
        "last_version": names[held.last.version],
        "statutory": held.statutory,
    }


async def _rows(connection: AsyncConnection, scope: int, members: Sequence[int]) -> Sequence[Any]:
    query = select(RECORD).where(RECORD.c.scope == scope, RECORD.c.member.in_(members))
    return (await connection.execute(query)).all()


async def _by_number(
    connection: AsyncConnection, number: Any, what: Any, numbers: Collection[int]
) -> dict[int, Any]:
    found: dict[int, Any] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = await connection.execute(select(number, what).where(number.in_(some)))
        found |= {row[0]: row[1] for row in rows}
    return found
