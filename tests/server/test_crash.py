"""A crash at any statement of a mutation leaves everything of it, or nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count, groupby
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.event_log import verify_chain
from models.outbox_check import check as check_outbox
from models.projection_check import check
from schema.mutation import CHOICES, OFFICERS, WISHES
from tests.acts import ERRORS, codes, operation
from tests.crash import Crash, State, crashing, state_in, state_of
from tests.deeds import DEEDS, tell
from tests.door import Door
from tests.engines import in_turns
from tests.say import Say

pytestmark = pytest.mark.anyio

WITHOUT_EVENTS = {"updateContact", "reportSuspiciousContact"}


@pytest.fixture
async def seen(either: Door) -> AsyncIterator[AsyncConnection]:
    """Another reader of the database, whom no crash reaches."""
    own = either.checkpoint.database
    async with AsyncExitStack() as stack:
        url = own.writers.url.render_as_string(hide_password=False)
        other = await stack.enter_async_context(Database.open(url, connections=1))
        yield await stack.enter_async_context(other.readers.connect())


async def findings(door: Door) -> list[str]:
    """What is not as the events say: chain, standing, openings, outbox."""
    database, catalogue = door.checkpoint.database, door.checkpoint.catalogue
    async with database.read() as connection:
        found = [line async for line in verify_chain(connection)]
        found += [line async for line in check(connection, catalogue)]
        return found + [line async for line in check_outbox(connection)]


async def gone(seen: AsyncConnection, processes: list[int]) -> None:
    """Wait until the server has noticed that these clients vanished, and undone what they did."""
    driver: Any = (await seen.get_raw_connection()).driver_connection
    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)"
    with anyio.fail_after(30):
        while processes and await driver.fetchval(alive, processes):
            await anyio.lowlevel.checkpoint()


def shortly(statements: list[str]) -> str:
    """The statements of a write, one after the other."""
    words = (" ".join(statement.split()[:3]) for statement in statements)
    counted = ((name, len(list(group))) for name, group in groupby(words))
    return ", ".join(name if number == 1 else f"{number} × {name}" for name, number in counted)


def test_every_mutation_is_crashed() -> None:
    assert set(DEEDS) == {each.name for each in (*CHOICES, *OFFICERS, *WISHES)}


@pytest.mark.parametrize("apart", [3, pytest.param(1, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize(("world_url", "name"), in_turns(DEEDS), indirect=["world_url"])
async def test_a_crash_at_any_statement_leaves_everything_or_nothing(  # noqa: PLR0913, PLR0917 (fixtures)
    either: Door, seen: AsyncConnection, tmp_path: Path, say: Say, name: str, apart: int
) -> None:
    """At every third point, beginning at another one for each mutation, or at all of them."""
    database, killed = either.checkpoint.database, tmp_path / "killed"
    token, given = await DEEDS[name](either)
    given["idempotencyKey"] = f"once-{name}"
    before = await state_of(database, seen)

    for point in count(list(DEEDS).index(name) % apart, apart):
        crash = Crash(database.writers.sync_engine, point, killed)
        with crashing(crash):
            answer = await either.send(*operation(name, ERRORS, given), token=token)
        if not crash.came:
            break
        assert "errors" in answer.json()
        await gone(seen, crash.lost)
        assert await state_of(database, seen) == before, crash.statements[-1]
        if database.dialect == "sqlite":
            assert state_in(killed) == before, crash.statements[-1]
    assert codes(answer.json()["data"][name]) == []
    say(f"{name} on {database.dialect}, {point} points: {shortly(crash.statements)}")

    after = await state_of(database, seen)
    assert_everything(name, before, after)
    assert await findings(either) == []
    await tell(either, name, token, given)
    assert await state_of(database, seen) == after


def assert_everything(name: str, before: State, after: State) -> None:
    """Say that the act is whole: its events, each told, and its key; or its data, and its key."""
    added = {table: len(after[table]) - len(before[table]) for table in after}
    assert added["idempotency"] == 1
    assert added["event"] == added["outbox"]
    assert (added["event"] == 0) == (name in WITHOUT_EVENTS)
    data = {"account", "inquiry"} if name in WITHOUT_EVENTS else {"event"}
    assert [table for table in data if after[table] != before[table]]
