"""An old database becomes a new one, whole or not at all, whoever else is at it, with its data."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from migrations import upgrade
from migrations.upgrade import make, migrate, missing, sql
from models.database import Database
from models.ledger import Ledger
from models.revision import LEDGER, MEMBERS, Revision
from policy.errors import StartUpError
from tests.entries import ENTRY
from tests.layouts import Layout, layout_of
from tests.looking import MARK

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("revision", [MEMBERS, LEDGER], ids=("members", "ledger"))

NEXT_OF_MEMBERS = f'''"""mail has a language."""

from sqlalchemy import Column

from migrations.columns import TEXT
from migrations.members.r0001_first_tables import WISHES

revision = "9999"
down_revision = "{MEMBERS.number}"


def upgrade(op):
    op.execute("DROP VIEW mail_preference")
    with op.batch_alter_table("mail") as mail:
        mail.add_column(Column("language", TEXT, nullable=False, server_default="ja"))
        mail.create_check_constraint("language_is_a_word", "language IN ('ja', 'en')")
    op.create_index("ix_mail_language", "mail", ["language", "member_key"])
    op.execute("UPDATE mail SET language = 'en' WHERE sender = 'france_eu'")
    op.execute(WISHES)
'''  # noqa: S608 (all of it stands here)
NEXT_OF_LEDGER = f'''"""heads say who cut them."""

from sqlalchemy import Column

from migrations.columns import TEXT

revision = "9999"
down_revision = "{LEDGER.number}"


def upgrade(op):
    op.add_column("ledger_head", Column("cut_by", TEXT))
'''
BROKEN = NEXT_OF_MEMBERS + '    op.drop_table("nowhere")\n'
WISHES = "SELECT count(*) FROM mail_preference"
AFTER_MEMBERS, AFTER_LEDGER = replace(MEMBERS, number="9999"), replace(LEDGER, number="9999")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url, marked=False) as opened:
        yield opened


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a later version, each with one revision more than ours."""
    later = tmp_path / "later"
    shutil.copytree(upgrade.ROOM, later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "members" / "r9999_next.py").write_text(NEXT_OF_MEMBERS)
    (later / "ledger" / "r9999_next.py").write_text(NEXT_OF_LEDGER)
    monkeypatch.setattr(upgrade, "ROOM", PurePath(later))
    return later


async def run(database: Database, statement: str) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement))


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [(*row,) for row in await connection.execute(text(query))]


async def layout(database: Database) -> Layout:
    async with database.read() as connection:
        return await layout_of(connection)


@pytest.mark.usefixtures("room")
async def test_members_keep_their_data_and_get_what_is_new(database: Database) -> None:
    await migrate(database, MEMBERS)
    for sender in ("card", "france_eu"):
        await run(database, f"INSERT INTO mail VALUES ('m1', '{sender}', TRUE, 7)")  # noqa: S608
    with pytest.raises(StartUpError, match="needs 9999: run `sekisho migrate`"):
        await AFTER_MEMBERS.check(database)
    await migrate(database, AFTER_MEMBERS)
    await AFTER_MEMBERS.check(database)
    said = "SELECT member_key, sender, wanted, at, language FROM mail ORDER BY sender"
    assert await rows(database, said) == [
        ("m1", "card", True, 7, "ja"),
        ("m1", "france_eu", True, 7, "en"),
    ]
    assert await rows(database, MARK + WISHES) == [(2,)]
    with pytest.raises(DBAPIError):
        await run(database, "UPDATE mail SET language = 'xx'")


@pytest.mark.usefixtures("room")
async def test_a_ledger_keeps_its_entries(database_url: str) -> None:
    ledger = Ledger.open(database_url)
    await migrate(ledger.database, LEDGER)
    await ledger.append(ENTRY)
    await migrate(ledger.database, AFTER_LEDGER)
    await ledger.append(ENTRY)
    assert [each async for each in ledger.entries()] == [ENTRY, ENTRY]
    assert await rows(ledger.database, "SELECT cut_by FROM ledger_head") == []
    await ledger.close()


@pytest.mark.usefixtures("room")
async def test_a_new_database_takes_all_revisions_at_once_and_tells_of_each(
    database: Database,
) -> None:
    ours, told = await missing(database, MEMBERS), list[str]()
    assert ours[0] == "members 0001: the first tables, their indexes and views."
    every = [*ours, "members 9999: mail has a language."]
    assert await missing(database, AFTER_MEMBERS) == every
    await migrate(database, AFTER_MEMBERS, told.append)
    assert told == every
    assert await missing(database, AFTER_MEMBERS) == []
    await AFTER_MEMBERS.check(database)


@BOTH
async def test_what_runs_twice_changes_nothing_the_second_time(
    database: Database, revision: Revision
) -> None:
    told: list[str] = []
    await migrate(database, revision)
    before = await layout(database)
    await migrate(database, revision, told.append)
    await make(database, revision)
    assert told == []
    assert await sql(database, revision) == ""
    assert await layout(database) == before


@pytest.mark.parametrize("had", [None, MEMBERS], ids=("new", "old"))
async def test_what_fails_in_the_middle_leaves_the_database_as_it_was(
    database: Database, room: Path, had: Revision | None
) -> None:
    (room / "members" / "r9999_next.py").write_text(BROKEN)
    if had is not None:
        await migrate(database, had)
        await run(database, "INSERT INTO mail VALUES ('m1', 'card', TRUE, 7)")
    before = await layout(database)
    with pytest.raises(DBAPIError):
        await migrate(database, AFTER_MEMBERS)
    assert await layout(database) == before
    assert await AFTER_MEMBERS.found(database) == (had and had.number)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("had", [None, MEMBERS], ids=("new", "old"))
async def test_of_several_at_once_each_revision_is_run_by_one(
    database: Database, database_url: str, had: Revision | None
) -> None:
    if had is not None:
        await migrate(database, had)
    told: list[str] = []
    wanted = await missing(database, AFTER_MEMBERS)

    async def one() -> None:
        async with Database.open(database_url, marked=False) as other:
            await migrate(other, AFTER_MEMBERS, told.append)
            await AFTER_MEMBERS.check(other)

    await asyncio.gather(*(one() for _ in range(4)))
    assert told == wanted


@BOTH
async def test_a_database_of_a_later_version_is_left_alone(
    database: Database, revision: Revision
) -> None:
    await migrate(database, revision)
    await run(database, f"UPDATE {revision.kept_in} SET version_num = '9999'")  # noqa: S608 (ours)
    before = await layout(database)
    for attempt in (migrate, make, missing, sql):
        with pytest.raises(
            StartUpError, match=f"9999, and this Sekisho knows none after {revision.number}"
        ):
            await attempt(database, revision)
    assert await layout(database) == before


@BOTH
async def test_a_database_of_somebody_else_is_left_alone(
    database: Database, revision: Revision
) -> None:
    name = revision.tables[0].name
    await run(database, f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)")
    before = await layout(database)
    for attempt in (migrate, make, missing, sql):
        with pytest.raises(StartUpError, match=f"did not make, such as {name}"):
            await attempt(database, revision)
    assert await layout(database) == before


@BOTH
def test_the_newest_revision_is_the_one_that_the_models_need(revision: Revision) -> None:
    known = upgrade.revisions(revision.of, upgrade.ROOM)
    assert known.get_heads() == [revision.number]
    assert [each.revision for each in known.walk_revisions()][::-1] == [
        f"{number:04}" for number in range(1, int(revision.number) + 1)
    ]
