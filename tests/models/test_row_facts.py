"""What explaining reads of rows: provenance and answers of yes or no, never a value."""

from collections import Counter
from dataclasses import replace

import pytest

from models import tables
from models.columns import fact_of
from models.database import Database
from models.row_facts import RowFacts
from policy.errors import StartUpError
from policy.facts import ValueFacts
from policy.vocabulary import FOREVER, RowFact
from tests.clock import START
from tests.made import make_tables
from tests.polls import dice
from tests.populations import draw_population, settle
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio


def as_read(value: ValueFacts, recipient: str, relation: str) -> ValueFacts:
    """What can be told of a value to whom this recipient's question is explained."""
    if not relation:
        return ValueFacts("rakuten_group")
    asked = RowFact.ACQUISITION_CONSENT in CATALOGUE.relations[relation].facts
    never = FOREVER if asked else None
    ordered = value.merchant == recipient and value.placed_at is not None
    placed = ordered and value.placed_at is not None and value.placed_at <= START
    return replace(
        value,
        acquisition_consent_at=value.acquisition_consent_at or never,
        merchant=recipient if placed else None,
        placed_at=START if placed else None,
        row_company=recipient if value.row_company == recipient else None,
    )


async def test_every_fact_of_a_row_is_read_as_it_was_written(database_url: str) -> None:
    population = draw_population(dice("row facts", 0), CATALOGUE, members=5)
    told: Counter[bool] = Counter()
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as connection:
            await settle(connection, population)
        for recipient in ("card", "shop_tea"):
            facts = RowFacts(CATALOGUE, recipient, START)
            async with database.read() as connection:
                for relation in tables.RELATIONS:
                    for member in population.events:
                        read = dict(await facts.of(connection, relation, member))
                        rows = [
                            row
                            for row in population.rows
                            if (row.member, row.relation) == (member, relation)
                        ]
                        assert read == {
                            row.key: as_read(row.value, recipient, relation) for row in rows
                        }
                        told.update(bool(each.row_company) for each in read.values())
                        told.update(bool(each.merchant) for each in read.values())
    assert told[True] > 2


def test_every_fact_that_the_rule_knows_is_carried_by_some_table() -> None:
    carried = {fact_of(column) for table in tables.RELATIONS.values() for column in table.columns}
    assert carried - {None} == set(RowFact)


async def test_a_relation_without_a_table_cannot_be_explained(database_url: str) -> None:
    facts = RowFacts(CATALOGUE, "card", START)
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.read() as connection:
            with pytest.raises(StartUpError, match="No table holds gifts"):
                await facts.of(connection, "gifts", "m1")
