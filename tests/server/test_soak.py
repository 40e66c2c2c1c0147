"""At four fifths of what it can do a server goes on for ever, whatever happens meanwhile.

Consents change all the time, and in the middle the database is stopped as if it lost its power.
"""

import asyncio
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from statistics import mean
from time import monotonic

import pytest

from models.database import Database
from policy.errors import ErrorCode
from server.clock import now
from server.population import key_of
from server.seeding import populate
from tests.clock import Clock
from tests.door import seeded
from tests.load import recorded
from tests.postgres import Postgres, running
from tests.say import Say
from tests.soak import SHARE, Soak, summary
from tests.workers import hosting

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

MEMBERS = 200
CODES = {ErrorCode.DATABASE_UNAVAILABLE, ErrorCode.LEDGER_UNAVAILABLE}
DOWN = 2.0
"""Seconds without a database."""
AFTERWARDS = 1.0
"""Seconds in which who asked before it was back may still be refused."""
GROWTH = 1.05
"""Of the memory in the last part over that of the part before it."""


@pytest.mark.parametrize("seconds", [20, pytest.param(600, marks=pytest.mark.long)])
async def test_nothing_is_lost_leaked_or_told_too_late(
    programs: Path, tmp_path: Path, say: Say, seconds: int
) -> None:
    with running(programs) as server:
        url = await seeded(server.create("world"), Clock(now()))
        async with Database.open(url) as database:
            await populate(database, now, MEMBERS, 1, lambda _added: None)
        with hosting(url, tmp_path, ledger_url=url) as host:
            soak = Soak(host)
            rate = SHARE * await soak.capacity()
            gone, back = await soaked(soak, rate, seconds, server)
            say(f"{seconds} s at {rate:.0f} a second: {summary(soak)}")
        assert soak.told <= await recorded(url)
    since, until = gone, back + AFTERWARDS
    outside = [each for each in soak.refused if each.came < since or each.sent > until]
    assert outside == []
    assert {each.code for each in soak.refused} <= CODES
    assert soak.refused
    assert soak.late == []
    assert soak.withdrawals > seconds / 10
    check_memory(soak)


async def soaked(soak: Soak, rate: float, seconds: float, server: Postgres) -> tuple[float, float]:
    """When the database was gone, and when it was back."""
    keys = cycle(key_of(1, number + 1) for number in range(MEMBERS))
    tasks = [
        asyncio.create_task(each) for each in (soak.load(rate), soak.change(keys), soak.watch())
    ]
    whole = asyncio.gather(*tasks)
    try:
        await _going_on(whole, seconds / 2)
        with ExitStack() as stack:  # in threads: all others go on meanwhile
            gone = monotonic()
            await asyncio.to_thread(stack.enter_context, server.gone())
            await _going_on(whole, DOWN)
            await asyncio.to_thread(stack.close)
        back = monotonic()
        await _going_on(whole, seconds / 2)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
        whole.cancel()
    return gone, back


async def _going_on(whole: asyncio.Future[list[None]], seconds: float) -> None:
    """Let everything run for so long; raises what went wrong."""
    await asyncio.wait({whole}, timeout=seconds)
    if whole.done():
        await whole


def check_memory(soak: Soak) -> None:
    """Say that the last third holds no more than the one before it."""
    third = len(soak.memory) // 3
    held = [kibibytes for _, kibibytes in soak.memory]
    if third > 2:
        assert mean(held[-third:]) < GROWTH * mean(held[-2 * third : -third])
