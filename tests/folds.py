"""Entries to fold, written by hand, and what is read of them."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select, update

from models.disclosure import (
    RETURNED,
    Disclosure,
    Entry,
    Item,
    MemberDisclosure,
    Opened,
    Origin,
    Use,
)
from models.history import Side, history
from models.history_tables import (
    ASKER,
    CONCERN,
    CONTENT,
    HISTORY,
    NAME_OF,
    POSITION,
    PROGRESS,
    RECORD,
    SCOPE,
)
from models.ledger import Ledger, ledger_url
from models.ledger_fold import Folder
from models.ledger_tables import LEDGER_ENTRY, LEDGER_SEGMENT
from policy.catalogue import Catalogue
from tests.clock import START
from tests.made import new_ledger
from tests.real import CATALOGUE

ACCOUNT = Origin("rakuten_group", "ACCOUNT", "WEB")
SHOP = Origin("ichiba", "ORDER", "WEB")
TRAVEL = Origin("travel", "BOOKING", "APP")
PROVISION = 3
MEMBERS = [f"m{number}" for number in range(1, 9)]

FOLDED = (PROGRESS, POSITION, CONCERN, HISTORY, RECORD, NAME_OF, ASKER, SCOPE)


def told(seq: int, **items: Opened) -> MemberDisclosure:
    """What was shown of a member, by field, and that the member was returned."""
    used: dict[Item, frozenset[Opened]] = {("", Use.SELECT): frozenset({Opened(RETURNED)})}
    for name, opened in items.items():
        used[name.replace("__", "."), Use.SELECT] = frozenset({opened})
    return MemberDisclosure.of(seq, used)


NAMED = told(7, fullName=Opened(PROVISION, ACCOUNT))


def entry(number: int, *members: str, **said: Any) -> Entry:
    """A page of members shown to `card`, so many seconds after the start of the clock."""
    shown = said.pop("shown", NAMED)
    plain = Entry(
        decision_id=f"d-{number}",
        company="card",
        on_behalf_of=None,
        role="service",
        subject="card-system",
        purpose="own:card:service",
        reference=None,
        at=START + timedelta(seconds=number),
        policy_version=CATALOGUE.version,
        disclosures=(Disclosure(members=dict.fromkeys(members, shown)),),
    )
    return replace(plain, **said)


def page(number: int) -> list[str]:
    """Two members, others on each page, again and again."""
    return [MEMBERS[(number + step) % len(MEMBERS)] for step in (0, 3)]


def varied(number: int) -> Entry:
    """Entries that differ in who asks, for what, when, and in what was shown of whom."""
    days = timedelta(days=7 * (number % 6))
    items = {"fullName": Opened(PROVISION, ACCOUNT)}
    if number % 2:
        items["orders__items"] = Opened(12, SHOP)
    return entry(
        number,
        *page(number),
        company=("card", "callcenter")[number % 5 == 0],
        on_behalf_of=(None, "ichiba")[number % 5 == 0],
        purpose=("own:card:service", "inquiry_response")[number % 4 == 0],
        shown=told(number, **items),
        at=at(number) + days,
    )


async def catalogue_of(version: str) -> Catalogue | None:
    """The catalogue that entries of tests were decided with."""
    return CATALOGUE if version == CATALOGUE.version else None


@dataclass(slots=True)
class Ledgers:
    """Opens the same ledger as often as it is asked for, as processes would."""

    url: str
    opened: list[Ledger]

    def folder(self, **given: Any) -> Folder:
        ledger = Ledger.open(ledger_url(self.url))
        self.opened.append(ledger)
        return Folder(ledger, catalogue_of, **given)


@asynccontextmanager
async def ledgers(url: str) -> AsyncIterator[Ledgers]:
    await (await new_ledger(ledger_url(url))).close()
    opened = Ledgers(url, [])
    yield opened
    for ledger in opened.opened:
        await ledger.close()


async def write(folder: Folder, entries: Iterable[Entry]) -> None:
    for each in entries:
        await folder.ledger.append(each)


async def rows(folder: Folder, table: Table) -> list[Mapping[str, Any]]:
    """All rows of a projection, in order of its key."""
    async with folder.ledger.database.read() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


async def folded(folder: Folder) -> Mapping[str, list[Mapping[str, Any]]]:
    """Every projection as it stands, contents by their digests: their numbers may differ."""
    contents = {row["id"]: row["digest"] for row in await rows(folder, CONTENT)}
    found = {table.name: await rows(folder, table) for table in FOLDED}
    held = [{**row, "content": contents[row["content"]]} for row in found[RECORD.name]]
    return {**found, RECORD.name: sorted(held, key=lambda row: [*row.values()][:3])}


def at(number: int) -> datetime:
    return START + timedelta(seconds=number)


async def segments(ledger: Ledger) -> Sequence[int]:
    """The numbers of the segments, those of earlier months first."""
    number = LEDGER_SEGMENT.c.segment
    async with ledger.database.read() as connection:
        return (await connection.scalars(select(number).order_by(number))).all()


async def damage(folder: Folder, seq: int, **to: bytes) -> None:
    """Overwrite an entry of the first segment."""
    entry, (segment, *_) = LEDGER_ENTRY.c, await segments(folder.ledger)
    async with folder.ledger.database.write() as connection:
        changed = update(LEDGER_ENTRY).where(entry.segment == segment, entry.seq == seq)
        await connection.execute(changed.values(**to))


async def heard(folder: Folder, member: str) -> list[str]:
    """The decisions about a member, newest first."""
    found = await history(folder, [(Side.MEMBER, member)], limit=1000)
    return [each.entry.decision_id for each in found]
