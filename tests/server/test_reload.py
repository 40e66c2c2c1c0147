"""Workers are replaced one by one, under load, by such as know another key: nobody is refused."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from models.ledger import ledger_url
from server.patience import Patience
from tests.door import Door, copy_of
from tests.load import COMPANY, PURPOSE, load
from tests.sockets import SECONDS, served, until
from tests.workers import Host, hosting, system

pytestmark = pytest.mark.anyio

OLD, NEW = "ab" * 32, "cd" * 32
STAGES = (f"{OLD},{NEW},{OLD}", f"{NEW},{OLD}")
LISTED = "{ members(first: 2) { nodes { id } pageInfo { endCursor } } }"
AGAIN = """query ($ids: [ID!]!, $after: String) {
  nodes(ids: $ids) { id }
  members(first: 2, after: $after) { nodes { id } }
}"""


@pytest.mark.exhaustive
async def test_under_load_nobody_notices_that_workers_and_keys_change(
    seed_file: Path, tmp_path: Path
) -> None:
    keys = tmp_path / ".env"
    keys.write_text(f"SEKISHO_ID_KEYS={OLD}\n")
    url = copy_of(seed_file, tmp_path)
    with hosting(url, tmp_path, ledger_url=ledger_url(url)) as host:
        async with load(host) as asking:
            await asking.answers(50)
            listed = (await ask(host, LISTED))["members"]
            for stage in STAGES:
                keys.write_text(f"SEKISHO_ID_KEYS={stage}\n")
                reloading = asyncio.create_task(host.reload())
                while not reloading.done():
                    for listing in (listed, (await ask(host, LISTED))["members"]):
                        await go_on(host, listing)
                await reloading
                await asking.answers(50)
            assert (await ask(host, LISTED))["members"] != listed
    assert not asking.refused
    assert not asking.cut_off


async def ask(host: Host, query: str, **variables: object) -> dict[str, dict[str, object]]:
    """Ask whichever worker takes a new connection."""
    headers = {
        "Authorization": f"Bearer {host.token(system(COMPANY), PURPOSE)}",
        "Sekisho-Purpose": PURPOSE,
    }
    body = {"query": query, "variables": variables}
    async with httpx.AsyncClient(headers=headers, timeout=SECONDS, trust_env=False) as client:
        answer = await client.post(f"http://{host.address}/graphql", json=body)
    said: dict[str, dict[str, dict[str, object]]] = answer.json()
    assert answer.is_success, said
    return said["data"]


async def go_on(host: Host, listing: dict[str, object]) -> None:
    """Ids and cursor of a listing are taken by whichever worker it is."""
    ids = [each["id"] for each in listing["nodes"]]  # type: ignore[attr-defined]  # JSON
    after = listing["pageInfo"]["endCursor"]  # type: ignore[index]
    found = await ask(host, AGAIN, ids=ids, after=after)
    assert len(found["nodes"]) == len(ids)
    assert None not in found["nodes"]


async def test_a_request_on_its_way_to_a_server_that_stops_is_answered(door: Door) -> None:
    async with AsyncExitStack() as stopping, httpx.AsyncClient(trust_env=False) as client:
        address = await stopping.enter_async_context(served(door, Patience(linger=SECONDS)))
        first = await client.get(f"http://{address}/healthz")
        assert "connection" not in first.headers
        stopped = asyncio.create_task(stopping.aclose())
        await until(lambda: not _let_in(address))
        last = await client.get(f"http://{address}/healthz")
        assert (last.status_code, last.headers["connection"]) == (200, "close")
        await stopped


def _let_in(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as line:
        return line.connect_ex((host, int(port))) == 0
