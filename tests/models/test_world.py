"""A world is loaded whole, member by member, or refused with a sentence that says why."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from traceback import format_exception
from typing import Any

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.event_log import append, events_of, verify_chain
from models.projection_check import check
from models.tables import ACCOUNT, CONTRACT, EVENT, HEALTH_RECORD, ORDERS, STANDING
from models.world import ContractRecord, MemberRecord, Values, load
from policy.errors import StartUpError
from policy.events import Event, EventKind
from policy.vocabulary import FOREVER
from server.world_file import load_world
from tests.clock import START
from tests.looking import look
from tests.made import make_tables
from tests.real import CATALOGUE as REAL
from tests.real import ROOT
from tests.small_catalogue import small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = small_catalogue()
ORDER: Values = {
    "row_key": "orders-m1-1",
    "acquired_by": "ichiba",
    "source": "ORDER",
    "channel": "WEB",
    "acquired_at": datetime(2025, 11, 3, tzinfo=UTC),
    "merchant": "shop_tea",
    "items": ["煎茶", "急須"],
    "amount": 5480,
}
HEALTH: Values = {
    "row_key": "health_record-m1-1",
    "acquired_by": "ssi",
    "source": "DECLARATION",
    "channel": "WEB",
    "acquired_at": datetime(2025, 11, 3, tzinfo=UTC),
    "contract_no": "SSI-1",
    "kind": "medicalHistory",
    "value": "x",
}
OPENED = Event(EventKind.ACCOUNT_OPENED, START - timedelta(days=3))
MEMBER = MemberRecord(
    key="m1",
    account={"full_name": "見本 花子", "point_balance": 1201},
    rows={"orders": [ORDER], "healthRecords": [HEALTH]},
    contracts=[ContractRecord("ssi", "SSI-1", START), ContractRecord("ssi", "SSI-2")],
    events=[OPENED],
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def fill(database: Database, *members: MemberRecord) -> None:
    async with database.write() as connection:
        await load(connection, CATALOGUE, members, START)


async def test_a_member_is_loaded_with_all_that_belongs_to_it(database: Database) -> None:
    await fill(database, MEMBER)
    async with database.read() as connection:
        account = (await connection.execute(look(ACCOUNT))).one()._asdict()
        order = (await connection.execute(look(ORDERS))).one()._asdict()
        health = (await connection.execute(look(HEALTH_RECORD))).one()._asdict()
        contracts = (await connection.execute(select(CONTRACT).order_by(CONTRACT.c.no))).all()
        assert await events_of(connection, "m1") == (OPENED,)
        assert await connection.scalar(select(STANDING.c.closed_at)) == FOREVER
    assert account["full_name"] == "見本 花子"
    assert account["login_name"] is None
    assert order == {
        **ORDER,
        "member_key": "m1",
        "service": None,
        "retention_until": FOREVER,
        "at": None,
        "status": None,
        "relay_email": None,
        "recipient_name": None,
        "shipping_address": None,
        "phone": None,
    }
    assert health["contract_no"] == "SSI-1"
    assert health["acquisition_consent_at"] == FOREVER
    assert contracts == [("m1", "ssi", "SSI-1", START), ("m1", "ssi", "SSI-2", FOREVER)]


async def test_rows_may_name_different_columns(database: Database) -> None:
    sparse = {key: value for key, value in ORDER.items() if key not in {"amount", "merchant"}}
    other = {**sparse, "row_key": "orders-m1-2", "status": "SHIPPED"}
    await fill(database, replace(MEMBER, rows={"orders": [ORDER, other]}))
    async with database.read() as connection:
        query = look(ORDERS.c.merchant, ORDERS.c.amount, ORDERS.c.status)
        rows = (await connection.execute(query.order_by(ORDERS.c.row_key))).all()
    assert rows == [("shop_tea", 5480, None), (None, None, "SHIPPED")]


async def test_somebody_without_an_account_has_rows_and_no_standing(database: Database) -> None:
    await fill(database, MemberRecord("m8", rows={"orders": [ORDER]}))
    async with database.read() as connection:
        assert await connection.scalar(look(func.count()).select_from(ACCOUNT)) == 0
        assert await connection.scalar(select(func.count()).select_from(STANDING)) == 0
        assert await connection.scalar(look(ORDERS.c.member_key)) == "m8"


async def test_many_members_are_loaded_as_they_are_made(database: Database) -> None:
    asked, told = 0, []

    def made() -> Iterator[MemberRecord]:
        nonlocal asked
        for number in range(1203):
            asked += 1
            yield MemberRecord(f"m{number}", account={}, events=[OPENED])

    async with database.write() as connection:
        await load(connection, CATALOGUE, made(), START, lambda done: told.append((asked, done)))
    assert told == [(500, 500), (1000, 500), (1203, 203)]
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(STANDING)) == 1203
        assert [line async for line in check(connection, CATALOGUE)] == []


async def test_what_happens_next_is_recorded_behind_what_was_loaded(database: Database) -> None:
    await fill(database, MEMBER, replace(MEMBER, key="m2", rows={}, contracts=[]))
    closed = Event(EventKind.ACCOUNT_CLOSED, START)
    async with database.write() as connection:
        await append(connection, CATALOGUE, {"m1": [closed], "m3": [OPENED]}, START)
    await fill(database, MemberRecord("m4", account={}, events=[OPENED]))
    async with database.read() as connection:
        rows = await connection.execute(select(EVENT.c.seq, EVENT.c.member_key).order_by("seq"))
        assert [tuple(row) for row in rows] == [
            (1, "m1"),
            (2, "m2"),
            (3, "m1"),
            (4, "m3"),
            (5, "m4"),
        ]
        assert [line async for line in verify_chain(connection)] == []
        assert [line async for line in check(connection, CATALOGUE)] == []


async def test_nothing_of_a_row_that_does_not_fit_is_told(database: Database) -> None:
    twice = replace(MEMBER, rows={"orders": [ORDER, ORDER]})
    with pytest.raises(StartUpError) as refusal:
        await fill(database, twice)
    assert "orders-m1-1" not in "".join(format_exception(refusal.value))


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"rows": {"dreams": [ORDER]}}, "relation 'dreams'"),
        ({"rows": {"linkedCompanies": [ORDER]}}, "relation 'linkedCompanies'"),
        ({"rows": {"orders": [{**ORDER, "colour": "red"}]}}, "names colour, no column of orders"),
        (
            {"rows": {"orders": [{"row_key": "o-1"}]}},
            "leaves out acquired_at, acquired_by, channel",
        ),
        ({"account": {"full_nam": "x"}}, "names full_nam, no column of account"),
        ({"account": {"point_balance": 2**31}}, "too large for GraphQL"),
        ({"rows": {"orders": [ORDER, ORDER]}}, "stands in it twice"),
        ({"events": [replace(OPENED, at=START + timedelta(1))]}, "still to come"),
        ({"events": [OPENED, replace(OPENED, at=OPENED.at - timedelta(1))]}, "in order"),
    ],
    ids=lambda change: change if isinstance(change, str) else "",
)
async def test_what_has_no_place_in_the_tables_is_refused(
    database: Database, change: dict[str, Any], advice: str
) -> None:
    with pytest.raises(StartUpError, match=advice):
        await fill(database, MemberRecord("m0", account={}), replace(MEMBER, **change))
    async with database.read() as connection:
        assert await connection.scalar(look(func.count()).select_from(ACCOUNT)) == 0


async def test_the_demo_world_is_loaded_and_stands_as_its_events_say(database: Database) -> None:
    members = load_world(ROOT / "seeds" / "world.yaml", REAL)
    async with database.write() as connection:
        await load(connection, REAL, members, START)
    async with database.read() as connection:
        assert [line async for line in check(connection, REAL)] == []
        assert [line async for line in verify_chain(connection)] == []
        standings = select(STANDING.c.member_key).order_by(STANDING.c.member_key)
        assert (await connection.scalars(standings)).all() == [f"m{n}" for n in range(1, 8)]
