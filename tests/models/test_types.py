"""Values come back from each engine as they went in, and what is stored is the same on both."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from models.database import Database
from models.tables import ACCOUNT
from models.types import instant, microseconds
from policy.vocabulary import FOREVER, NEVER
from tests.looking import look
from tests.made import make_tables

pytestmark = pytest.mark.anyio

TOKYO = timezone(timedelta(hours=9))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_survives_the_way_to_microseconds_and_back(at: datetime) -> None:
    assert instant(microseconds(at)) == at


def test_forever_and_never_have_a_number_of_their_own() -> None:
    assert instant(microseconds(FOREVER)) == FOREVER
    assert microseconds(NEVER) == 0


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        microseconds(datetime(2026, 6, 1))  # noqa: DTZ001 (the very thing that is refused)


async def test_stored_values_come_back_as_they_went_in(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        values = {
            "member_key": "m1",
            "full_name": "見本 花子 𠮷",
            "birth_date": date(1985, 4, 12),
            "last_login_at": datetime(2026, 6, 1, 9, 0, 0, 1, tzinfo=TOKYO),
            "point_balance": -2147483648,
            "interest_segments": ["お茶", 'a "b"', ""],
        }
        async with database.write() as connection:
            await connection.execute(insert(ACCOUNT), values)
        async with database.read() as connection:
            columns = [ACCOUNT.c[name] for name in values]
            stored = (await connection.execute(look(*columns))).one()._asdict()
    assert stored == values
    assert stored["last_login_at"].tzinfo is UTC


async def test_what_the_driver_gives_for_a_time_and_a_list_is_alike(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await make_tables(database)
        row = {
            "member_key": "m1",
            "last_login_at": datetime(2026, 6, 1, tzinfo=UTC),
            "interest_segments": ["お茶", "x"],
        }
        async with database.write() as connection:
            await connection.execute(insert(ACCOUNT), row)
        async with database.read() as connection:
            columns = look(ACCOUNT.c.last_login_at, ACCOUNT.c.interest_segments)
            raw = await connection.exec_driver_sql(str(columns))
            assert raw.one() == (1780272000000000, '["お茶","x"]')


async def test_text_is_ordered_by_code_point(database_url: str) -> None:
    names = ["Z", "a", "É", "あ", "ア", "\uffee", "𠮷"]
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as connection:
            await connection.execute(
                insert(ACCOUNT), [{"member_key": name} for name in reversed(names)]
            )
        async with database.read() as connection:
            keys = look(ACCOUNT.c.member_key).order_by(ACCOUNT.c.member_key)
            assert (await connection.scalars(keys)).all() == names
