"""A lead leads to everybody whom its test may hold for; it may lead to others, who are judged."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.condition_sql import parameters
from models.database import Database
from models.judged import marked
from models.lead_sql import lead_of, leg_of
from models.tables import OPENING
from models.view import View
from policy.conditions import MemberTest, Test
from policy.facts import ValueFacts
from policy.grant import Asker, Grants
from policy.member_tests import (
    Active,
    AdsAllowed,
    Deleted,
    IncidentOpen,
    Linked,
    MailWanted,
    OverseasConsented,
    Self,
    Stands,
    Used,
)
from policy.row_tests import Ordered, Retained
from policy.standing import fold
from policy.vocabulary import AUDIT, SUBJECT_REQUEST
from tests.crowds import NOW
from tests.looking import look
from tests.made import make_tables
from tests.polls import dice
from tests.populations import Population, draw_population, settle
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

LEADING: tuple[MemberTest, ...] = (
    Deleted(),
    OverseasConsented("SG"),
    *(kind(key) for key in CATALOGUE.companies for kind in (IncidentOpen, Linked, Used)),
    *(MailWanted(key) for key in CATALOGUE.companies),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


@pytest.fixture
async def population(database: Database) -> Population:
    drawn = draw_population(dice("leads", 0), CATALOGUE, members=60)
    async with database.write() as connection:
        await settle(connection, drawn)
    return drawn


async def keys(
    connection: AsyncConnection, statement: Select[str], population: Population
) -> set[str]:
    binds = parameters(population.now, "m0")
    return set(await connection.scalars(marked(statement), binds))


def passing(population: Population, *tests: MemberTest) -> set[str]:
    """The members for whom all of these tests hold."""
    now, nothing = population.now, ValueFacts("")
    folded = {key: fold(past, now, CATALOGUE) for key, past in population.events.items()}
    return {
        key
        for key, facts in folded.items()
        if all(test.holds(facts, nothing, now) for test in tests)
    }


async def test_an_index_leads_to_whoever_passes(database: Database, population: Population) -> None:
    met = 0
    async with database.read() as connection:
        for test in LEADING:
            leg = leg_of(test)
            assert leg is not None
            expected = passing(population, test)
            assert expected <= await keys(connection, leg, population), test
            met += len(expected)
    assert met > 30


async def test_a_merchant_is_led_to_whoever_ordered(
    database: Database, population: Population
) -> None:
    leg = leg_of(Ordered("shop_tea"))
    assert leg is not None
    expected = {row.member for row in population.rows if row.value.merchant == "shop_tea"}
    async with database.read() as connection:
        assert await keys(connection, leg, population) == expected
    assert expected


async def test_openings_lead_to_whoever_gave_all_that_a_provision_needs(
    database: Database, population: Population
) -> None:
    met = 0
    async with database.read() as connection:
        for items, number in CATALOGUE.needed_together.items():
            found = look(OPENING.c.member_key).where(OPENING.c.provision == number)
            expected = passing(population, *map(Stands, sorted(items)))
            assert expected <= set(await connection.scalars(found))
            met += len(expected)
    assert met > 60


async def test_members_are_led_to_themselves(database: Database, population: Population) -> None:
    view = View(Grants(CATALOGUE), Asker(None, subject_self=True), SUBJECT_REQUEST, population.now)
    lead = lead_of(view)
    assert lead is not None
    async with database.read() as connection:
        found = await connection.scalar(lead.keys, parameters(population.now, "m7"))
    assert found == "m7"


@pytest.mark.parametrize("test", [Active(), AdsAllowed(), Retained(), Stands("A")])
def test_what_holds_for_nearly_everybody_leads_nowhere(test: Test) -> None:
    assert leg_of(test) is None


def test_self_comes_before_all() -> None:
    assert leg_of(Self()) is not None


def test_an_officer_is_led_by_nothing() -> None:
    view = View(Grants(CATALOGUE), Asker("ssi"), AUDIT, NOW, "ssi")
    assert lead_of(view) is None


def test_a_view_that_some_way_opens_without_a_trace_has_no_lead() -> None:
    view = View(Grants(CATALOGUE), Asker("card"), "own:card:service", NOW)
    assert any(True for _ in view.ways("customerRecords"))
    assert lead_of(view) is None
