"""Migrating an empty database makes what the models declare: no more, no less, nothing else."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, Table

from migrations.upgrade import migrate
from models.database import Database
from models.history_tables import LEDGER_TABLES
from models.ledger_tables import LEDGER_METADATA
from models.revision import LEDGER, MEMBERS, Revision
from models.tables import METADATA
from models.views import VIEWS, view_texts
from tests.layouts import Layout, layout_of
from tests.made import make_tables

pytestmark = pytest.mark.anyio

DECLARED = {MEMBERS.of: METADATA, LEDGER.of: LEDGER_METADATA}


async def declared(database: Database, revision: Revision) -> Layout:
    """What the models' own declarations make; nothing of it stays."""

    def create(connection: Connection) -> None:
        DECLARED[revision.of].create_all(connection)
        for view in view_texts(connection.dialect) if revision is MEMBERS else ():
            connection.exec_driver_sql(view)

    async with database.writers.connect() as connection:
        await connection.run_sync(create)
        found = await layout_of(connection)
        await connection.rollback()
    return found


async def there(database: Database) -> Layout:
    async with database.read() as connection:
        return await layout_of(connection, MEMBERS.kept_in, LEDGER.kept_in)


def names(layout: Layout) -> set[str]:
    return {part for row in layout for part in row}


@pytest.mark.parametrize(
    ("revision", "tables"),
    [(MEMBERS, (*METADATA.sorted_tables, *VIEWS.sorted_tables)), (LEDGER, LEDGER_TABLES)],
    ids=("members", "ledger"),
)
async def test_what_is_migrated_is_what_is_declared(
    database_url: str, revision: Revision, tables: Sequence[Table]
) -> None:
    async with Database.open(database_url, marked=False) as database:
        wanted = await declared(database, revision)
        assert {table.name for table in tables} <= names(wanted)
        assert await there(database) == frozenset()
        await migrate(database, revision)
        assert await there(database) - wanted == frozenset()
        assert wanted - await there(database) == frozenset()


@pytest.mark.parametrize("revision", [MEMBERS, LEDGER], ids=("members", "ledger"))
async def test_the_statements_that_a_dry_run_prints_make_the_same(
    database_url: str, revision: Revision
) -> None:
    async with Database.open(database_url, marked=False) as database:
        wanted = await declared(database, revision)
        await make_tables(database, revision)
        assert await there(database) == wanted
        await revision.check(database)
