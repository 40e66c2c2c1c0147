"""The tables take no word that the schema cannot say, and no number that GraphQL cannot."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError

from models import tables
from models.database import Database
from tests.clock import START
from tests.made import make_tables

pytestmark = pytest.mark.anyio

ROW = {
    "row_key": "r",
    "member_key": "m1",
    "acquired_by": "rakuten_group",
    "source": "MEMBER",
    "channel": "WEB",
    "acquired_at": START,
}
LINKED = {**ROW, "link_state": "LINKED"}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        (tables.ACCOUNT, {"member_key": "m1"}, "gender", "female"),
        (tables.ACCOUNT, {"member_key": "m1"}, "age_band", "OLD"),
        (tables.ACCOUNT, {"member_key": "m1"}, "ekyc_status", "DONE"),
        (tables.ACCOUNT, {"member_key": "m1"}, "point_balance", 2**31),
        (tables.DEVICE, LINKED, "link_state", "linked"),
        (tables.DEVICE, LINKED, "inferred_gender", "?"),
        (tables.DEVICE, LINKED, "inferred_age_band", "OLD"),
        (tables.AD_CONTACT, LINKED, "link_state", "SEEN"),
        (tables.ORDERS, ROW, "amount", 2**31),
        (tables.CASHBACK, ROW, "amount", 2**31),
        (tables.POINT_ENTRY, ROW, "amount", -(2**31) - 1),
        (tables.PAYMENT, ROW, "amount", 2**31),
        (tables.PREMIUM, ROW, "amount", 2**31),
        (tables.BENEFICIARY, ROW, "share", 2**31),
        (tables.CLAIM, ROW, "amount", 2**31),
        (tables.REVIEW, ROW, "rating", 2**31),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else None,
)
async def test_what_cannot_be_shown_cannot_be_stored(
    database: Database, table: Table, row: dict[str, Any], column: str, value: object
) -> None:
    async with database.write() as connection:
        await connection.execute(insert(table), row)
        await connection.execute(table.delete())
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(insert(table), {**row, column: value})
