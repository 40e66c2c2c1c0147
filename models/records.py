"""Records of provision and of receipt (art. 29, 30), one row for both sides (domain.md section 4).

A record is opened at the first provision of a month and appended to: one for each provider,
recipient (and processor that asked for it), member, provision and month.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from models.disclosure import RETURNED
from models.ledger_fold import Folder, begin_anew
from models.numbering import NOBODY
from models.record_filter import ALL, RecordFilter
from models.record_fold import Content
from models.record_rows import contents_of, names_of
from models.record_sql import (
    Key,
    count,
    forget_records,
    group_rows,
    parts_of,
    record_keys,
    scopes_of,
    wanted_of,
)

__all__ = ["ALL", "Record", "RecordFilter", "RecordGroup", "all_records", "forget_month"]
__all__ += ["has_received", "page_of", "record_count", "record_groups", "records"]


@dataclass(frozen=True, slots=True)
class Record:
    """What one company was given of one member by another under one provision in one month."""

    id: int
    """For cursors: records are listed from the highest to the lowest."""
    provider: str
    """The company that acquired the values; it provided them, or who succeeded it. The recipient
    itself where nobody's values were shown."""
    recipient: str
    """Where a processor asked, its controller."""
    via: str | None
    """The processor that asked."""
    member: str
    provision: int | None
    """Its number; None where nothing was shown that a provision had to open."""
    month: str
    """As 2026-04, in UTC."""
    items: tuple[str, ...]
    """Paths of the fields and relations used, however they were used; "" is the member."""
    purposes: tuple[str, ...]
    origins: tuple[tuple[str, str], ...]
    """(source, channel): the circumstances of acquisition, as the provider states them."""
    first_at: datetime
    last_at: datetime
    entries: int
    """How many decisions of the ledger it sums up."""
    first_seq: int
    """The last event of the member folded in at the first provision: the consents relied on."""
    last_seq: int
    first_version: str
    """Of the catalogue, at the first provision."""
    last_version: str
    statutory: bool
    """Whether the law demands it: provided to another, or abroad by consent alone."""


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """The records of one month that differ in their member alone, without the members."""

    id: int
    """For cursors: groups are listed from the highest to the lowest."""
    provider: str
    recipient: str
    via: str | None
    provision: int | None
    month: str
    members: int
    first_at: datetime
    last_at: datetime
    statutory: bool
    """Whether any of the records is."""


PAGE = 1000
"""Records read at once for an export."""
T = TypeVar("T")
_MEMBERS = 2**32
"""More than there are: so that one number says (scope, member)."""


async def records(
    folder: Folder, where: RecordFilter = ALL, *, before: int | None = None, limit: int = 20
) -> Sequence[Record]:
    """Give the latest records (below id `before`). At most `limit`; fewer mean no more."""
    await folder.fold()
    async with folder.ledger.database.read() as connection:
        return await page_of(connection, where, before, limit)


async def record_count(folder: Folder, where: RecordFilter = ALL, *, at_most: int) -> int:
    """Count what `records` would list, no further than `at_most`."""
    await folder.fold()
    async with folder.ledger.database.read() as connection:
        wanted = await wanted_of(connection, where)
        return 0 if wanted is None else await count(connection, wanted, at_most)


async def record_groups(
    folder: Folder, where: RecordFilter = ALL, *, before: int | None = None, limit: int = 20
) -> Sequence[RecordGroup]:
    """Give the latest groups (below id `before`), each counted in full. Fewer mean no more."""
    await folder.fold()
    async with folder.ledger.database.read() as connection:
        wanted = await wanted_of(connection, where)
        if wanted is None:
            return []
        found = await group_rows(connection, wanted, before, limit)
        scopes = await scopes_of(connection, {row.scope for row in found})
        parties = {number for scope in scopes.values() for number in _companies(scope)}
        names = {NOBODY: "", **await names_of(connection, parties)}
    return [
        RecordGroup(
            id=row.scope,
            **_said(scopes[row.scope], names),
            members=row.members,
            first_at=row.first_at,
            last_at=row.last_at,
            statutory=bool(row.statutory),
        )
        for row in found
    ]


async def all_records(folder: Folder, where: RecordFilter = ALL) -> AsyncIterator[Record]:
    """Give every record, page by page, for exports of any length, in the order of `records`."""
    before = None
    while page := await records(folder, where, before=before, limit=PAGE):
        for record in page:
            yield record
        before = page[-1].id


async def has_received(
    folder: Folder,
    company: str,
    member: str,
    on_behalf_of: str | None = None,
    *,
    before_event: int | None = None,
) -> bool:
    """Whether the company ever received something of the member, before an event if one is named.

    Itself or by way of a processor; with `on_behalf_of`, as the processor of that controller.
    """
    where = RecordFilter(
        recipients=frozenset({on_behalf_of or company}),
        via=None if on_behalf_of is None else company,
        member=member,
        before_event=before_event,
    )
    return bool(await records(folder, where, limit=1))


async def page_of(
    connection: AsyncConnection, where: RecordFilter, before: int | None, limit: int
) -> Sequence[Record]:
    """Give the same as `records`, of what is folded in this snapshot."""
    wanted = await wanted_of(connection, where)
    if wanted is None:
        return []
    key = None if before is None else divmod(before, _MEMBERS)
    return await _read(connection, await record_keys(connection, wanted, key, limit))


async def forget_month(connection: AsyncConnection, month: str) -> int:
    """Delete the records of a month (2026-04), in the caller's transaction; give their number."""
    await begin_anew(connection)
    return await forget_records(connection, month)


async def _read(connection: AsyncConnection, keys: Sequence[Key]) -> Sequence[Record]:
    """The records of these keys, their numbers replaced by what they stand for."""
    parts = await parts_of(connection, keys)
    scopes = await scopes_of(connection, {scope for scope, _ in keys})
    contents = await contents_of(connection, {row.content for key in keys for row in parts[key]})
    parties = {number for scope in scopes.values() for number in _companies(scope)}
    numbers = parties | {member for _, member in keys}
    names = {NOBODY: "", **await names_of(connection, numbers)}
    return [_record(key, parts[key], _said(scopes[key[0]], names), contents, names) for key in keys]


def _record(
    key: Key,
    parts: Sequence[Any],
    said: Mapping[str, Any],
    contents: Mapping[int, Content],
    names: Mapping[int, str],
) -> Record:
    """A record: what its parts add up to."""
    held = [contents[part.content] for part in parts]
    dated = list(zip(parts, held, strict=True))
    first = min(dated, key=lambda each: (each[0].first_at, each[1].version))
    last = max(dated, key=lambda each: (each[0].last_at, each[1].version))
    scope, member = key
    return Record(
        id=scope * _MEMBERS + member,
        **said,
        member=names[member],
        items=_all(each.items for each in held),
        purposes=tuple(sorted({each.purpose for each in held})),
        origins=_all(each.origins for each in held),
        first_at=first[0].first_at,
        last_at=last[0].last_at,
        entries=sum(part.entries for part in parts),
        first_seq=min(part.first_seq for part in parts),
        last_seq=max(part.last_seq for part in parts),
        first_version=first[1].version,
        last_version=last[1].version,
        statutory=any(each.statutory for each in held),
    )


def _all(parts: Iterable[Sequence[T]]) -> tuple[T, ...]:
    return tuple(sorted({each for part in parts for each in part}))  # type: ignore[type-var]


def _said(scope: Any, names: Mapping[int, str]) -> Mapping[str, Any]:
    """What a scope says, by the names of a record's parts."""
    return {
        "provider": names[scope.provider],
        "recipient": names[scope.recipient],
        "via": names[scope.via] or None,
        "provision": None if scope.provision == RETURNED else scope.provision,
        "month": scope.month,
    }


def _companies(scope: Any) -> tuple[int, ...]:
    return (scope.provider, scope.recipient, scope.via)
