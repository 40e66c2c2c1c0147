"""Records of provision and of receipt (art. 29, 30), one row for both sides (domain.md section 4).

A record is opened at the first provision of a month and appended to: one for each provider,
recipient (and processor that asked for it), member, provision and month.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.ledger_fold import Folder


@dataclass(frozen=True, slots=True)
class Record:
    """What one company was given of one member by another under one provision in one month."""

    id: int
    """For cursors: records are listed from the highest to the lowest."""
    provider: str
    """The company that acquired the values; it provided them, or who succeeded it."""
    recipient: str
    """Where a processor asked, its controller."""
    via: str | None
    """The processor that asked."""
    member: str
    provision: int | None
    """Its number; None where the member was returned as such, without a value."""
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
class RecordFilter:
    """Which records are wanted. None leaves nothing out."""

    providers: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    via: str | None = None
    member: str | None = None
    provision: int | None = None
    statutory: bool | None = None
    since: datetime | None = None
    """Provided last then or later."""
    until: datetime | None = None
    """Provided first before then."""


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


ALL = RecordFilter()


async def records(
    folder: Folder, where: RecordFilter = ALL, *, before: int | None = None, limit: int = 20
) -> Sequence[Record]:
    """Give the latest records (below id `before`). At most `limit`; fewer mean no more."""
    raise NotImplementedError


async def record_count(folder: Folder, where: RecordFilter = ALL, *, at_most: int) -> int:
    """Count what `records` would list, no further than `at_most`."""
    raise NotImplementedError


async def record_groups(
    folder: Folder, where: RecordFilter = ALL, *, before: int | None = None, limit: int = 20
) -> Sequence[RecordGroup]:
    """Give the latest groups (below id `before`), each counted in full. Fewer mean no more."""
    raise NotImplementedError


def all_records(folder: Folder, where: RecordFilter = ALL) -> AsyncIterator[Record]:
    """Give every record, page by page, for exports of any length, in the order of `records`."""
    raise NotImplementedError


async def has_received(folder: Folder, company: str, member: str) -> bool:
    """Whether the company, as recipient or processor, ever received something of the member."""
    raise NotImplementedError
