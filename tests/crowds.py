"""A crowd: thousands of members with plausible values, most open to one caller, few to another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import insert_many
from models.columns import path_of
from models.projection import rows_of
from models.tables import ACCOUNT, ORDERS, RELATIONS
from models.types import Instant, Words
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.standing import fold
from policy.vocabulary import FOREVER, AgeGroup
from tests.populations import WORDS
from tests.real import CATALOGUE

NOW = datetime(2026, 5, 1, tzinfo=UTC)
THEN = NOW - timedelta(days=300)
SELDOM = 1_000
"""One member in so many wants the group's mail, and shares data among its insurers."""

Row = dict[str, Any]


def draw(column: Column[Any], owner: int) -> object:
    """A value among about a thousand, now and then none; for the same owner the same."""
    number = crc32(f"{column.name} {owner}".encode()) % 1_020
    if number >= 1_000:
        return None
    if column.name in WORDS:
        return WORDS[column.name]
    match column.type:
        case Instant():
            return THEN + timedelta(minutes=number)
        case Words():
            return ["x"]
        case Boolean():
            return number % 2 == 0
        case BigInteger():
            return number
        case Date():
            return date(1950, 1, 1) + timedelta(days=number * 20)
        case _:
            return f"{column.name} {number:03}"


def accounts(members: int) -> Iterator[Row]:
    columns = [column for column in ACCOUNT.columns if path_of(column)]
    for number in range(members):
        values = {column.name: draw(column, number) for column in columns}
        yield {"member_key": key_of(number), **values}


def orders(members: int) -> Iterator[Row]:
    for number in range(members):
        yield {
            "row_key": f"o{number:07}",
            "member_key": key_of(number),
            "acquired_by": "ichiba",
            "source": "MEMBER",
            "channel": "WEB",
            "acquired_at": THEN,
            "retention_until": FOREVER,
            "merchant": "shop_tea" if number % SELDOM == 1 else "shop_book",
            "amount": crc32(key_of(number).encode()) % 100_000,
            "at": THEN,
        }


def key_of(number: int) -> str:
    return f"m{number:07}"


def consents(*, seldom: bool) -> Iterator[Event]:
    """What most members said, and what one in so many says."""
    yield Event(EventKind.ACCOUNT_OPENED, THEN)
    for key in ("A", "B.ins_group") if seldom else ("A",):
        version = CATALOGUE.documents[CATALOGUE.items[key].document].versions[-1].key
        shown = Event(EventKind.PRESENTED, THEN, item=key, version=version)
        yield from (
            shown,
            replace(shown, kind=EventKind.GRANTED, acr=RAKUTEN_ID, age=AgeGroup.ADULT),
        )
    yield Event(EventKind.MAIL_PREFERENCE, THEN, company="ichiba", wanted=True)
    yield Event(EventKind.INCIDENT_OPENED, THEN, company="card" if seldom else "bank")
    if seldom:
        yield Event(EventKind.MAIL_PREFERENCE, THEN, company="rakuten_group", wanted=True)


def projections(members: int) -> Mapping[Table, Sequence[Row]]:
    made: dict[Table, list[Row]] = {}
    for seldom in (False, True):
        facts = fold(tuple(consents(seldom=seldom)), NOW, CATALOGUE)
        keys = [key_of(n) for n in range(members) if (n % SELDOM == 1) is seldom]
        for table, rows in rows_of("", facts, 1, CATALOGUE).items():
            made.setdefault(table, [])
            made[table] += [{**row, "member_key": key} for row in rows for key in keys]
    return made


async def gather(connection: AsyncConnection, members: int) -> None:
    """Fill an empty database, and let its planner look at it."""
    await connection.execute(text("SELECT 1"))
    for table, rows in projections(members).items():
        await insert_many(connection, table, rows)
    await insert_many(connection, RELATIONS[""], list(accounts(members)))
    await insert_many(connection, ORDERS, list(orders(members)))
    await connection.execute(text("ANALYZE"))
