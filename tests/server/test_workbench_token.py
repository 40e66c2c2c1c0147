"""Development tokens for the workbench: in development mode, and to our own page alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.settings import Mode
from tests.clock import Clock
from tests.door import Door, copy_of, opened

pytestmark = pytest.mark.anyio

PATH = "/workbench/token"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def trial(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """The application in development mode."""
    url, settings = copy_of(seed_file, tmp_path), {"mode": Mode.DEVELOPMENT, "id_keys": None}
    async with opened(url, clock, tmp_path, **settings) as door:
        yield door


async def wanted(
    door: Door, headers: dict[str, str] | None = None, **bearer: Any
) -> httpx.Response:
    return await door.client.post(PATH, json=bearer, headers=OURS if headers is None else headers)


async def test_production_has_no_such_path(door: Door) -> None:
    for response in (await door.client.get(PATH), await wanted(door, role="analyst")):
        assert response.status_code == 404
        assert "token" not in response.json()


async def test_the_token_speaks_for_whom_it_was_wanted(trial: Door) -> None:
    response = await wanted(trial, role="analyst", company="card")
    assert response.headers["cache-control"] == "no-store"
    answer = await trial.ask(
        "{ viewer { role subject company { key } purposes { key } } }",
        token=response.json()["token"],
    )
    viewer = answer["data"]["viewer"]
    assert (viewer["role"], viewer["subject"]) == ("ANALYST", "card-analyst")
    assert viewer["company"] == {"key": "card"}
    assert {"key": "own:card:service"} in viewer["purposes"]


async def test_a_member_s_token_is_the_member_s(trial: Door) -> None:
    token = (await wanted(trial, role="member", member="m1")).json()["token"]
    assert (await trial.ask("{ me { fullName } }", token=token))["data"]["me"]["fullName"]


async def test_every_company_that_is_offered_can_be_had(trial: Door) -> None:
    offers = (await trial.client.get(PATH)).json()["companies"]
    idle = {"cloud_store"}  # a processor without a contract
    companies = set(trial.checkpoint.catalogue.companies)
    assert {offer["company"] for offer in offers} == companies - idle
    for offer in offers:
        response = await wanted(
            trial,
            role="service",
            company=offer["company"],
            on_behalf_of=offer["on_behalf_of"],
        )
        assert response.status_code == 200, offer


async def test_a_processor_is_offered_once_for_each_of_its_controllers(trial: Door) -> None:
    offers = (await trial.client.get(PATH)).json()["companies"]
    mandates = {
        (contract.processor, contract.controller)
        for contract in trial.checkpoint.catalogue.contracts
    }
    offered = {(each["company"], each["on_behalf_of"]) for each in offers}
    assert mandates <= offered
    assert all(each["controller"]["ja"] for each in offers if each["on_behalf_of"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://door"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
async def test_no_other_page_gets_one(trial: Door, headers: dict[str, str]) -> None:
    response = await wanted(trial, headers, role="analyst", company="card")
    assert response.status_code == 403
    assert "token" not in response.json()


async def test_a_browser_that_says_its_origin_alone_gets_one(trial: Door) -> None:
    origin = str(trial.client.base_url).rstrip("/")
    response = await wanted(trial, {"Origin": origin}, role="analyst", company="card")
    assert response.status_code == 200


@pytest.mark.parametrize(
    "bearer",
    [
        {},
        {"role": "king"},
        {"role": "analyst"},
        {"role": "analyst", "company": "nothing"},
        {"role": "service", "company": "courier"},
        {"role": "member"},
        {"role": "member", "member": 7},
    ],
)
async def test_a_token_for_nobody_is_not_made(trial: Door, bearer: dict[str, Any]) -> None:
    response = await wanted(trial, **bearer)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_a_form_could_send_is_not_taken(trial: Door) -> None:
    response = await trial.client.post(
        PATH,
        content=b'{"role": "analyst", "company": "card"}',
        headers={**OURS, "Content-Type": "text/plain"},
    )
    assert response.status_code == 415


async def test_no_body_is_longer_than_a_request_may_be(trial: Door) -> None:
    response = await wanted(trial, role="member", member="m" * 2_000_000)
    assert response.status_code == 413
