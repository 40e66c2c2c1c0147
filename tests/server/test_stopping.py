"""Asked to stop, a server lets nobody in, finishes what runs, records it, and ends well."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.database import Database
from server.clock import now
from tests.clock import Clock
from tests.door import seeded
from tests.load import ASKED, COMPANY, PURPOSE, recorded
from tests.postgres import Postgres
from tests.slow import endless, running
from tests.sockets import SECONDS, talking
from tests.workers import Host, hosting, member, system

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

SLOWLY = "(SELECT pg_sleep(2)::text)"
LISTEN = "subscription { consentEvents { kind } }"


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_runs_is_finished_and_recorded(
    postgres: Postgres, postgresql_url: str, tmp_path: Path, workers: int
) -> None:
    url = await seeded(postgresql_url, Clock(now()))
    with hosting(url, tmp_path, workers=workers, ledger_url=url) as host:
        async with Database.open(url) as database, talking(host.address, _member(host)) as talk:
            await talk.begin(LISTEN)
            await talk.say(type="ping")
            assert await talk.hear() == {"type": "pong"}
            async with endless(database, "standing", SLOWLY):
                asked = [asyncio.create_task(_ask(host)) for _ in range(4)]
                await _under_way(database)
                stopping = asyncio.create_task(asyncio.to_thread(host.stop))
                assert await talk.closed() == (1001, "Going away")
                late = await _until_refused(host)
                answers = [*await asyncio.gather(*asked), *late]
                assert await stopping == 0
    assert {each["decisionId"] for each in answers} <= await recorded(url)


async def _ask(host: Host) -> dict[str, Any]:
    """What a whole answer says of its decision."""
    token = host.token(system(COMPANY), PURPOSE)
    headers = {"Authorization": f"Bearer {token}", "Sekisho-Purpose": PURPOSE}
    async with httpx.AsyncClient(headers=headers, timeout=SECONDS, trust_env=False) as client:
        answer = await client.post(f"http://{host.address}/graphql", json={"query": ASKED})
    assert answer.is_success, answer.text
    privacy: dict[str, Any] = answer.json()["extensions"]["privacy"]
    return privacy


async def _until_refused(host: Host) -> list[dict[str, Any]]:
    """Who is still answered: workers hear of the end one after the other."""
    answers = []
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                answers.append(await _ask(host))
            except httpx.TransportError:
                return answers


def _member(host: Host) -> str:
    return host.token(member("m1"))


async def _under_way(database: Database) -> None:
    async with asyncio.timeout(SECONDS):
        while not await running(database):  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.01)
