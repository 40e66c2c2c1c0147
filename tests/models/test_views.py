"""Links and wishes are shown from what happened: what the log says stands, stands there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from models.database import Database
from models.event_log import append
from models.views import ACCOUNT_LINK, MAIL_PREFERENCE
from policy.events import Event, EventKind
from tests.clock import START
from tests.looking import look
from tests.made import make_tables
from tests.small_catalogue import small_catalogue

pytestmark = pytest.mark.anyio

CATALOGUE = small_catalogue()
DAY = timedelta(days=1)
OPENED = START - 30 * DAY
LINKED = Event(EventKind.LINKED, OPENED + DAY, company="card", account_id="card-m1")
USED = Event(EventKind.USED, OPENED + 2 * DAY, company="bank")
UNLINKED = Event(EventKind.UNLINKED, OPENED + 3 * DAY, company="card")
NOT_WANTED = Event(EventKind.MAIL_PREFERENCE, OPENED + DAY, company="card", wanted=False)
WANTED = Event(EventKind.MAIL_PREFERENCE, OPENED + 2 * DAY, company="card", wanted=True)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        yield opened


async def shown(database: Database, view: Any, *events: Event) -> Sequence[Mapping[str, Any]]:
    """What the view holds of a member to whom this happened."""
    async with database.write() as connection:
        past = [Event(EventKind.ACCOUNT_OPENED, OPENED), *events]
        await append(connection, CATALOGUE, {"m1": past}, START)
    async with database.read() as connection:
        return [row._asdict() for row in await connection.execute(look(view))]


async def test_a_link_that_stands_is_a_row_and_a_mere_use_is_none(database: Database) -> None:
    assert await shown(database, ACCOUNT_LINK, LINKED, USED) == [
        {
            "row_key": "m1/card",
            "member_key": "m1",
            "acquired_by": "rakuten_group",
            "source": "ACCOUNT",
            "channel": "SETTINGS",
            "acquired_at": LINKED.at,
            "company": "card",
            "account_id": "card-m1",
            "linked_at": LINKED.at,
        }
    ]


async def test_what_was_unlinked_is_shown_no_longer(database: Database) -> None:
    assert await shown(database, ACCOUNT_LINK, LINKED, UNLINKED) == []


async def test_a_link_without_an_account_id_shows_none(database: Database) -> None:
    nameless = Event(EventKind.LINKED, LINKED.at, company="card")
    (row,) = await shown(database, ACCOUNT_LINK, nameless)
    assert row["account_id"] is None


async def test_the_latest_wish_about_mail_is_the_one_shown(database: Database) -> None:
    assert await shown(database, MAIL_PREFERENCE, NOT_WANTED, WANTED) == [
        {
            "row_key": "m1/card",
            "member_key": "m1",
            "acquired_by": "rakuten_group",
            "source": "ACCOUNT",
            "channel": "SETTINGS",
            "acquired_at": WANTED.at,
            "sender": "card",
            "wanted": True,
        }
    ]
