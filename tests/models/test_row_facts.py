"""What explaining reads of rows: provenance and answers of yes or no, never a value."""

import pytest

from models import tables
from models.columns import fact_of
from models.database import Database
from models.row_facts import RowFacts
from policy.errors import StartUpError
from policy.vocabulary import RowFact
from tests.clock import START
from tests.real import CATALOGUE

READ = {
    RowFact.SERVICE,
    RowFact.CONTRACT,
    RowFact.MERCHANT,
    RowFact.KIND,
    RowFact.ACQUISITION_CONSENT,
    RowFact.RETENTION,
}


def test_every_fact_that_a_table_carries_is_read() -> None:
    carried = {fact_of(column) for table in tables.RELATIONS.values() for column in table.columns}
    assert carried - {None} == READ


@pytest.mark.anyio
async def test_a_relation_without_a_table_cannot_be_explained(database_url: str) -> None:
    facts = RowFacts(CATALOGUE, "card", START)
    async with Database.open(database_url) as database:
        await database.create_tables()
        async with database.read() as connection:
            with pytest.raises(StartUpError, match="No table holds payments"):
                await facts.of(connection, "payments", "m1")
