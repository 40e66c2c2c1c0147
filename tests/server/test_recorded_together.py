"""Operations that are under way at once are recorded together, whichever way they came."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from models import ledger as ledger_module
from models.ledger import Ledger
from tests.door import Door
from tests.server.test_admission import allow
from tests.sockets import SECONDS, served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
MEMBERS = "{ members { nodes { id } } }"
MANY = 12
"""Operations: more than have their turn at once."""
HALF = MANY // 2


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each batch has, where they wait for others as long as it takes."""
    found: list[int] = []
    write = Ledger.write

    async def told(ledger: Ledger, batch: Sequence[Any]) -> None:
        found.append(len(batch))
        await write(ledger, batch)

    monkeypatch.setattr(Ledger, "write", told)
    monkeypatch.setattr(ledger_module, "GATHER", 3 * SECONDS)
    return found


async def test_operations_over_http_that_are_under_way_at_once(
    door: Door, batches: list[int]
) -> None:
    async with asyncio.timeout(SECONDS):
        asked = (door.ask(MEMBERS, purpose=PURPOSE) for _ in range(MANY))
        await asyncio.gather(*asked)
    assert batches[0] >= HALF


async def test_operations_of_a_socket_that_are_under_way_at_once(
    door: Door, batches: list[int]
) -> None:
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        asked = {await talk.begin(MEMBERS) for _ in range(MANY)}
        told = [await talk.hear() for _ in range(2 * MANY)]  # an answer, and that it was all
    assert {each["id"] for each in told if each["type"] == "next"} == asked
    assert batches[0] >= HALF


async def test_what_is_recorded_waits_for_nobody_s_turn(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is recorded others have the turns, and may keep them for long."""
    allow(door, company_turns=1)
    write = Ledger.write

    async def meanwhile(ledger: Ledger, batch: Sequence[Any]) -> None:
        (company,) = door.checkpoint.admission._companies.values()  # noqa: SLF001 (where turns are)
        await company.turns.acquire()
        await write(ledger, batch)

    monkeypatch.setattr(Ledger, "write", meanwhile)
    async with (
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        id_ = await talk.begin(MEMBERS)
        answer = await talk.hear()
        (company,) = door.checkpoint.admission._companies.values()  # noqa: SLF001
        company.turns.release()
        assert await talk.hear() == {"id": id_, "type": "complete"}
    assert answer["payload"]["data"]["members"]["nodes"]
