"""Histories: what the ledger holds about a member, for a company, newest first or as it grows.

They are read by way of the projections (models.ledger_fold), which are brought up to the ledger
first: nothing that was recorded before the reading is ever missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from models.disclosure import Entry
from models.ledger_fold import Folder


class Side(IntEnum):
    """As what somebody is concerned by an entry. INVARIANT: numbers stay, rows hold them."""

    MEMBER = 0
    """Something of the member was used, or its own consents and records were looked at."""
    RECIPIENT = 1
    """The company that asked, or for which a processor asked."""
    PROVIDER = 2
    """The company that acquired what was shown, whoever holds it now."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What of a history is wanted. None leaves nothing out."""

    recipients: frozenset[str] | None = None
    """Any of these was asked for: the controller where a processor asked."""
    purposes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    fields: frozenset[str] | None = None
    """Any of these paths was used, of the members that the history is about."""
    mandate: tuple[str, str | None] | None = None
    """Exactly this company asked, on behalf of exactly that controller."""
    member: str | None = None
    since: datetime | None = None
    """Asked then or later."""
    until: datetime | None = None
    """Asked before then."""


EVERYTHING = HistoryFilter()


@dataclass(frozen=True, slots=True)
class Told:
    """One entry. It is whole: who may see one member of it only must be shown that one."""

    position: int
    """From 1 on, in the order of folding: for cursors. Some numbers are left out."""
    entry: Entry


async def history(
    folder: Folder,
    sides: Sequence[tuple[Side, str]] | None,
    where: HistoryFilter = EVERYTHING,
    *,
    before: int | None = None,
    limit: int = 20,
) -> Sequence[Told]:
    """Give the newest entries (older than position `before`) that concern any of the sides.

    `sides` None stands for the whole ledger, no sides for nothing. At most `limit`; fewer mean that
    there are no more. An entry that is purged or cannot be read is left out.
    """
    raise NotImplementedError


async def history_count(
    folder: Folder,
    sides: Sequence[tuple[Side, str]] | None,
    where: HistoryFilter = EVERYTHING,
    *,
    at_most: int,
) -> int | None:
    """Count what `history` would list, no further than `at_most`; None where `fields` are asked."""
    raise NotImplementedError


async def history_after(
    folder: Folder, side: Side, key: str, after: int, limit: int = 100
) -> Sequence[Told]:
    """Give the next entries behind position `after` that concern somebody, oldest first."""
    raise NotImplementedError


async def history_end(folder: Folder) -> int:
    """Give the last position: what is recorded from now on comes behind it."""
    raise NotImplementedError
