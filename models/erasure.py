"""Erasure: what nothing keeps any longer goes for good (S17, S18, S70; art. 22).

First rows whose time is over, and contracts that no row names. Then, of accounts closed long
enough, what the account held and every account id, which leads from the surrogate to a person. What
happened to the member stays under the surrogate while a row of his or hers is kept, since what may
still be done with it is decided by that, and goes with the last one.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models.acts import KEY_LIVES
from models.database import Database
from models.event_log import hold
from models.projection_check import Advance, unobserved
from models.retention import (
    KEPT_TABLES,
    WATCHED,
    account_due,
    contract_due,
    row_due,
)
from models.tables import (
    ACCOUNT,
    CONTACT_PREFERENCE,
    CONTRACT,
    ERASURE,
    EVENT,
    IDEMPOTENCY,
    LINK,
    METADATA,
    OUTBOX,
    PROJECTIONS,
    STANDING,
)

PAGE = 1000
"""Rows looked at in one transaction, so that no other writer waits long."""
MEMBERS = 100
"""Members forgotten in one transaction."""

ACCOUNT_IDS = "account ids"

Erased = Mapping[str, int]
"""What went, by name, and how many of each."""
Members = Sequence[str] | Select[tuple[str]]
"""Their keys, or how they are found."""


@dataclass(frozen=True, slots=True)
class Lot:
    """One kind of what is due: its name in the log, and which rows of a table."""

    name: str
    table: Table
    due: ColumnElement[bool]

    @property
    def key(self) -> Column[Any]:
        """What its rows are gone through by."""
        return next(iter(self.table.primary_key))


async def due(connection: AsyncConnection, at: datetime) -> Erased:
    """Count what is due by now, and touch nothing."""
    forgotten = select(STANDING.c.member_key).where(account_due(at))
    wholly = EVENT.c.member_key.in_(forgotten.where(*_nothing_left(at)))
    found = {}
    for lot in (*_of_time(at), *_of_accounts(forgotten), Lot("events", EVENT, wholly)):
        query = select(func.count()).select_from(lot.table).where(lot.due)
        found[lot.name] = await connection.scalar(query, execution_options=WATCHED) or 0
    return {name: count for name, count in found.items() if count}


async def erase(database: Database, at: datetime, advance: Advance = unobserved) -> Erased:
    """Erase what is due by now, some at a time; what went is logged with it.

    Can be stopped at any moment and run again: what is left is due then.
    """
    total: dict[str, int] = {}
    async for erased in _erased(database, at):
        for name, count in erased.items():
            total[name] = total.get(name, 0) + count
        advance(sum(erased.values()))
    await database.scrub(METADATA)
    return total


async def _erased(database: Database, at: datetime) -> AsyncIterator[Erased]:
    for lot in _of_time(at):
        after: Any = None
        while True:
            async with database.write() as connection:
                upto = await _upto(connection, lot, after)
                here = [] if after is None else [lot.key > after]
                here += [] if upto is None else [lot.key <= upto]
                gone = await _delete(connection, lot.table, lot.due, *here)
                erased = await _log(connection, at, {lot.name: gone})
            yield erased
            if upto is None:
                break
            after = upto
    async for erased in _members_forgotten(database, at):
        yield erased


async def _members_forgotten(database: Database, at: datetime) -> AsyncIterator[Erased]:
    after = ""
    while True:
        async with database.read() as connection:
            query = select(STANDING.c.member_key).where(account_due(at))
            later = query.where(STANDING.c.member_key > after)
            page = later.order_by(STANDING.c.member_key).limit(MEMBERS)
            members = (await connection.scalars(page)).all()
        if not members:
            return
        async with database.write() as connection:
            await hold(connection, members)
            erased = await _log(connection, at, await _forget(connection, members))
        yield erased
        after = members[-1]


async def _forget(connection: AsyncConnection, members: Sequence[str]) -> Erased:
    """Forget who these members were, and all about those of whom no row is left."""
    erased = {}
    for lot in _of_accounts(members):
        if lot.name == ACCOUNT_IDS:
            bare = update(EVENT).where(lot.due).values(identifiers="")
            erased[lot.name] = (await connection.execute(bare)).rowcount
        else:
            erased[lot.name] = await _delete(connection, lot.table, lot.due)
    links = LINK.c.member_key.in_(members)
    await connection.execute(update(LINK).where(links).values(account_id=""))
    here = STANDING.c.member_key.in_(members)
    wholly = select(STANDING.c.member_key).where(here, *_nothing_left(None))
    gone = (await connection.scalars(wholly, execution_options=WATCHED)).all()
    for table in (OUTBOX, *PROJECTIONS):
        await _delete(connection, table, table.c.member_key.in_(gone))
    erased["events"] = await _delete(connection, EVENT, EVENT.c.member_key.in_(gone))
    return erased


def _of_time(at: datetime) -> Iterator[Lot]:
    """What goes at its own time, whosever it is."""
    for table in KEPT_TABLES:
        yield Lot(str(table.info["relation"]), table, row_due(table, at))
    yield Lot("contracts", CONTRACT, contract_due(at))
    yield Lot("idempotency keys", IDEMPOTENCY, IDEMPOTENCY.c.at <= at - KEY_LIVES)


def _of_accounts(members: Members) -> Iterator[Lot]:
    """What says who these members were."""
    yield Lot("account", ACCOUNT, ACCOUNT.c.member_key.in_(members))
    preference = CONTACT_PREFERENCE
    yield Lot(str(preference.info["relation"]), preference, preference.c.member_key.in_(members))
    named = and_(EVENT.c.member_key.in_(members), EVENT.c.identifiers != "")
    yield Lot(ACCOUNT_IDS, EVENT, named)


def _nothing_left(at: datetime | None) -> Iterator[ColumnElement[bool]]:
    """That no row and no contract of a standing's member is there; or, at a time, is not due."""
    for table in (*KEPT_TABLES, CONTRACT):
        kept = exists().where(table.c.member_key == STANDING.c.member_key)
        if at is not None:
            kept = kept.where(~(contract_due(at) if table is CONTRACT else row_due(table, at)))
        yield ~kept.correlate(STANDING)


async def _upto(connection: AsyncConnection, lot: Lot, after: Any) -> Any:
    """The last key of the next page; None where the rest is less than a page."""
    query = select(lot.key).order_by(lot.key).offset(PAGE - 1).limit(1)
    if after is not None:
        query = query.where(lot.key > after)
    return await connection.scalar(query, execution_options=WATCHED)


async def _delete(connection: AsyncConnection, table: Table, *which: ColumnElement[bool]) -> int:
    done = await connection.execute(delete(table).where(*which), execution_options=WATCHED)
    return done.rowcount


async def _log(connection: AsyncConnection, at: datetime, erased: Erased) -> Erased:
    """Note what went, in the transaction in which it goes."""
    found = {name: count for name, count in erased.items() if count}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for name, count in found.items():
        noted = dialect.insert(ERASURE).values(at=at, what=name, erased=count)
        keys = list(ERASURE.primary_key)
        more = {"erased": ERASURE.c.erased + count}
        await connection.execute(noted.on_conflict_do_update(index_elements=keys, set_=more))
    return found
