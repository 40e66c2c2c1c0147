"""The watch that every test runs under."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from models import tables
from models.database import Database
from tests.made import make_tables
from tests.watch import PERSONAL_TABLES, reads_personal_columns

ROOT = Path(__file__).parents[2]


def test_the_tables_watched_are_those_with_personal_columns() -> None:
    assert set(PERSONAL_TABLES) == {table.name for table in tables.RELATIONS.values()}
    assert {"account", "orders", "account_link", "mail_preference"} <= set(PERSONAL_TABLES)


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT full_name FROM account", True),
        ('select 1 from standing join "orders" on true', True),
        ("SELECT full_name FROM link, account", True),
        ("DELETE FROM link WHERE member_key IN (SELECT member_key FROM account)", True),
        ("INSERT INTO account (member_key) VALUES (?)", False),
        ("INSERT INTO account (member_key) VALUES (?) RETURNING full_name", True),
        ("DELETE FROM orders WHERE member_key = ?", False),
        ("DELETE FROM orders WHERE member_key = ? RETURNING items", True),
        ("CREATE VIEW account AS SELECT bits FROM standing", False),
        ("SELECT bits FROM standing", False),
        ("SELECT account_id FROM link", False),
        ("SELECT account_id FROM account_link", True),
    ],
)
def test_the_watch_tells_reading_from_writing(statement: str, *, reads: bool) -> None:
    assert reads_personal_columns(statement) is reads


@pytest.mark.anyio
async def test_a_read_beside_the_redacted_relation_is_noticed(
    database_url: str, strays: list[str]
) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.read() as connection:
            await connection.execute(select(tables.LINK.c.account_id))
            await connection.execute(select(tables.ACCOUNT.c.full_name))
    assert [stray.split() for stray in strays] == [
        ["SELECT", "account.full_name", "FROM", "account"]
    ]
    strays.clear()


def product_files_with(pattern: str) -> set[str]:
    rooms = ("models", "resolvers", "schema", "server")
    paths = (path for room in rooms for path in (ROOT / room).glob("*.py"))
    return {path.name for path in paths if re.search(pattern, path.read_text(encoding="utf-8"))}


def test_only_the_redacted_relation_marks_its_statements() -> None:
    of_reads = {"judged.py", "members_sql.py", "rows_below.py", "presence.py", "row_facts.py"}
    marking = of_reads | {"census_sql.py"}
    assert product_files_with(r"redacted=True|\bmarked\(") == marking


def test_the_product_never_looks_as_a_test_does() -> None:
    assert product_files_with(r"a test looks") == set()
