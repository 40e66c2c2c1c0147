"""A new key for ids, cursors and sessions comes in two steps; at each, all servers read them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from itertools import pairwise, permutations
from pathlib import Path

import orjson
import pytest

from server.session import signed_in
from tests.browsing import SESSION, browsing
from tests.clock import Clock
from tests.door import HOLDER, Door, copy_of, opened

pytestmark = pytest.mark.anyio

OLD, NEW = "ab" * 32, "cd" * 32
STEPS: Mapping[str, str] = {
    "before": OLD,
    "read by all": f"{OLD},{NEW},{OLD}",
    "made by all": f"{NEW},{OLD}",
    "the old one dropped": NEW,
}
PURPOSE = "own:card:service"
LISTED = "{ members(first: 1) { nodes { id } pageInfo { endCursor } } }"
AGAIN = "query ($id: ID!) { member(id: $id) { fullName } }"
ON = "query ($after: String) { members(first: 1, after: $after) { nodes { id } } }"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def servers(
    seed_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[str, Door]]:
    """One at each step, which all trust the same issuer."""
    tmp_path, clock = tmp_path_factory.mktemp("steps"), Clock()
    async with AsyncExitStack() as stack:
        doors: dict[str, Door] = {}
        for step, keys in STEPS.items():
            folder = tmp_path / step
            folder.mkdir()
            given = {"id_keys": keys, "jwks_file": tmp_path / "before" / "jwks.json"}
            door = opened(copy_of(seed_file, folder), clock, folder, **given)
            doors[step] = await stack.enter_async_context(door)
            doors[step].issuer = doors["before"].issuer
        yield doors


async def made(door: Door) -> Mapping[str, str]:
    """What a client holds of a server: an id, a cursor and a session."""
    listed = (await door.ask(LISTED, purpose=PURPOSE))["data"]["members"]
    here = door.checkpoint
    session = await signed_in(here, door.issuer.member("m1"), at_issuer=False)
    held = orjson.dumps(asdict(session)).decode()
    return {
        "id": listed["nodes"][0]["id"],
        "after": listed["pageInfo"]["endCursor"],
        "session": here.seal.make("session", "pages", held),
    }


async def taken(door: Door, held: Mapping[str, str]) -> Mapping[str, bool]:
    """Which of these a server takes for its own."""
    found = await door.send(AGAIN, {"id": held["id"]}, purpose=PURPOSE)
    gone_on = await door.send(ON, {"after": held["after"]}, purpose=PURPOSE)
    async with browsing(door) as browser:
        browser.client.cookies.set(SESSION, held["session"])
        await browser.visit("/")
    return {
        "id": found.is_success and HOLDER in found.text,
        "after": gone_on.is_success,
        "session": "Sign out" in browser.text,
    }


async def test_servers_of_one_step_and_the_next_take_what_either_made(
    servers: Mapping[str, Door],
) -> None:
    steps = list(servers.values())[:-1]
    for pair in pairwise(steps):
        for maker, taker in permutations(pair):
            assert all((await taken(taker, await made(maker))).values())


async def test_without_the_step_between_and_without_the_old_key_they_do_not(
    servers: Mapping[str, Door],
) -> None:
    before, _, after, dropped = servers.values()
    for maker, taker in ((after, before), (before, dropped)):
        assert not any((await taken(taker, await made(maker))).values())
    assert all((await taken(after, await made(before))).values())


async def test_numbers_that_have_to_stay_stay_until_the_old_key_is_dropped(
    servers: Mapping[str, Door],
) -> None:
    numbers = [each.checkpoint.seal.uuid("m1", "receipt", "1") for each in servers.values()]
    assert len({*numbers[:-1]}) == 1
    assert numbers[-1] not in numbers[:-1]
