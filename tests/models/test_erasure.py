"""What nothing keeps any longer goes for good, and whatever has to stay keeps its surrogate."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models import erasure
from models.acts import Act, perform
from models.database import Database
from models.erasure import due, erase
from models.event_log import verify_chain
from models.outbox_check import check as check_outbox
from models.projection_check import check
from models.retention import KEPT_TABLES
from models.tables import (
    ACCOUNT,
    CLAIM,
    CONTACT_PREFERENCE,
    CONTRACT,
    DEVICE,
    ERASURE,
    EVENT,
    LINK,
    METADATA,
    ORDERS,
    OUTBOX,
    ROW_TABLES,
    STANDING,
)
from models.world import ContractRecord, MemberRecord, Values, load
from policy.events import Event, EventKind, Evidence
from policy.retention import KEPT_AFTER_END
from policy.vocabulary import FOREVER, TICK, YEAR
from tests.clock import START, Clock
from tests.engines import first_on
from tests.looking import look
from tests.made import make_tables
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

LONG_AGO = START - KEPT_AFTER_END - YEAR
LATELY = START - YEAR
_numbers = count()


def row(relation: str, **said: Any) -> Values:
    provenance = {"acquired_by": "ichiba", "source": "ORDER", "channel": "WEB"}
    key = f"{relation}-{next(_numbers)}"
    return {"row_key": key, "acquired_at": START - 9 * YEAR, **provenance, **said}


def order(words: str, **said: Any) -> Values:
    return row("orders", items=[f"{words} tea"], merchant="shop_tea", **said)


def insured(words: str, no: str) -> Values:
    return row("claims", acquired_by="ssi", contract_no=no, diagnosis=f"{words} flu")


def member(key: str, closed_at: datetime | None = None, **parts: Any) -> MemberRecord:
    """Somebody with an account, a link and a preference; every value names whose it is."""
    began = START - 9 * YEAR
    events = [
        Event(EventKind.ACCOUNT_OPENED, began),
        Event(EventKind.LINKED, began, company="card", account_id=f"card of {key}"),
    ]
    if closed_at is not None:
        events.append(Event(EventKind.ACCOUNT_CLOSED, closed_at))
    rows: dict[str, list[Values]] = {"contactPreferences": [row("contactPreferences")]}
    rows |= parts.pop("rows", {})
    return MemberRecord(
        key, account={"full_name": f"name of {key}"}, rows=rows, events=events, **parts
    )


PEOPLE = (
    member(
        "active",
        rows={
            "orders": [
                order("kept active"),
                order("over active", retention_until=START),
                order("dated active", retention_until=START + TICK),
            ],
            "claims": [insured("lapsed active", "A-1"), insured("running active", "A-2")],
        },
        contracts=[ContractRecord("ssi", "A-1", LONG_AGO), ContractRecord("ssi", "A-2")],
    ),
    member("lately", LATELY, rows={"orders": [order("kept lately")]}),
    member("long", LONG_AGO, rows={"orders": [order("gone long")]}),
    member("owing", LONG_AGO, rows={"orders": [order("owed", retention_until=START + YEAR)]}),
    member(
        "insured",
        LONG_AGO,
        rows={"claims": [insured("running insured", "I-1"), insured("loose insured", "I-2")]},
        contracts=[ContractRecord("ssi", "I-1")],
    ),
    MemberRecord(
        "visitor", rows={"devices": [row("devices", retention_until=START, link_state="ANONYMOUS")]}
    ),
)

EXPECTED = {
    "orders": 2,
    "claims": 2,
    "devices": 1,
    "contracts": 1,
    "account": 3,
    "contactPreferences": 3,
    "account ids": 3,
    "events": 3,
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        async with opened.write() as connection:
            await load(connection, CATALOGUE, PEOPLE, START)
        yield opened


async def everything(database: Database) -> Mapping[str, Sequence[Any]]:
    async with database.read() as connection:
        return {
            table.name: (await connection.execute(look(table).order_by(*table.primary_key))).all()
            for table in METADATA.sorted_tables
        }


async def whose(database: Database, table: Any) -> set[str]:
    async with database.read() as connection:
        return set((await connection.scalars(look(table.c.member_key))).all())


async def findings(database: Database) -> list[str]:
    async with database.read() as connection:
        chain = [line async for line in verify_chain(connection)]
        stands = [line async for line in check(connection, CATALOGUE)]
        return chain + stands + [line async for line in check_outbox(connection)]


async def count_due(database: Database, at: datetime = START) -> Mapping[str, int]:
    async with database.read() as connection:
        return await due(connection, at)


async def test_a_dry_run_counts_what_is_due_and_touches_nothing(database: Database) -> None:
    before = await everything(database)
    assert await count_due(database) == EXPECTED
    assert await everything(database) == before


async def test_what_was_counted_goes_and_nothing_else(database: Database) -> None:
    assert await erase(database, START) == EXPECTED
    assert await count_due(database) == {}
    left = str(await everything(database))
    kept = ["kept active", "dated active", "running active", "kept lately", "owed"]
    assert [words for words in [*kept, "running insured"] if words not in left] == []
    gone = ["over active", "lapsed active", "gone long", "loose insured", "name of long"]
    who = [f"{what} of {key}" for what in ("name", "card") for key in ("long", "owing", "insured")]
    assert [words for words in (*gone, *who) if words in left] == []
    assert await findings(database) == []


async def test_nothing_is_left_of_somebody_of_whom_nothing_is_kept(database: Database) -> None:
    await erase(database, START)
    assert "'long'" not in str(await everything(database))


async def test_events_keep_the_surrogate_while_a_row_is_kept_and_fall_with_the_last(
    database: Database,
) -> None:
    await erase(database, START)
    assert await whose(database, EVENT) == {"active", "lately", "owing", "insured"}
    assert await whose(database, STANDING) == {"active", "lately", "owing", "insured"}
    assert await whose(database, ACCOUNT) == {"active", "lately"}
    assert await whose(database, CONTACT_PREFERENCE) == {"active", "lately"}
    async with database.read() as connection:
        ids = set(await connection.scalars(select(LINK.c.account_id)))
    assert ids == {"card of active", "card of lately", ""}
    later = START + YEAR
    assert await erase(database, later) == {"orders": 2, "events": 3}
    assert await whose(database, EVENT) == {"active", "lately", "insured"}
    assert await findings(database) == []


async def test_what_is_told_of_a_member_falls_with_the_events(
    database: Database, clock: Clock
) -> None:
    clock.set(LONG_AGO)
    opening = Act("soon", lambda _past, at: [Event(EventKind.ACCOUNT_OPENED, at)])
    await perform(database, CATALOGUE, opening, clock)
    await close(database, clock, "soon")
    assert "soon" in await whose(database, OUTBOX)
    await erase(database, START)
    assert "soon" not in await whose(database, OUTBOX)


async def test_contracts_stay_while_they_run_or_a_row_names_them(database: Database) -> None:
    await erase(database, START)
    async with database.read() as connection:
        assert set(await connection.scalars(select(CONTRACT.c.no))) == {"A-2", "I-1"}
        assert len((await connection.execute(look(CLAIM.c.row_key))).all()) == 2


async def test_what_went_is_logged_by_name_and_number(database: Database) -> None:
    await erase(database, START)
    async with database.read() as connection:
        logged = (await connection.execute(select(ERASURE))).all()
    assert {(at, what, erased) for at, what, erased in logged} == {
        (START, what, erased) for what, erased in EXPECTED.items()
    }


@pytest.mark.parametrize("database_url", first_on("sqlite"), indirect=True)
async def test_a_run_that_is_stopped_is_finished_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each of its transactions in turn."""
    monkeypatch.setattr(erasure, "PAGE", 1)
    monkeypatch.setattr(erasure, "MEMBERS", 1)
    done = 0

    class Stopped(Exception):
        pass

    for stop in count(1):
        steps = iter(range(stop))

        def advance(_erased: int, steps: Any = steps) -> None:
            if next(steps, None) is None:
                raise Stopped

        try:
            await erase(database, START, advance)
        except Stopped:
            assert await findings(database) == []
            done += 1
            continue
        break
    assert done > 10
    assert await count_due(database) == {}
    async with database.read() as connection:
        logged = await connection.execute(select(ERASURE.c.what, ERASURE.c.erased))
        assert dict(map(tuple, logged)) == EXPECTED


def in_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("sekisho.db*"))


async def test_nothing_of_what_went_is_left_in_the_files(sqlite_url: str, tmp_path: Path) -> None:
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        async with database.write() as connection:
            await load(connection, CATALOGUE, PEOPLE, START)
        await erase(database, START)
        found = in_files(tmp_path)
    assert b"name of active" in found
    assert [
        word for word in (b"name of long", b"card of owing", b"gone long") if word in found
    ] == []


async def close(database: Database, clock: Clock, who: str) -> None:
    def propose(_past: Sequence[Event], at: datetime) -> Sequence[Event]:
        return [Event(EventKind.ACCOUNT_CLOSED, at, evidence=Evidence(f"member:{who}"))]

    done = await perform(database, CATALOGUE, Act(who, propose), clock)
    assert done.objection is None


async def test_rows_get_their_last_day_when_the_account_closes(
    database: Database, clock: Clock
) -> None:
    await close(database, clock, "active")
    async with database.read() as connection:
        mine = ORDERS.c.member_key == "active"
        orders = await connection.execute(look(ORDERS.c.retention_until).where(mine))
        claims = look(CLAIM.c.contract_no, CLAIM.c.retention_until)
        theirs = await connection.execute(claims.where(CLAIM.c.member_key == "active"))
        others = await connection.execute(
            look(ORDERS.c.retention_until).where(ORDERS.c.member_key == "lately")
        )
    assert {at for (at,) in orders} == {START, START + TICK, START + KEPT_AFTER_END}
    assert set(map(tuple, theirs)) == {("A-1", FOREVER), ("A-2", FOREVER)}
    assert {at for (at,) in others} == {FOREVER}


async def test_the_last_day_is_the_same_whether_it_was_written_or_not(
    database: Database, clock: Clock
) -> None:
    await close(database, clock, "active")
    last = START + KEPT_AFTER_END
    before = await count_due(database, last - TICK)
    after = await count_due(database, last)
    assert after["account"] == before["account"] + 1
    assert after["orders"] == before["orders"] + 1


def test_every_relation_is_erased_by_date_or_with_the_account() -> None:
    assert set(ROW_TABLES) == {*KEPT_TABLES, CONTACT_PREFERENCE}
    assert DEVICE in KEPT_TABLES
