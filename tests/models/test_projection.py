"""Projections are the fold of the events in rows: nothing is lost, and any drift is found."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from models import event_log
from models.database import Database
from models.event_log import append
from models.projection import rows_of
from models.projection_check import check, rebuild
from models.tables import (
    INCIDENT,
    ITEM_STANDING,
    LINK,
    MAIL,
    NOTIFIED,
    OPENING,
    OVERSEAS,
    PROJECTIONS,
    STANDING,
    STOP,
)
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ItemStanding, MemberFacts
from policy.facts import Link as LinkFacts
from policy.standing import STANDING_STATES, fold, standing_bits
from policy.vocabulary import FOREVER, NEVER, AgeGroup, ConsentLevel, ConsentState
from tests.clock import START
from tests.histories import BEGINNING, histories
from tests.made import make_tables
from tests.real import CATALOGUE as REAL
from tests.small_catalogue import VERSION, small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = replace(small_catalogue(), provisions=REAL.provisions)
DAY = timedelta(days=1)
THE_FIRST = min(CATALOGUE.needed_together.values())


def everything() -> Sequence[Event]:
    """A history that leaves a row in every projection."""
    at = BEGINNING
    shown = [Event(EventKind.PRESENTED, at, item=item, version=VERSION) for item in ("A", "B.use")]
    consent = Event(EventKind.DEEMED, at, "A", VERSION, acr=RAKUTEN_ID, age=AgeGroup.ADULT)
    return [
        Event(EventKind.ACCOUNT_OPENED, at),
        *shown,
        consent,
        replace(consent, kind=EventKind.GRANTED, item="B.use", valid_until=at + DAY),
        Event(EventKind.LINKED, at, company="card", account_id="c"),
        Event(EventKind.USED, at + DAY, company="bank"),
        Event(EventKind.NOTIFIED, at + DAY, purpose="own:card:service"),
        Event(EventKind.MAIL_PREFERENCE, at + DAY, company="card", wanted=True),
        Event(EventKind.ADS_PREFERENCE, at + DAY, wanted=False),
        Event(EventKind.STOP_REQUESTED, at + DAY, company="card", categories=("profile",)),
        Event(EventKind.STOP_REQUESTED, at + DAY, company="bank"),
        Event(EventKind.OVERSEAS_CONSENTED, at + DAY, country="SG", age=AgeGroup.ADULT),
        Event(EventKind.INCIDENT_OPENED, at + DAY, company="bank"),
    ]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        async with opened.write() as connection:
            await append(connection, CATALOGUE, {"m1": everything()}, START)
        yield opened


async def findings(database: Database) -> list[str]:
    async with database.read() as connection:
        return [line async for line in check(connection, CATALOGUE)]


def test_each_fact_has_its_row() -> None:
    facts = fold(everything(), START, CATALOGUE)
    rows = rows_of("m1", facts, 14, CATALOGUE)
    day = BEGINNING + DAY
    assert {table.name: [{**row} for row in rows[table]] for table in PROJECTIONS} == {
        "standing": [
            {
                "member_key": "m1",
                "bits": standing_bits(facts.items, CATALOGUE),
                "closed_at": FOREVER,
                "ads_opt_out": True,
                "last_seq": 14,
            }
        ],
        "item_standing": [
            {
                "member_key": "m1",
                "item": "A",
                "version": VERSION,
                "level": 2,
                "consented_at": BEGINNING,
                "valid_until": FOREVER,
            },
            {
                "member_key": "m1",
                "item": "B.use",
                "version": VERSION,
                "level": 3,
                "consented_at": BEGINNING,
                "valid_until": day,
            },
        ],
        "link": [
            {
                "member_key": "m1",
                "company": "card",
                "account_id": "c",
                "linked_at": BEGINNING,
                "used_at": NEVER,
                "unlinked_at": NEVER,
            },
            {
                "member_key": "m1",
                "company": "bank",
                "account_id": "",
                "linked_at": FOREVER,
                "used_at": day,
                "unlinked_at": NEVER,
            },
        ],
        "notified": [{"member_key": "m1", "purpose": "own:card:service", "at": day}],
        "mail": [{"member_key": "m1", "sender": "card", "wanted": True, "at": day}],
        "stop": [
            {"member_key": "m1", "company": "bank", "category": "*"},
            {"member_key": "m1", "company": "card", "category": "profile"},
        ],
        "overseas": [{"member_key": "m1", "country": "SG"}],
        "incident": [{"member_key": "m1", "company": "bank"}],
        "opening": [
            {"member_key": "m1", "provision": CATALOGUE.needed_together[frozenset({"A"})]},
            {"member_key": "m1", "provision": CATALOGUE.needed_together[frozenset({"B.use"})]},
        ],
    }


def test_a_member_without_events_has_no_row() -> None:
    rows = rows_of("m1", fold((), START, CATALOGUE), 0, CATALOGUE)
    assert not any(rows[table] for table in PROJECTIONS)


@given(st.sampled_from(ConsentState))
def test_only_items_that_stand_have_a_row(state: ConsentState) -> None:
    item = ItemStanding(state, VERSION, ConsentLevel.DEEMED, frozenset(), BEGINNING)
    rows = rows_of("m1", MemberFacts(items={"A": item}), 1, CATALOGUE)
    assert bool(rows[ITEM_STANDING]) == (state in STANDING_STATES)


def test_a_link_that_was_undone_reads_as_no_link() -> None:
    facts = MemberFacts(links={"card": LinkFacts(unlinked_at=BEGINNING)})
    (row,) = rows_of("m1", facts, 1, CATALOGUE)[LINK]
    assert row["linked_at"] == FOREVER
    assert row["used_at"] == NEVER
    assert row["account_id"] == ""
    assert row["unlinked_at"] == BEGINNING


async def test_what_is_written_is_what_the_events_say(database: Database) -> None:
    assert await findings(database) == []


async def test_a_rebuild_heals_whatever_drifted(database: Database) -> None:
    done: list[int] = []
    async with database.write() as connection:
        for table in PROJECTIONS:
            await connection.execute(delete(table))
        await connection.execute(insert(STANDING), {"member_key": "ghost", "bits": 1})
    assert len(await findings(database)) == 14
    async with database.write() as connection:
        await rebuild(connection, CATALOGUE, done.append)
    assert await findings(database) == []
    assert done == [1]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (update(STANDING).values(bits=7), "standing of m1: bits not as the events say"),
        (update(STANDING).values(closed_at=BEGINNING), "standing of m1: closed_at not as"),
        (update(STANDING).values(ads_opt_out=False), "standing of m1: ads_opt_out not as"),
        (
            update(ITEM_STANDING).where(ITEM_STANDING.c.item == "A").values(level=4),
            "item_standing of m1 A: level not as",
        ),
        (
            delete(ITEM_STANDING).where(ITEM_STANDING.c.item == "A"),
            "item_standing of m1 A: is missing",
        ),
        (
            update(LINK).where(LINK.c.company == "bank").values(account_id="secret", used_at=NEVER),
            "link of m1 bank: account_id, used_at not as the events say",
        ),
        (delete(NOTIFIED), "notified of m1 own:card:service: is missing"),
        (update(MAIL).values(wanted=False), "mail of m1 card: wanted not as"),
        (delete(STOP).where(STOP.c.category == "*"), "stop of m1 bank *: is missing"),
        (insert(OVERSEAS).values(member_key="m1", country="US"), "overseas of m1 US: stands, but"),
        (insert(INCIDENT).values(member_key="m0", company="x"), "incident of m0 x: stands, but"),
        (insert(OPENING).values(member_key="m1", provision=999), "opening of m1 999: stands, but"),
        (
            delete(OPENING).where(OPENING.c.provision == THE_FIRST),
            f"opening of m1 {THE_FIRST}: is missing",
        ),
        (
            insert(MAIL).values(member_key="m9", sender="x", wanted=True, at=BEGINNING),
            "mail of m9 x: stands, but",
        ),
    ],
    ids=lambda change: change if isinstance(change, str) else "",
)
async def test_any_drift_of_a_projection_is_one_finding(
    database: Database, change: object, finding: str
) -> None:
    async with database.write() as connection:
        await connection.execute(change)  # type: ignore[call-overload] # update, delete or insert
    (line,) = await findings(database)
    assert line.startswith(finding)
    assert "secret" not in line


@settings(max_examples=25)
@given(histories(), st.integers(0, 12), histories())
async def test_whatever_happens_in_however_many_steps_the_projections_follow(
    tmp_path_factory: pytest.TempPathFactory,
    history: tuple[Event, ...],
    cut: int,
    other: tuple[Event, ...],
) -> None:
    file = tmp_path_factory.mktemp("history") / "sekisho.db"
    unlinked = [event for event in other if event.kind is not EventKind.LINKED]
    async with Database.open(f"sqlite+aiosqlite:///{file}") as database:
        await make_tables(database)
        for happened in ({"m1": history[:cut]}, {"m1": history[cut:], "m2": unlinked}):
            async with database.write() as connection:
                await append(connection, CATALOGUE, happened, START)
        assert await findings(database) == []
        async with database.read() as connection:
            known = (await connection.scalars(select(STANDING.c.member_key))).all()
    assert ("m1" in known) == bool(history)


async def test_pages_lose_no_row_between_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "PAGE", 1)
    opened = [Event(EventKind.ACCOUNT_OPENED, BEGINNING)]
    async with database.write() as connection:
        await append(connection, CATALOGUE, {"m0": opened, "m3": opened}, START)
        for ghost in ("a", "m2", "z"):
            await connection.execute(insert(INCIDENT), {"member_key": ghost, "company": "x"})
    assert [line.split(":")[0] for line in await findings(database)] == [
        "incident of a x",
        "incident of m2 x",
        "incident of z x",
    ]
