"""A crowd beside the demo world: items, links, preferences and rows in every state, mixed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Table

from models.columns import fact_of, path_of
from models.tables import RELATIONS, REVIEW, ROW_TABLES
from models.types import Instant, Words
from models.world import ContractRecord, MemberRecord
from policy.events import Event, EventKind
from policy.vocabulary import FOREVER, TICK, RowFact
from tests.real import CATALOGUE
from tests.small_world import EARLY, ITEMS, accounts, answers, links, preferences

SIZE = 48
COMPANIES = ("card", "ssi", "rakuten_group", "shop_tea", "asia_sg", "bank", "france_eu", "ichiba")
ACQUIRERS = ("ssi", "rakuten_group", "ichiba", "rakuten_group", "card")
ROWS = 5
"""Of each relation, per member."""
REVIEWS = 15
"""Enough for a page to part those that were screened from those that were not."""


def crowd(now: datetime) -> list[MemberRecord]:
    """The same members at every call: each word and number of theirs stands nowhere else."""
    return [_member(number, now) for number in range(SIZE)]


def _member(number: int, now: datetime) -> MemberRecord:
    key = f"n{number:02}"
    tables = {table.info["relation"]: table for table in ROW_TABLES}
    return MemberRecord(
        key,
        {column.name: _value(column, number) for column in RELATIONS[""].c if path_of(column)},
        {name: [*_rows(table, key, number, now)] for name, table in tables.items()},
        [*_contracts(key, now)],
        [event for event in _history(key, number, now) if event.at <= now],
    )


def _history(key: str, number: int, now: datetime) -> list[Event]:
    """Every other item is granted; the rest stand in any way, some accounts are closed."""
    company = COMPANIES[number % len(COMPANIES)]
    events = [*accounts(now)[number % 9 == 4]]
    for position, item in enumerate(ITEMS):
        ways = answers(item, now)
        nth = (number * 7 + position * 3) // 2 % len(ways)
        events += ways["granted"] if (number + position) % 2 else [*ways.values()][nth]
    events += links(company, now)[number // 2 % 5]
    events += preferences(company, now)[number // 3 % 4]
    if number % 5 == 2:
        for stopped in ("rakuten_group", "card", "ssi"):
            categories = ("profile",) if number % 2 else ("service_usage",)
            events.append(
                Event(EventKind.STOP_REQUESTED, now, company=stopped, categories=categories)
            )
    named = (replace(event, account_id=event.account_id and key) for event in events)
    return sorted(named, key=lambda event: event.at)


def _contracts(key: str, now: datetime) -> Iterator[ContractRecord]:
    """One of the same number with each acquirer: running, lapsing soon, lapsing now."""
    lapses = dict(zip(ACQUIRERS, (FOREVER, now + TICK, now, now + TICK, FOREVER), strict=True))
    for acquirer, lapse_at in lapses.items():
        yield ContractRecord(acquirer, key, lapse_at)


def _rows(table: Table, key: str, number: int, now: datetime) -> Iterator[Mapping[str, Any]]:
    rows = REVIEWS if table is REVIEW else ROWS
    for n in range(rows):
        nth = number * rows + n
        acquirer = ACQUIRERS[(number + n) % len(ACQUIRERS)]
        facts = _facts(key, nth, now)
        values = {
            column.name: facts[fact] if (fact := fact_of(column)) else _value(column, nth)
            for column in table.c
            if fact_of(column) or path_of(column)
        }
        provenance = {"source": "MEMBER", "channel": "WEB", "acquired_at": EARLY}
        row_key = f"{table.name}-{key}-{n}"
        yield {"row_key": row_key, "acquired_by": acquirer, **provenance, **values}


def _facts(key: str, nth: int, now: datetime) -> Mapping[RowFact, Any]:
    """What the rule reads of a row, in every combination sooner or later."""
    kinds = sorted({kind for each in CATALOGUE.sensitive_lists.values() for kind in each.kinds})
    return {
        RowFact.SERVICE: ("", "", "global_express")[nth % 3],
        RowFact.CONTRACT: ("", key, f"{key}-unknown")[nth % 7 % 3],
        RowFact.MERCHANT: ("shop_tea", "shop_book", None)[nth % 5 % 3],
        RowFact.LINK_STATE: ("LINKED", "ANONYMOUS")[nth % 4 == 1],
        RowFact.KIND: [*kinds, None][nth % (len(kinds) + 1)],
        RowFact.ACQUISITION_CONSENT: (EARLY, FOREVER)[nth % 3 == 1],
        RowFact.SCREENED: nth % 2 == 0,
        RowFact.RETENTION: (FOREVER, now + TICK, now)[nth % 6 % 3],
        RowFact.ROW_COMPANY: COMPANIES[nth % len(COMPANIES)],
    }


def _value(column: Column[Any], nth: int) -> Any:
    """A value that the column takes; of every five one is missing."""
    if column.nullable and (nth + len(column.name)) % 5 == 0:
        return None
    texts = (str(each.sqltext) for each in column.constraints if isinstance(each, CheckConstraint))
    words = [word for text in texts for word in re.findall(r"'(\w+)'", text)]
    if words:
        return next(islice(cycle(words), nth, None))
    match column.type:
        case Instant():
            return EARLY - timedelta(hours=nth) if nth % 2 else EARLY + timedelta(hours=nth)
        case Date():
            return date(1950, 1, 1) + timedelta(days=137 * (nth % 40) + nth)
        case BigInteger():
            return (nth * 37) % 100
        case Boolean():
            return nth % 2 == 0
        case Words():
            return [f"{column.name} {nth % 9}", f"of {nth}"]
        case _:
            return f"{column.name} {(nth * 29) % 71:02}"
