"""Whether the records of a month are what its entries add up to."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from models.disclosure import Entry
from models.numbering import NOBODY
from models.record_filter import RecordFilter
from models.record_fold import Content, Recorded, Scope, parts_of
from models.record_rows import contents_of, names_of
from models.record_sql import Key, record_keys, scopes_of, wanted_of
from models.record_sql import parts_of as parts_stored

PAGE = 256
"""Records looked at together."""

_Which = tuple[Scope, str]
"""Scope and member: the record."""
_Parts = dict[Content, "_Held"]


class _Held(NamedTuple):
    """What entries of one content come to."""

    entries: int
    first_at: datetime
    last_at: datetime
    first_seq: int
    last_seq: int


@dataclass(slots=True)
class MonthOfRecords:
    """What the entries of a month add up to."""

    month: str
    records: dict[_Which, _Parts] = field(default_factory=dict)

    def add(self, entry: Entry, recorded: Recorded) -> None:
        """Add what the entry adds."""
        for member, seq, contents in parts_of(entry, recorded):
            for scope, content in contents.items():
                parts = self.records.setdefault((scope, member), {})
                parts[content] = _more(parts.get(content), entry.at, seq)

    async def findings(self, connection: AsyncConnection) -> AsyncIterator[str]:
        """One line for each record that does not stand as the entries say."""
        wanted = dict(self.records)
        async for which, parts in _stored(connection, self.month):
            should = wanted.pop(which, None)
            if should is None:
                yield f"{_name(which)}: stands, but the entries do not say so"
            elif parts != should:
                yield f"{_name(which)}: does not stand as the entries say"
        for which in wanted:
            yield f"{_name(which)}: is missing, though the entries say so"


def _more(held: _Held | None, at: datetime, seq: int) -> _Held:
    if held is None:
        return _Held(1, at, at, seq, seq)
    return _Held(
        held.entries + 1,
        min(held.first_at, at),
        max(held.last_at, at),
        min(held.first_seq, seq),
        max(held.last_seq, seq),
    )


async def _stored(connection: AsyncConnection, month: str) -> AsyncIterator[tuple[_Which, _Parts]]:
    wanted = await wanted_of(connection, RecordFilter(month=month))
    before: Key | None = None
    while wanted and (keys := await record_keys(connection, wanted, before, PAGE)):
        before = keys[-1]
        stored = await parts_stored(connection, keys)
        scopes = await _scopes(connection, {scope for scope, _ in keys})
        names = await names_of(connection, {member for _, member in keys})
        numbers = {row.content for rows in stored.values() for row in rows}
        contents = await contents_of(connection, numbers)
        for key in keys:
            parts = {
                contents[row.content]: _Held(
                    *(row.entries, row.first_at, row.last_at, row.first_seq, row.last_seq)
                )
                for row in stored[key]
            }
            yield (scopes[key[0]], names.get(key[1], "")), parts


async def _scopes(connection: AsyncConnection, numbers: set[int]) -> Mapping[int, Scope]:
    rows = await scopes_of(connection, numbers)
    parties = {
        number
        for row in rows.values()
        for number in (row.provider, row.recipient, row.via)
        if number != NOBODY
    }
    names = await names_of(connection, parties)
    return {
        number: Scope(
            names.get(row.provider, ""),
            names.get(row.recipient, ""),
            names.get(row.via, ""),
            row.provision,
            row.month,
        )
        for number, row in rows.items()
    }


def _name(which: _Which) -> str:
    scope, member = which
    return "record of " + " ".join(map(str, (*scope, member)))
