"""What nobody asked before is done at the expense of who asks, and nothing else is."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.trusted import TrustedDocument, sha256_of
from tests.acts import ERRORS, member, operation, present
from tests.clock import Clock
from tests.door import Door, copy_of, opened, refused
from tests.server import test_admission
from tests.server.test_trusted_documents import SCOPE, filed
from tests.sockets import Talk, served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
LEAST = {"subject_effort": 0.001}
TIMES = 100
"""How many documents that are new there may be before they took a millisecond."""
TOLD = "nobody asked before"
_numbers = count()

WAYS: dict[str, Callable[[str], str]] = {
    "a plan": lambda name: f"{{ {name}: members(first: 1) {{ nodes {{ fullName }} }} }}",
    "the executor": lambda name: f"{{ {name}: viewer {{ role }} }}",
    "the schema itself": lambda name: f"{{ {name}: __schema {{ types {{ name }} }} }}",
    "no GraphQL": lambda name: f"{{ {name}: viewer {{ role }}",
}


def new(way: str = "the executor") -> str:
    """A document that was never asked, whichever test was there before."""
    return WAYS[way](f"new{next(_numbers)}")


def allow(door: Door, **most: Any) -> None:
    """From here on callers may take so much, and nobody took anything before."""
    test_admission.allow(door, **most)
    door.checkpoint.admission._subjects.clear()  # noqa: SLF001 (where that is held)


async def post(door: Door, query: str) -> httpx.Response:
    return await door.send(query, purpose=PURPOSE)


async def get(door: Door, query: str) -> httpx.Response:
    told = {"Authorization": f"Bearer {door.issuer.token()}", "Sekisho-Purpose": PURPOSE}
    return await door.client.get("/graphql", params={"query": query}, headers=told)


async def spend(door: Door, send: Any = post, way: str = "the executor") -> httpx.Response:
    """Ask what is new until it is refused; the refusal."""
    for _ in range(TIMES):
        response: httpx.Response = await send(door, new(way))
        if response.status_code == 429:
            return response
    raise AssertionError(way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("send", [post, get])
async def test_who_asks_too_much_that_is_new_is_told_when_to_go_on(
    door: Door, send: Any, way: str
) -> None:
    known = new()
    assert (await send(door, known)).status_code == 200
    allow(door, **LEAST)
    response = await spend(door, send, way)
    refused(response, 429, "LIMIT_EXCEEDED", TOLD, "This subject")
    assert int(response.headers["retry-after"]) >= 1
    assert (await send(door, known)).status_code == 200
    somebody = door.issuer.member("m1")
    assert (await door.send(new(), token=somebody)).status_code == 200


async def test_subjects_of_one_company_share_what_it_may_take(door: Door) -> None:
    allow(door, company_effort=0.001)
    refused(await spend(door), 429, "LIMIT_EXCEEDED", TOLD, "This company")
    other = door.issuer.token(sub="another")
    refused(await door.send(new(), token=other), 429, "LIMIT_EXCEEDED", "This company")


async def test_over_a_socket_as_over_http(door: Door) -> None:
    allow(door, **LEAST)
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        known = new()
        assert (await talk.ask(known))["data"]
        told = await _refused(talk)
        assert (told["code"], told["retryAfter"] >= 1) == ("LIMIT_EXCEEDED", True)
        assert (await talk.ask(known))["data"]


async def test_it_can_go_on_once_that_is_paid(door: Door) -> None:
    allow(door, subject_effort=60)
    assert (await post(door, new())).status_code == 200
    (share,) = door.checkpoint.admission._subjects.values()  # noqa: SLF001 (where it is owed)
    share.budget.owed = 60.2
    refused(await post(door, new()), 429, "LIMIT_EXCEEDED", TOLD)
    async with asyncio.timeout(60):
        while (await post(door, new())).status_code == 429:  # noqa: ASYNC110 (time pays it)
            await asyncio.sleep(0.01)


async def test_statements_that_nobody_made_before_count_like_documents(door: Door) -> None:
    query = "query ($f: MemberFilter, $n: Int) { members(filter: $f, first: $n) { totalCount } }"
    leaves = [{"prefecture": {"eq": "x"}}, {"city": {"eq": "x"}}]
    filters = [{"and": leaves * number} for number in range(2, 9)]

    async def ask(number: int) -> httpx.Response:
        return await door.send(query, {"f": filters[number]}, purpose=PURPOSE)

    assert (await ask(0)).status_code == 200
    allow(door, **LEAST)
    assert (await ask(0)).status_code == 200
    for number in range(1, len(filters)):
        response = await ask(number)
        if response.status_code == 429:
            break
    refused(response, 429, "LIMIT_EXCEEDED", TOLD)
    assert (await ask(0)).status_code == 200


async def test_what_was_written_is_answered(door: Door) -> None:
    token, asked = member(door, "m1"), f"member {{ new{next(_numbers)}: fullName }} {ERRORS}"
    shown = await present(door, token)
    given = {"presentation": shown, "items": ["B.ins_group"]}
    query, refusable = operation("giveConsent", asked, given | {"idempotencyKey": ""})
    refused(await door.send(query, refusable, token=token), 400, "BAD_USER_INPUT")
    allow(door, **LEAST)

    async def send(door: Door, query: str) -> httpx.Response:
        return await door.send(query, token=token)

    await spend(door, send)
    answer = await door.ask(query, {"input": given}, token=token)
    assert answer["data"]["giveConsent"]["userErrors"] == []
    assert "見本 花子" in str(answer["data"]["giveConsent"]["member"])


async def test_trusted_documents_are_nobody_s_expense(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    texts = [new("a plan") for _ in range(9)]
    url = copy_of(seed_file, tmp_path)
    async with opened(url, clock, tmp_path, trusted_documents=None) as door:
        await filed(door, *(TrustedDocument(SCOPE, sha256_of(text), text) for text in texts))
        allow(door, **LEAST)
        assert [(await post(door, text)).status_code for text in texts] == [200] * len(texts)


async def _refused(talk: Talk) -> Any:
    """Ask what is new until it is refused; what the refusal tells."""
    for _ in range(TIMES):
        id_ = await talk.begin(new())
        answer = await talk.hear()
        if answer["type"] == "error":
            return talk.error(answer, id_)["extensions"]
        await talk.hear()
    raise AssertionError
