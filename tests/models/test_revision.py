"""Who meets a database of another revision than its own goes no further, and says what to do."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from models.database import Database
from models.ledger import Ledger
from models.revision import LEDGER, MEMBERS, Revision
from policy.errors import PrivacyError, StartUpError
from tests.entries import ENTRY
from tests.made import make_tables

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("revision", [MEMBERS, LEDGER], ids=lambda each: str(each.of))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url, marked=False) as opened:
        yield opened


async def run(database: Database, statement: str) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement))


@BOTH
async def test_the_tables_of_this_code_are_recognised(
    database: Database, revision: Revision
) -> None:
    assert await revision.found(database) is None
    await make_tables(database, revision)
    assert await revision.found(database) == revision.number
    await revision.check(database)


async def test_members_and_ledger_can_share_a_database(postgresql_url: str) -> None:
    async with Database.open(postgresql_url) as shared:
        await make_tables(shared, LEDGER)
        with pytest.raises(StartUpError, match="is empty"):
            await MEMBERS.check(shared)
        await make_tables(shared, MEMBERS)
        for revision in (MEMBERS, LEDGER):
            await revision.check(shared)


@BOTH
async def test_an_empty_database_says_how_to_fill_it(
    database: Database, revision: Revision
) -> None:
    with pytest.raises(StartUpError, match=r"is empty: run `sekisho migrate`.*`sekisho seed`"):
        await revision.check(database)


@BOTH
@pytest.mark.parametrize(
    ("number", "told"),
    [("0000", "at revision 0000.*run `sekisho migrate`"), ("9999", "at revision 9999.*start the")],
)
async def test_an_older_and_a_newer_database_are_refused_in_one_sentence(
    database: Database, revision: Revision, number: str, told: str
) -> None:
    await make_tables(database, revision)
    await run(database, f"UPDATE {revision.kept_in} SET version_num = '{number}'")  # noqa: S608 (ours)
    with pytest.raises(StartUpError, match=told) as refused:
        await revision.check(database)
    assert str(refused.value).count(". ") == 0


@pytest.mark.parametrize(
    ("revision", "table"),
    [(MEMBERS, "orders"), (LEDGER, "ledger_entry")],
    ids=("members", "ledger"),
)
async def test_a_database_of_somebody_else_is_refused(
    database: Database, revision: Revision, table: str
) -> None:
    await run(database, f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
    with pytest.raises(StartUpError, match=f"did not make, such as {table}: .*{revision.setting}"):
        await revision.check(database)


@BOTH
async def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    revision: Revision,
) -> None:
    url = "postgresql+asyncpg://someone:secret@/d?host=/nowhere"
    async with Database.open(url) as database:
        with pytest.raises(StartUpError, match=f"cannot be used.*{revision.setting}") as refused:
            await revision.check(database)
    assert "someone:***@" in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_nothing_is_recorded_in_a_ledger_of_another_revision(database_url: str) -> None:
    ledger = Ledger.open(database_url)
    await make_tables(ledger.database, LEDGER)
    await run(ledger.database, "UPDATE ledger_revision SET version_num = '0000'")
    with pytest.raises(PrivacyError):
        await ledger.append(ENTRY)
    async with ledger.database.read() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM ledger_entry")) == 0
    await ledger.close()
