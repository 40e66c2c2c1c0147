"""Canaries: values that occur nowhere else, to be heard wherever a stored value is repeated."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, update
from sqlalchemy.types import Date

from models import tables
from models.database import Database
from models.types import Instant, Words
from models.view import fields_of
from tests.looking import look

ENUMERATED = frozenset(
    {"gender", "ageBand", "ekycStatus", "devices.inferredGender", "devices.inferredAgeBand"}
)
"""The tables take no other word, so no canary fits."""
ACCOUNT_ID = "linkedCompanies.accountId"
"""Shown by a view, and stored with the link."""

_SONG = re.compile(r"(?=(canary-\d+-x|1[78]\d\d-\d\d-\d\d|1987\d{6}))")
"""How a canary is written, whatever stands around it."""

Cell = tuple[str, str]
"""(row key, or the member's for the account; field path)"""


def fits(path: str) -> bool:
    """Whether a canary could sit there, and would not change the question."""
    relation = path.rpartition(".")[0]
    viewed = relation in {"linkedCompanies", "mailPreferences"} and path != ACCOUNT_ID
    yes_or_no = isinstance(tables.column_of(path).type, Boolean)
    return path not in ENUMERATED and not yes_or_no and not viewed


def canary(column: Column[Any], number: int) -> tuple[object, str]:
    """Give a value that fits the column and occurs nowhere else, and how it would be written."""
    if isinstance(column.type, Words):
        return [f"canary-{number}-x"], f"canary-{number}-x"
    if isinstance(column.type, Instant):
        at = datetime(1801, 1, 1, tzinfo=UTC) + timedelta(days=number)
        return at, at.strftime("%Y-%m-%d")
    if isinstance(column.type, Date):
        day = date(1701, 1, 1) + timedelta(days=number)
        return day, day.isoformat()
    if column.type.python_type is int:
        return 1_987_000_000 + number, str(1_987_000_000 + number)
    return f"canary-{number}-x", f"canary-{number}-x"


def sung_in(text: str) -> set[str]:
    """Every canary that is written somewhere in this, found in one walk."""
    return set(_SONG.findall(text))


async def plant(database: Database, cells: list[Cell]) -> Mapping[str, Cell]:
    """Put a canary into each cell; give what each would look like."""
    planted = {}
    async with database.write() as connection:
        for number, (key, path) in enumerate(cells):
            relation = path.rpartition(".")[0]
            table, column = tables.RELATIONS[relation], tables.column_of(path)
            value, text = canary(column, number)
            if path == ACCOUNT_ID:
                table, column = tables.LINK, tables.LINK.c.account_id
                owner = table.c.member_key + "/" + table.c.company
            else:
                owner = table.c.row_key if relation else table.c.member_key
            await connection.execute(update(table).where(owner == key).values({column: value}))
            planted[text] = (key, path)
    assert sung_in("".join(planted)) >= planted.keys()
    return planted


async def all_cells(database: Database) -> list[Cell]:
    """Every cell of the database that a canary fits into."""
    cells = []
    async with database.read() as connection:
        for relation, table in tables.RELATIONS.items():
            key = table.c.row_key if relation else table.c.member_key
            keys = (await connection.execute(look(key))).scalars().all()
            paths = [path for path in fields_of(relation) if fits(path)]
            cells += [(str(each), path) for each in keys for path in paths]
    return cells
