"""From the closing of an account to its erasure: who still sees what, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from models.erasure import erase
from policy.retention import KEPT_AFTER_END
from tests.acts import codes, do, member, node_id
from tests.door import Door

pytestmark = pytest.mark.anyio

PAYMENTS = "query ($id: ID!) { member(id: $id) { fullName payments { nodes { amount } } } }"
SELF = "{ me { fullName payments { nodes { amount } } linkedCompanies { accountId } } }"
TICK = timedelta(microseconds=1)


async def seen(door: Door, purpose: str) -> Any:
    """What the custodian sees of m1 for a purpose."""
    token = door.issuer.token(company="rakuten_group", purposes=[purpose])
    whom = {"id": node_id(door, "rakuten_group", "m1")}
    answered = await door.ask(PAYMENTS, whom, token=token, purpose=purpose)
    return answered["data"]["member"]


async def self_seen(door: Door, key: str = "m1") -> Any:
    answered = await door.ask(SELF, token=member(door, key))
    return answered["data"]["me"]


async def test_a_closed_account_is_open_to_limited_purposes_until_its_last_day(
    either: Door,
) -> None:
    whole = await self_seen(either)
    assert whole["payments"]["nodes"]
    assert await seen(either, "service_provision")
    assert await seen(either, "retention_fee") is None
    assert codes(await do(either, "closeAccount", member(either, "m1"))) == []
    closed_at = either.clock.now

    assert await seen(either, "service_provision") is None
    limited = await seen(either, "retention_fee")
    assert limited == {name: whole[name] for name in ("fullName", "payments")}
    assert await self_seen(either) == whole

    either.clock.set(closed_at + KEPT_AFTER_END - TICK)
    assert await seen(either, "retention_fee") == limited
    either.clock.step(TICK)
    over = await seen(either, "retention_fee")
    assert over["payments"] is None or over["payments"]["nodes"] == []
    assert await self_seen(either) == whole


async def test_an_account_that_is_closed_is_so_for_a_server_whose_clock_is_behind(
    either: Door,
) -> None:
    assert await seen(either, "service_provision")
    assert codes(await do(either, "closeAccount", member(either, "m1"))) == []
    limited = await seen(either, "retention_fee")
    assert limited["payments"]["nodes"]
    either.clock.step(timedelta(seconds=-2))
    assert await seen(either, "service_provision") is None
    assert await seen(either, "retention_fee") == limited


async def test_what_is_erased_is_seen_by_nobody_and_nobody_else_is_touched(either: Door) -> None:
    other = await self_seen(either, "m2")
    assert codes(await do(either, "closeAccount", member(either, "m1"))) == []
    either.clock.step(KEPT_AFTER_END)
    await erase(either.checkpoint.database, either.clock.now)
    assert await self_seen(either) is None
    assert await seen(either, "retention_fee") is None
    assert codes(await do(either, "setAdsPreference", member(either, "m1"), wanted=False)) == [
        "NO_ACCOUNT"
    ]
    assert await self_seen(either, "m2") == other
