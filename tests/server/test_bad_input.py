"""Bad input: each its code and a sentence that says what to do; none discloses, none is a 500."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.door import Door

pytestmark = pytest.mark.anyio

MEMBERS = "{ members { nodes { id fullName } } }"
PURPOSE = "own:card:service"
HOLDER = "見本 花子"


def refused(response: httpx.Response, status: int, code: str, *told: str) -> Mapping[str, Any]:
    """Check a refusal: errors and nothing else, each with its code and a correlation id."""
    answer: Mapping[str, Any] = response.json()
    assert response.status_code == status, answer
    assert answer.keys() == {"errors"}
    for error in answer["errors"]:
        assert error["extensions"]["code"] == code
        assert error["extensions"]["correlationId"].startswith("decision-")
        assert error["message"].endswith((".", "`."))
        assert not [word for word in told if word not in error["message"]], error["message"]
        assert "Did you mean" not in error["message"]
    assert HOLDER not in response.text
    return answer


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


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"n": HOLDER}, "`$n`"),
        ({"n": 1.5}, "`$n`"),
        ({"n": 2**40}, "`$n`"),
        ({"n": [1]}, "`$n`"),
        ({"n": {"a": HOLDER}}, "`$n`"),
        ({"n": True}, "`$n`"),
    ],
)
async def test_a_variable_of_another_type_is_named_and_not_repeated(
    door: Door, variables: dict[str, Any], named: str
) -> None:
    query = "query($n: Int) { members(first: $n) { nodes { id } } }"
    response = await door.send(query, variables, purpose=PURPOSE)
    refused(response, 400, "BAD_USER_INPUT", named, "/schema.graphql")


async def test_a_missing_variable_is_named(door: Door) -> None:
    query = "query($id: ID!) { member(id: $id) { id } }"
    refused(await door.send(query, {}, purpose=PURPOSE), 400, "BAD_USER_INPUT", "`$id`")
    refused(await door.send(query, {"id": None}, purpose=PURPOSE), 400, "BAD_USER_INPUT", "`$id`")


@pytest.mark.parametrize(
    "query",
    ["{", "}", "{ members(first: ) }", f'{{ a(b: "{HOLDER}) }}', f"{{ {HOLDER} }}", "{" * 999],
)
async def test_a_query_that_does_not_parse(door: Door, query: str) -> None:
    answer = refused(await door.send(query), 400, "GRAPHQL_PARSE_FAILED", "line")
    assert answer["errors"][0]["locations"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ member { id } }", "member(id:)"),
        ("{ memberz { id } }", "'memberz'"),
        ("{ members { nodes { fullNam } } }", "'fullNam'"),
        ("{ members(fist: 1) { nodes { id } } }", "'fist'"),
        ("query($a: Strin) { memberByAccount(accountId: $a) { id } }", "'Strin'"),
        ("{ member(id: $id) { id } }", "'$id'"),
        ("query($id: ID) { member(id: $id) { id } }", "'$id'"),
        ("mutation { x }", "mutation"),
        ("subscription { x }", "subscription"),
        ("{ members { nodes } }", "'nodes'"),
        ("{ viewer { role } } fragment F on Viewer { role }", "'F'"),
        ("{ ...G }", "'G'"),
        (f'{{ members(first: "{HOLDER}") {{ nodes {{ id }} }} }}', "line 1"),
        (f'{{ members(first: {{a: "{HOLDER}"}}) {{ nodes {{ id }} }} }}', "value"),
        ("{ members(first: 99999999999) { nodes { id } } }", "line 1"),
    ],
)
async def test_a_query_that_the_schema_does_not_know(door: Door, query: str, told: str) -> None:
    refused(await door.send(query, purpose=PURPOSE), 400, "GRAPHQL_VALIDATION_FAILED", told)


async def test_one_of_several_operations_is_named(door: Door) -> None:
    query = "query A { viewer { role } } query B { viewer { subject } }"
    refused(await door.send(query), 400, "GRAPHQL_VALIDATION_FAILED", "operationName")
    body = {"query": query, "operationName": "B"}
    headers = {"Authorization": f"Bearer {door.issuer.token()}"}
    response = await door.client.post("/graphql", json=body, headers=headers)
    assert response.json() == {"data": {"viewer": {"subject": "card-backend"}}}
    response = await door.client.post(
        "/graphql", json=body | {"operationName": "C"}, headers=headers
    )
    refused(response, 400, "BAD_USER_INPUT", "operation")


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


PARTS = (
    *("query", "mutation", "subscription", "fragment F on Member", "{", "}", "(", ")", "...", "$x"),
    *("members", "member", "me", "node", "nodes", "viewer", "companies", "orders", "healthRecords"),
    *("edges", "cursor", "pageInfo", "endCursor", "id", "fullName", "__typename", "...F", "a:"),
    *("first: 1", "first: 0", "after: null", 'id: "x"', "id: $x", "$x: ID!", "$x: Int = 3", "[]"),
    *(
        "@skip(if: true)",
        "@include(if: $x)",
        "@defer",
        '"',
        '"""',
        "#",
        "\0",
        "99999999999999999999",
    ),
    HOLDER,
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.lists(st.sampled_from(PARTS), max_size=14).map(" ".join) | JSON,
    variables=JSON,
    purpose=st.sampled_from([None, PURPOSE, "id_login", "nonsense"]),
)
async def test_no_request_does_worse_than_being_refused(
    door: Door, query: Any, variables: Any, purpose: str | None
) -> None:
    response = await door.send(query, variables, purpose=purpose)
    answer = response.json()
    assert response.status_code in {200, 400, 403}, answer
    assert ("errors" in answer) == (response.status_code != 200)
    assert ("data" in answer) == (response.status_code == 200)
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert "INTERNAL_SERVER_ERROR" not in codes
