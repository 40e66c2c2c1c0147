"""Queries and variables that do not fit the schema are told by name and place, never by value."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.door import HOLDER, Door, refused

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"


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
        ("mutation { x }", "'x'"),
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
