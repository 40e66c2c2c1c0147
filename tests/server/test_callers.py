"""Who asks and for what is worked out once, and again as soon as anything of it could differ."""

from datetime import timedelta

import orjson
import pytest

from policy.errors import ErrorCode, PrivacyError
from server import callers
from server.callers import Caller, caller_of
from server.identity import LEEWAY
from server.said import Said
from server.versions import Held
from tests.door import Door, refused
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
QUERY = '{ memberByAccount(accountId: "card-m1") { fullName phone } }'
A_WHILE = timedelta(seconds=20)
"""Less than a token is remembered."""


async def caller(door: Door, token: str, purpose: str = PURPOSE) -> Caller:
    said = Said([f"Bearer {token}"], [purpose], [])
    here, at = door.checkpoint, door.clock()
    return caller_of(here, said, await here.identity.verified(said.authorization, at), at)


async def test_whoever_says_the_same_again_is_the_same_caller(door: Door) -> None:
    token = door.issuer.token()
    first = await caller(door, token)
    door.clock.step(A_WHILE)
    assert await caller(door, token) is first
    assert await caller(door, token, "id_login") is not first
    assert await caller(door, door.issuer.token()) is not first


async def test_in_another_epoch_they_see_with_other_eyes(door: Door) -> None:
    boundary = CATALOGUE.epochs[-2]  # the last is the end of time
    door.clock.set(boundary - A_WHILE)
    token = door.issuer.token()
    before = await caller(door, token)
    door.clock.set(boundary)
    after = await caller(door, token)
    assert before.eyes is not None
    assert after.eyes is not None
    assert (before.eyes.view.at, before.until) == (CATALOGUE.epochs[-3], boundary)
    assert after.eyes.view.at == boundary


async def test_a_purpose_can_be_named_from_the_instant_on_that_it_is_registered(door: Door) -> None:
    latest = max(CATALOGUE.purposes.values(), key=lambda each: each.registered_at)
    door.clock.set(latest.registered_at - A_WHILE)
    token = door.issuer.token(purposes=[latest.key])
    with pytest.raises(PrivacyError) as refusal:
        await caller(door, token, latest.key)
    assert refusal.value.code is ErrorCode.PURPOSE_UNKNOWN
    door.clock.set(latest.registered_at)
    assert (await caller(door, token, latest.key)).purpose == latest.key


async def test_once_other_versions_are_live_they_are_held_against_these(door: Door) -> None:
    token, versions = door.issuer.token(), door.checkpoint.versions
    first = await caller(door, token)
    versions.held = Held(versions.held.live, versions.held.grants)
    assert (await caller(door, token)).held is versions.held is not first.held


async def test_a_token_that_expires_is_refused_within_the_minute(door: Door) -> None:
    token = door.issuer.token(exp=int((door.clock() + A_WHILE - LEEWAY).timestamp()))
    await door.ask(QUERY, token=token, purpose=PURPOSE)
    door.clock.step(A_WHILE - timedelta(seconds=1))
    await door.ask(QUERY, token=token, purpose=PURPOSE)
    door.clock.step(timedelta(seconds=1))
    answer = await door.send(QUERY, token=token, purpose=PURPOSE)
    refused(answer, 401, "UNAUTHENTICATED", "expired")


async def test_a_token_never_outlasts_the_time_that_there_is(door: Door) -> None:
    last_second_of_all = 253_402_300_799
    await door.ask(QUERY, token=door.issuer.token(exp=last_second_of_all), purpose=PURPOSE)


async def test_a_purpose_that_is_taken_from_the_token_is_refused_at_once(door: Door) -> None:
    await door.ask(QUERY, token=door.issuer.token(), purpose=PURPOSE)
    narrowed = door.issuer.token(purposes=["id_login"])
    answer = await door.send(QUERY, token=narrowed, purpose=PURPOSE)
    refused(answer, 403, "PURPOSE_NOT_ALLOWED")


async def test_the_order_of_the_headers_is_nothing(door: Door) -> None:
    headers = [
        ("Authorization", f"Bearer {door.issuer.token()}"),
        ("Sekisho-Purpose", PURPOSE),
        ("Content-Type", "application/json"),
        ("Accept", "application/graphql-response+json"),
    ]
    body = orjson.dumps({"query": QUERY})
    answers = []
    for sent in (headers, headers[::-1], [*headers[2:], *headers[:2]]):
        response = await door.client.post("/graphql", content=body, headers=sent)
        assert response.headers["content-type"].startswith("application/graphql-response+json")
        said = response.json()
        answers.append((said["data"], said["extensions"]["privacy"] | {"decisionId": ""}))
    assert answers[0][0]["memberByAccount"]
    assert answers[0] == answers[1] == answers[2]


async def test_a_second_purpose_is_refused_whoever_asked_with_one_before(door: Door) -> None:
    token = door.issuer.token()
    await door.ask(QUERY, token=token, purpose=PURPOSE)
    twice = [("Sekisho-Purpose", PURPOSE), ("Sekisho-Purpose", PURPOSE)]
    headers = [("Authorization", f"Bearer {token}"), *twice]
    answer = await door.client.post("/graphql", json={"query": QUERY}, headers=headers)
    refused(answer, 400, "PURPOSE_REQUIRED")


async def test_of_a_token_some_spellings_of_purposes_are_known_and_no_more(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "SPELT_AT_MOST", 2)
    token = door.issuer.token()
    for spaces in range(5):
        await caller(door, token, PURPOSE + " " * spaces)
    verified = await door.checkpoint.identity.verified([f"Bearer {token}"], door.clock())
    assert len(verified.callers) == 1
