"""Bad input: each its code and a sentence that says what to do; none discloses, none is a 500."""

import base64
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tests.door import HOLDER, Door, refused

pytestmark = pytest.mark.anyio

MEMBERS = "{ members { nodes { id fullName } } }"
PURPOSE = "own:card:service"


def unsigned(door: Door) -> str:
    parts = ({"alg": "none", "kid": "ed"}, door.issuer.claims())
    texts = [base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in parts]
    return ".".join((*texts, ""))


async def test_no_token(door: Door) -> None:
    response = await door.client.post("/graphql", json={"query": MEMBERS})
    refused(response, 401, "UNAUTHENTICATED", "Authorization: Bearer")
    assert response.headers["www-authenticate"] == 'Bearer realm="sekisho"'


async def test_introspection_needs_a_token_too(door: Door) -> None:
    response = await door.client.post("/graphql", json={"query": "{ __typename }"})
    refused(response, 401, "UNAUTHENTICATED", "Authorization: Bearer")


async def test_an_expired_token(door: Door) -> None:
    token = door.issuer.token()
    door.clock.step(timedelta(hours=1, seconds=31))
    response = await door.send(MEMBERS, token=token, purpose=PURPOSE)
    refused(response, 401, "UNAUTHENTICATED", "expired", "new one")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "another"}, "`sekisho`"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"company": "nobody"}, "`companies`"),
        ({"company": "courier", "on_behalf_of": "nobody"}, "`companies`"),
        ({"role": "admin"}, "`role`"),
    ],
)
async def test_a_token_that_is_not_for_us(door: Door, claims: dict[str, Any], told: str) -> None:
    response = await door.send(MEMBERS, token=door.issuer.token(**claims), purpose=PURPOSE)
    refused(response, 401, "UNAUTHENTICATED", told)


async def test_an_unsigned_token(door: Door) -> None:
    response = await door.send(MEMBERS, token=unsigned(door), purpose=PURPOSE)
    refused(response, 401, "UNAUTHENTICATED", "EdDSA, ES256 or RS256")


async def test_a_bad_token_comes_before_a_bad_request(door: Door) -> None:
    refused(await door.client.post("/graphql", content=b"{"), 401, "UNAUTHENTICATED")


async def test_a_missing_purpose(door: Door) -> None:
    refused(await door.send(MEMBERS), 400, "PURPOSE_REQUIRED", "Sekisho-Purpose")


@pytest.mark.parametrize("purpose", ["", "own:card:service,id_login"])
async def test_other_than_one_purpose(door: Door, purpose: str) -> None:
    response = await door.send(MEMBERS, purpose=purpose)
    refused(response, 400, "PURPOSE_REQUIRED", "exactly one")


async def test_a_purpose_header_sent_twice(door: Door) -> None:
    sent = [
        ("Authorization", f"Bearer {door.issuer.token()}"),
        ("Sekisho-Purpose", PURPOSE),
        ("Sekisho-Purpose", PURPOSE),
    ]
    response = await door.client.post("/graphql", json={"query": MEMBERS}, headers=sent)
    refused(response, 400, "PURPOSE_REQUIRED", "exactly one")


async def test_an_unknown_purpose(door: Door) -> None:
    response = await door.send(MEMBERS, purpose="profiling_for_sale")
    refused(response, 400, "PURPOSE_UNKNOWN", "purposes { key }")


async def test_a_purpose_that_is_not_allowed(door: Door) -> None:
    response = await door.send(MEMBERS, purpose="ads_marketing")
    refused(response, 403, "PURPOSE_NOT_ALLOWED", "viewer { purposes }")


async def test_a_stated_purpose_is_checked_where_none_is_needed(door: Door) -> None:
    refused(await door.send("{ viewer { role } }", purpose="nonsense"), 400, "PURPOSE_UNKNOWN")


async def test_a_member_with_another_purpose(door: Door) -> None:
    response = await door.send(
        "{ me { id } }", token=door.issuer.member("m1"), purpose="ads_marketing"
    )
    refused(response, 403, "PURPOSE_NOT_ALLOWED", "subject_request", "leave")


@pytest.mark.parametrize("first", [0, -1, 100_000])
async def test_a_page_of_a_size_that_is_not_served(door: Door, first: int) -> None:
    for query, variables in (
        (f"{{ members(first: {first}) {{ nodes {{ id fullName }} }} }}", None),
        ("query($n: Int) { members(first: $n) { nodes { id fullName } } }", {"n": first}),
    ):
        response = await door.send(query, variables, purpose=PURPOSE)
        refused(response, 400, "BAD_USER_INPUT", "100")


@pytest.mark.parametrize("first", [0, -1, 100_000])
async def test_a_page_of_rows_of_a_size_that_is_not_served(door: Door, first: int) -> None:
    query = f"{{ members {{ nodes {{ fullName orders(first: {first}) {{ nodes {{ id }} }} }} }} }}"
    refused(await door.send(query, purpose=PURPOSE), 400, "BAD_USER_INPUT", "50")


async def test_a_tampered_cursor(door: Door) -> None:
    page = await door.ask("{ members(first: 1) { pageInfo { endCursor } } }", purpose=PURPOSE)
    cursor = page["data"]["members"]["pageInfo"]["endCursor"]
    query = "query($after: String) { members(after: $after) { nodes { id fullName } } }"
    assert await door.ask(query, {"after": cursor}, purpose=PURPOSE)
    changed = ("A" if cursor[9] != "A" else "B").join((cursor[:9], cursor[10:]))
    for tampered in (changed, cursor[:-1], cursor + "A", "", "garbage", "0"):
        response = await door.send(query, {"after": tampered}, purpose=PURPOSE)
        refused(response, 400, "BAD_CURSOR")


async def test_a_cursor_of_another_purpose_or_caller(door: Door) -> None:
    page = await door.ask("{ members(first: 1) { pageInfo { endCursor } } }", purpose=PURPOSE)
    cursor = page["data"]["members"]["pageInfo"]["endCursor"]
    query = "query($after: String) { members(after: $after) { nodes { id } } }"
    other = door.issuer.token(company="bank", purposes=["own:bank:*"])
    refused(await door.send(query, {"after": cursor}, purpose="id_login"), 400, "BAD_CURSOR")
    response = await door.send(query, {"after": cursor}, token=other, purpose="own:bank:service")
    refused(response, 400, "BAD_CURSOR")


async def test_an_id_of_another_company(door: Door) -> None:
    own = await door.ask('{ memberByAccount(accountId: "card-m1") { id } }', purpose=PURPOSE)
    token = door.issuer.token(company="bank", purposes=["id_login"])
    theirs = await door.ask("{ members { nodes { id } } }", token=token, purpose="id_login")
    query = "query($id: ID!) { member(id: $id) { id fullName } }"
    mine = own["data"]["memberByAccount"]["id"]
    assert (await door.ask(query, {"id": mine}, purpose=PURPOSE))["data"]["member"]["id"] == mine
    ids = [node["id"] for node in theirs["data"]["members"]["nodes"]]
    assert ids
    texts = set()
    for unknown in (*ids, mine[:-1], mine + "A", "", "m1", "card-m1", "1" * 500):
        for asked in (query, query.replace("member(", "node(").replace("fullName", "__typename")):
            response = await door.send(asked, {"id": unknown}, purpose=PURPOSE)
            answer = refused(response, 400, "BAD_USER_INPUT", "id")
            texts.add(answer["errors"][0]["message"])
    assert len(texts) == 1


async def test_a_role_that_may_not(door: Door) -> None:
    officer = door.issuer.token(role="officer")
    refused(await door.send(MEMBERS, token=officer), 403, "FORBIDDEN", "member(id:)")


@pytest.mark.parametrize("reference", [b"x" * 201, HOLDER.encode(), b"\t"])
async def test_a_reference_that_is_none(door: Door, reference: bytes) -> None:
    response = await door.send("{ viewer { role } }", headers={"Sekisho-Reference": reference})
    refused(response, 400, "BAD_USER_INPUT", "Sekisho-Reference")


async def test_one_bad_entry_refuses_the_whole_operation(door: Door) -> None:
    query = """{
      good: members { nodes { fullName } }
      bad: members(first: 0) { nodes { fullName } }
      worse: member(id: "x") { fullName }
      viewer { role }
    }"""
    for _ in range(3):
        response = await door.send(query, purpose=PURPOSE)
        answer = refused(response, 400, "BAD_USER_INPUT")
        assert [error["locations"][0]["line"] for error in answer["errors"]] == [3, 4]
    assert await door.entries() == []


async def test_nothing_refused_is_in_the_ledger(door: Door) -> None:
    for query in (MEMBERS, "{", "{ x }", "{ members(first: 0) { nodes { id } } }"):
        assert "errors" in (await door.send(query)).json()
    assert await door.entries() == []
