"""A synthetic population: of every kind and nobody real, the same for the same seed, and sound."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from sqlalchemy import Connection, func, inspect, select, text, update

from models.database import Database
from models.event_chain import StoredEvent
from models.event_log import verify_chain
from models.projection_check import check
from models.tables import EVENT, METADATA, POPULATION, ROW_TABLES, STANDING, WRITE_MARK
from models.world import MemberRecord
from policy.errors import StartUpError
from policy.events import EventKind
from policy.facts import MemberFacts
from policy.standing import STANDING_STATES, fold
from policy.vocabulary import FOREVER, AgeGroup
from schema.build import build_schema
from server.population import Population
from server.population_file import load_mix
from server.seeding import populate, seed
from tests.clock import Clock
from tests.door import opened
from tests.engines import first_on
from tests.looking import look
from tests.made import make_tables
from tests.real import CATALOGUE, ROOT

pytestmark = pytest.mark.anyio

FILE = ROOT / "seeds" / "population.yaml"
MIX = load_mix(FILE, CATALOGUE)
POPULATED = Population(MIX, CATALOGUE, 1)
FEW = 120


@cache
def members() -> list[MemberRecord]:
    """Enough of them that what is rare occurs."""
    return list(POPULATED.members(1, 2000))


@cache
def facts() -> list[MemberFacts]:
    """Where each of them stands in the end."""
    return [fold(member.events, MIX.until, CATALOGUE) for member in members()]


async def add(database: Database, wanted: int, number: int = 1) -> int:
    return await populate(database, Clock(), wanted, number, lambda _members: None)


async def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in the order of the keys; an event without salt and hashes."""
    async with database.read() as connection:
        return {
            table.name: [
                (row.seq, row.member_key, StoredEvent(*row).event) if table is EVENT else tuple(row)
                for row in await connection.execute(look(table).order_by(*table.primary_key))
            ]
            for table in METADATA.sorted_tables
            if table is not WRITE_MARK  # how it came to be, which SQLite does not keep
        }


@pytest.fixture
async def database(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened_one:
        await make_tables(opened_one)
        await seed(opened_one, clock, lambda _members: None)
        yield opened_one


async def test_the_same_seed_makes_the_same_rows_at_once_or_bit_by_bit(
    database: Database, tmp_path: Path
) -> None:
    assert [await add(database, wanted) for wanted in (40, FEW, 40, FEW)] == [40, FEW - 40, 0, 0]
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'again.db'}") as again:
        await make_tables(again)
        await seed(again, Clock(), lambda _members: None)
        assert await add(again, FEW) == FEW
        held = await contents(again)
    assert held == await contents(database)
    assert held["population"] == [(1, FEW)]


async def test_what_stands_is_what_the_events_say(database: Database) -> None:
    await add(database, FEW)
    await add(database, 30, number=2)
    async with database.read() as connection:
        assert [line async for line in check(connection, CATALOGUE)] == []
        assert [line async for line in verify_chain(connection)] == []
        number = select(STANDING.c.member_key).where(STANDING.c.member_key.like("s%"))
        assert len((await connection.scalars(number)).all()) > 0.9 * (FEW + 30)


async def made(database: Database) -> dict[str, Any]:
    """Table → its indexes, as the engine tells of them."""

    def look_up(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        return {
            table.name: {
                index["name"]: (index["column_names"], index["unique"])
                for index in inspector.get_indexes(table.name)
            }
            for table in METADATA.sorted_tables
        }

    async with database.read() as connection:
        # SQLite's pragmas tell what the connection saw last; a statement looks anew.
        await connection.execute(select(STANDING))
        return await connection.run_sync(look_up)


async def test_the_indexes_are_those_of_before_and_the_planner_knows_how_many_there_are(
    database: Database,
) -> None:
    before = await made(database)
    assert sum(map(len, before.values())) > 20
    await add(database, FEW)
    assert await made(database) == before
    known = {
        "sqlite": "SELECT max(CAST(stat AS INT)) FROM sqlite_stat1 WHERE tbl = 'standing'",
        "postgresql": "SELECT reltuples::int FROM pg_class WHERE relname = 'standing'",
    }
    async with database.read() as connection:
        there = await connection.scalar(select(func.count()).select_from(STANDING))
        told = await connection.scalar(text(known[database.dialect]))
        assert told == there


@pytest.mark.parametrize("database_url", first_on("postgresql"), indirect=True)
async def test_a_database_half_way_holds_nothing_of_it(database: Database) -> None:
    class Stopped(Exception):
        pass

    def stop(_members: int) -> None:
        raise Stopped

    before = await contents(database)
    with pytest.raises(Stopped):
        await populate(database, Clock(), 600, 1, stop)
    assert await contents(database) == before


async def test_members_that_are_there_under_another_name_are_not_loaded_over(
    database: Database,
) -> None:
    await add(database, FEW)
    async with database.write() as connection:
        await connection.execute(update(POPULATION).values(members=FEW - 1))
    before = await contents(database)
    with pytest.raises(StartUpError, match="in the database already"):
        await add(database, FEW + 1)
    assert await contents(database) == before


async def test_every_value_of_a_member_is_one_that_the_schema_can_say(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        await seed(database, clock, lambda _members: None)
        await add(database, FEW)
    living = [
        member
        for member, stood in zip(members()[:FEW], facts(), strict=False)
        if stood.known and stood.closed_at == FOREVER
    ]
    fullest = sorted(living, key=lambda member: -len(member.rows))[:4]
    query = f"{{ me {{ {everything('Member')} }} }}"
    said = Counter[str]()
    async with opened(sqlite_url, clock, tmp_path) as door:
        for member in fullest:
            response = await door.send(query, token=door.issuer.member(member.key))
            assert "errors" not in response.json()
            me = response.json()["data"]["me"]
            assert me["fullName"] == name_of(member)
            said += leaves(me, schema()["Member"])
    assert {"GeoPoint", "Date", "DateTime", "Gender", "AgeBand", "HealthKind"} <= set(said)


@cache
def schema() -> Mapping[str, GraphQLNamedType]:
    return build_schema(CATALOGUE).core.type_map


def everything(kind: str) -> str:
    """Every field below a type that takes no argument it needs."""
    parts = []
    declared = schema()[kind]
    assert isinstance(declared, GraphQLObjectType)
    for name, field in declared.fields.items():
        inner = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif inner.name in {"Company", "Service"}:
            parts.append(f"{name} {{ key }}")
        elif inner.name.endswith("Connection"):
            below = everything(inner.name.removesuffix("Connection"))
            parts.append(f"{name}(first: 50) {{ nodes {{ {below} }} }}")
    return " ".join(parts)


def leaves(value: Any, kind: GraphQLNamedType) -> Counter[str]:
    """How many values of each type stand below; each is one that the type takes."""
    found = Counter[str]()
    if isinstance(value, list):
        return sum((leaves(each, kind) for each in value), found)
    if isinstance(kind, GraphQLObjectType) and value is not None:
        for name, inner in value.items():
            found += leaves(inner, get_named_type(kind.fields[name].type))
    elif isinstance(kind, GraphQLScalarType | GraphQLEnumType) and value is not None:
        kind.parse_value(value)
        found[kind.name] += 1
    return found


def name_of(member: MemberRecord) -> object:
    assert member.account is not None
    return member.account["full_name"]


def test_a_member_is_the_same_in_any_company() -> None:
    assert list(POPULATED.members(77, 77)) == [members()[76]]
    others = list(Population(MIX, CATALOGUE, 2).members(1, 50))
    assert not {member.key for member in others} & {member.key for member in members()}
    assert [name_of(member) for member in others] != [name_of(member) for member in members()[:50]]


def rows() -> Iterator[tuple[str, Any]]:
    for member in members():
        for relation, its_rows in member.rows.items():
            yield from ((relation, row) for row in its_rows)


def test_every_relation_has_rows_and_every_column_values() -> None:
    said: dict[str, set[str]] = {"": set()}
    for relation, row in rows():
        said.setdefault(relation, set()).update(name for name in row if row[name] is not None)
    for member in members():
        said[""] |= {name for name, value in (member.account or {}).items() if value is not None}
    for table in ROW_TABLES:
        silent = set(table.columns.keys()) - said[str(table.info["relation"])] - {"member_key"}
        assert silent <= {"contract_no", "service", "retention_until"}, table.name


def test_orders_are_three_a_member_and_contracts_are_those_of_their_rows() -> None:
    of = Counter(relation for relation, _row in rows())
    assert 2.7 < of["orders"] / len(members()) < 3.3
    for member in members():
        held = {(contract.company, contract.no) for contract in member.contracts}
        named = {
            (row["acquired_by"], row["contract_no"])
            for its_rows in member.rows.values()
            for row in its_rows
            if row.get("contract_no")
        }
        assert named <= held


def share(kind: Any) -> float:
    return sum(map(bool, map(kind, facts()))) / len(facts())


def stands(at: MemberFacts, item: str) -> bool:
    return item in at.items and at.items[item].state in STANDING_STATES


def linked(at: MemberFacts, company: str) -> bool:
    return company in at.links and at.links[company].linked_at is not None


def test_members_are_of_every_kind() -> None:
    kinds: dict[str, tuple[float, float, Any]] = {
        "no standing": (0.015, 0.05, lambda f: not f.known),
        "closed": (0.02, 0.06, lambda f: f.closed_at < FOREVER),
        "no link": (0.3, 0.5, lambda f: not any(linked(f, company) for company in f.links)),
        "unlinked": (0.02, 0.15, lambda f: any(link.unlinked_at for link in f.links.values())),
        "A stands": (0.55, 0.75, lambda f: stands(f, "A")),
        "an old A": (0.03, 0.2, lambda f: stands(f, "A") and f.items["A"].version < "2022"),
        "A without reach": (0.004, 0.04, lambda f: stands(f, "A") and not f.items["A"].reaches),
        "A while young": (0.003, 0.04, lambda f: stands(f, "A") and len(f.items["A"].reaches) == 1),
        "B.use": (0.03, 0.1, lambda f: stands(f, "B.use")),
        "B.ins_group": (0.03, 0.1, lambda f: stands(f, "B.ins_group")),
        "B.group": (0.02, 0.1, lambda f: stands(f, "B.group")),
        "B.sensitive": (0.005, 0.04, lambda f: stands(f, "B.sensitive")),
        "a dated consent": (
            0.005,
            0.06,
            lambda f: any(item.valid_until < FOREVER for item in f.items.values()),
        ),
        "used": (0.2, 0.5, lambda f: any(link.used_at for link in f.links.values())),
        "mail": (0.1, 0.2, lambda f: f.mail),
        "no ads": (0.03, 0.1, lambda f: f.ads_opt_out),
        "stop": (0.002, 0.02, lambda f: f.stops),
        "abroad": (0.015, 0.05, lambda f: f.overseas),
        "incident": (0.0005, 0.01, lambda f: f.incidents),
        "told of a purpose": (0.03, 0.08, lambda f: f.notified),
        "linked in France": (0.0002, 0.006, lambda f: linked(f, "france_eu")),
    }
    found = {name: share(kind) for name, (_low, _high, kind) in kinds.items()}
    assert {
        name: at for name, at in found.items() if not kinds[name][0] <= at <= kinds[name][1]
    } == {}


def test_everything_that_can_happen_happens_and_an_insured_may_have_lapsed() -> None:
    happened = Counter(event.kind for member in members() for event in member.events)
    assert set(happened) == set(EventKind) - {EventKind.GUARDIAN_REGISTERED}
    states = Counter(item.state.value for f in facts() for item in f.items.values())
    assert {"REFUSED", "WITHDRAWN", "DEFERRED", "SUSPENDED", "INVALIDATED"} <= set(states)
    lapsed = [c.lapse_at < FOREVER for member in members() for c in member.contracts]
    assert 0.1 < sum(lapsed) / len(lapsed) < 0.3
    assert {row["role"] for relation, row in rows() if relation == "insurancePolicies"} == {
        "POLICYHOLDER",
        "INSURED",
    }


def test_guardians_stand_behind_some_minors_and_behind_nobody_else() -> None:
    guarded = Counter(
        (event.age, event.guardian)
        for member in members()
        for event in member.events
        if event.kind in {EventKind.DEEMED, EventKind.GRANTED}
    )
    assert set(guarded) == {
        (AgeGroup.CHILD, True),
        (AgeGroup.CHILD, False),
        (AgeGroup.YOUTH, True),
        (AgeGroup.YOUTH, False),
        (AgeGroup.ADULT, False),
        (AgeGroup.UNKNOWN, False),
    }


def test_the_past_lies_in_order_before_the_end_of_the_mix() -> None:
    for member in members():
        times = [event.at for event in member.events]
        assert times == sorted(times)
        assert all(at < MIX.until for at in times)
        kinds = [event.kind for event in member.events]
        assert kinds[:1] in ([], [EventKind.ACCOUNT_OPENED])
        assert EventKind.ACCOUNT_CLOSED not in kinds[:-1]


NUMBER = re.compile(r"0[789]0-0\d{3}-\d{4}|0\d{1,3}-0\d{1,3}-\d{4}")
DOMAIN = re.compile(r"[\w.-]+@(relay\.)?example\.(jp|co\.jp|com|net|org)")
NETWORK = re.compile(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}")
PLACE = re.compile(r"https?://(\w+\.)?example\.(jp|com|net|org)/\S*")


def test_nobody_can_be_reached() -> None:
    accounts = [("", member.account or {}) for member in members()]
    for relation, row in [*accounts, *rows()]:
        for name in ("phone", "mobile_phone"):
            assert row.get(name) is None or NUMBER.fullmatch(row[name]), (relation, row[name])
            assert row.get(name) is None or len(row[name].replace("-", "")) in {10, 11}
        for name in ("login_email", "relay_email"):
            assert row.get(name) is None or DOMAIN.fullmatch(row[name]), row[name]
        assert "ip_address" not in row or NETWORK.fullmatch(row["ip_address"])
        for url in row.get("viewed_urls", ()):
            assert PLACE.fullmatch(url)


async def test_a_clock_that_stands_before_the_end_of_the_mix_is_refused(
    sqlite_url: str, clock: Clock
) -> None:
    async with Database.open(sqlite_url) as database:
        await make_tables(database)
        await seed(database, clock, lambda _members: None)
        early = Clock(MIX.until.replace(year=2025))
        with pytest.raises(StartUpError, match="still to come"):
            await populate(database, early, FEW, 1, lambda _members: None)


async def test_a_database_without_the_demo_world_is_refused(sqlite_url: str) -> None:
    async with Database.open(sqlite_url) as database:
        with pytest.raises(StartUpError, match="`sekisho seed`"):
            await add(database, FEW)


@pytest.mark.parametrize(
    ("was", "then", "told"),
    [
        ("closed: 40", "closed: 1001", "outside 0..1000"),
        ("keeper: rakuten_group", "keeper: nobody", "there is no company 'nobody'"),
        ("PRESENTED GRANTED:", "PRESENTED SMILED:", "'SMILED' is no EventKind"),
        ("  means: ", "  manners: ", "unknown key 'manners'"),
        ('area_code: "011"', 'area_code: "11"', "is not an area code"),
        ("{A: 45,", "{A: 0,", "outside 1..1000000"),
        ("until: 2026-06-01", "until: [", "this is not YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, was: str, then: str, told: str
) -> None:
    content = FILE.read_text("utf-8")
    assert was in content
    broken = tmp_path / "population.yaml"
    broken.write_text(content.replace(was, then, 1), "utf-8")
    with pytest.raises(StartUpError, match=rf"population\.yaml:\d+: .*{re.escape(told)}"):
        load_mix(broken, CATALOGUE)
