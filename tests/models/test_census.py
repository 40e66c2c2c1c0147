"""A census finds the members that the decision finds, one by one, on each engine."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import DropTable

from models import tables
from models.census import Census
from models.census_sql import IN_A_DIGIT
from models.condition_sql import Place, parameters, sql
from models.criteria import Every
from models.database import Database
from models.filter_sql import normal
from models.judged import marked
from models.page_sql import total_of
from models.view import ACCOUNT, EVERY_FIELD, View, ways_into
from models.ways import least
from policy.conditions import MemberTest
from policy.decide import decide
from policy.grant import Asker, Grants
from policy.member_tests import Active, AdsAllowed, ConsentedTo, NotStopped, Reaches
from policy.naming import Party, parties, parties_named
from policy.situation import Question
from policy.standing import fold
from tests.dice import endless
from tests.engines import first_on, in_turns
from tests.made import make_tables
from tests.populations import Population, Stored, draw_population, settle
from tests.real import CATALOGUE
from tests.say import Say
from tests.worlds import draw_catalogue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


class Naive:
    """Who sees something of whom, decided value by value."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.facts = {
            key: fold(events, population.now, population.catalogue)
            for key, events in population.events.items()
        }

    def seen(self, party: Party, purpose: str, paths: Sequence[str]) -> set[str]:
        """The members of whom one of these fields is open."""
        found, fields = set[str](), self.population.catalogue.fields
        for row in self.population.rows:
            alike = (path for path in paths if fields[path].relation == row.relation)
            if row.member not in found and any(
                self._open(party, purpose, path, row) for path in alike
            ):
                found.add(row.member)
        return found

    def _open(self, party: Party, purpose: str, path: str, row: Stored) -> bool:
        question = Question(*party, purpose, path, self.population.now)
        member = self.facts[row.member]
        return decide(self.population.catalogue, question, member, row.value).disclose


async def taken(
    database: Database, population: Population, purpose: str, asked: Sequence[Party]
) -> dict[tuple[Party, str], int]:
    """How many members a census finds, by party and category; and by party alone ("")."""
    catalogue, now = population.catalogue, population.now
    grants = Grants(catalogue)
    stored = [path for path in EVERY_FIELD if path in catalogue.fields]
    ways = {}
    for party in asked:
        view = View(grants, Asker(*party), purpose, grants.epoch(now)[0])
        for category in ("", *catalogue.categories):
            paths = [p for p in stored if category in {"", *catalogue.fields[p].categories}]
            ways[party, category] = least(ways_into(view, paths))
    census = Census.of(catalogue, (w for each in ways.values() for w in each), database.dialect)
    async with database.read_paired() as connections:
        found = await census.taken(connections, parameters(now, None))
        assert found.number == len(population.events)
        return {key: found.passing(each).bit_count() for key, each in ways.items()}


def decided(
    population: Population, purpose: str, asked: Sequence[Party]
) -> dict[tuple[Party, str], int]:
    catalogue, naive, found = population.catalogue, Naive(population), {}
    stored = [path for path in EVERY_FIELD if path in catalogue.fields]
    for party in asked:
        everybody: set[str] = set()
        for category in catalogue.categories:
            paths = [p for p in stored if category in catalogue.fields[p].categories]
            seen = naive.seen(party, purpose, paths)
            found[party, category] = len(seen)
            everybody |= seen
        found[party, ""] = len(everybody)
    return found


@pytest.mark.parametrize(
    ("database_url", "number"), in_turns(range(4), first=2), indirect=["database_url"]
)
async def test_random_worlds_are_counted_as_they_are_decided(
    database: Database, number: int, say: Say
) -> None:
    throws, told = endless(f"census {number}"), []
    population = draw_population(throws, draw_catalogue(throws), members=8)
    async with database.write() as connection:
        await settle(connection, population)
    asked = list(parties(population.catalogue, population.now))
    for purpose in population.catalogue.purposes:
        expected = decided(population, purpose, asked)
        assert await taken(database, population, purpose, asked) == expected, purpose
        told += [each for each in expected.values() if each]
    say(f"{database.dialect}: {len(told)} numbers above zero, {sum(told)} members in them")
    assert told


PURPOSES = ("service_provision", "ads_marketing", "order_fulfil", "own:card:service")


@pytest.mark.parametrize(("database_url", "purpose"), in_turns(PURPOSES), indirect=["database_url"])
async def test_the_real_catalogue_is_counted_as_it_is_decided(
    database: Database, purpose: str, say: Say
) -> None:
    population = draw_population(endless(f"census of {purpose}"), CATALOGUE, members=3)
    async with database.write() as connection:
        await settle(connection, population)
    named = parties_named(CATALOGUE, purpose, population.now)
    asked = [each for each in named if each[0] in {"rakuten_group", "ssi", "card", "courier"}]
    expected = decided(population, purpose, asked)
    assert await taken(database, population, purpose, asked) == expected
    say(f"{database.dialect}: {sum(map(bool, expected.values()))} numbers above zero")
    assert any(expected.values())


@pytest.mark.parametrize("database_url", first_on("postgresql"), indirect=True)
async def test_a_census_and_the_total_of_a_list_are_one_number(database: Database) -> None:
    population = draw_population(endless("census and list"), CATALOGUE, members=60)
    async with database.write() as connection:
        await settle(connection, population)
    grants, now = Grants(CATALOGUE), population.now
    for purpose in PURPOSES[1:3]:
        asked = parties_named(CATALOGUE, purpose, now)
        counted = await taken(database, population, purpose, asked)
        for party in asked:
            view = View(grants, Asker(*party), purpose, grants.epoch(now)[0])
            total = marked(select(total_of(view, normal(Every(())))))
            async with database.read() as connection:
                listed = await connection.scalar(total, parameters(now, None))
            assert counted[party, ""] == listed, (party, purpose)


async def test_more_tests_than_a_statement_has_columns_are_asked(database: Database) -> None:
    population = draw_population(endless("wide census"), CATALOGUE, members=3)
    async with database.write() as connection:
        await settle(connection, population)
    never = [NotStopped(frozenset({f"company {number}"}), frozenset()) for number in range(2100)]
    census = Census.of(CATALOGUE, [tuple(never)], database.dialect)
    async with database.read() as connection:
        found = await census.taken([connection], parameters(population.now, None))
    assert found.passing([tuple(never)]).bit_count() == len(population.events)


async def test_a_census_that_cannot_read_a_table_says_why(database: Database) -> None:
    never = NotStopped(frozenset({"ichiba"}), frozenset({"login"}))
    census = Census.of(CATALOGUE, [(never,)], database.dialect)
    async with database.write() as connection:
        await connection.execute(DropTable(tables.STOP))
    async with database.read_paired() as connections:
        with pytest.raises(DBAPIError, match="stop"):
            await census.taken(connections, parameters(datetime(2026, 6, 15, tzinfo=UTC), None))


async def test_of_nobody_a_census_finds_nobody(database: Database) -> None:
    population = draw_population(endless("nobody"), CATALOGUE, members=0)
    asked = parties_named(CATALOGUE, "ads_marketing", population.now)
    counted = await taken(database, population, "ads_marketing", asked)
    assert counted
    assert not any(counted.values())


async def test_every_test_of_a_standing_is_told_of_whoever_passes_it(database: Database) -> None:
    """Some more of them than one digit tells, asked of the standings one by one as well."""
    population = draw_population(endless("standings"), CATALOGUE, members=12)
    async with database.write() as connection:
        await settle(connection, population)
    items = {key: each for key, each in CATALOGUE.items.items() if each.version_bits}
    tests: list[MemberTest] = [Active(), AdsAllowed()]
    tests += (Reaches(key, frozenset({reach})) for key in items for reach in items[key].reach_bits)
    tests += (ConsentedTo(key, frozenset(items[key].version_bits)) for key in items)
    census = Census.of(CATALOGUE, [tuple(tests)], database.dialect)
    place, binds = Place(ACCOUNT, tables.ACCOUNT, CATALOGUE), parameters(population.now, None)
    async with database.read() as connection:
        found = await census.taken([connection], binds)
        numbers = set()
        for test in tests:
            passing = select(func.count()).select_from(tables.STANDING).where(sql(test, place))
            number = await connection.scalar(marked(passing), binds)
            assert found.passing([(test,)]).bit_count() == number, test
            numbers.add(number)
    assert len(census.standings) == len(tests) > 2 * IN_A_DIGIT
    assert len(numbers) > 2


def test_a_purpose_that_names_nobody_of_a_company_opens_nothing_to_it() -> None:
    grants, now = Grants(CATALOGUE), datetime(2026, 6, 15, tzinfo=UTC)
    for purpose in ("merchant_fulfil", "own:card:service", "ins_product_rnd", "audit"):
        named = set(parties_named(CATALOGUE, purpose, now))
        for party in parties(CATALOGUE, now):
            view = View(grants, Asker(*party), purpose, now)
            open_to = any(view.grant(path).alternatives for path in EVERY_FIELD)
            assert (party in named) >= open_to, (party, purpose)
