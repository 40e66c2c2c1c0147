"""GraphQL over HTTP: methods, media types and bodies, each answered or refused as HTTP has it."""

from typing import Any

import orjson
import pytest

from server.media import JSON
from server.operation import MAX_BODY
from tests.door import HOLDER, Door, code_of

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
VIEWER = "{ viewer { role } }"


def bearer(door: Door, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {door.issuer.token()}", **headers}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json",
        ),
        (
            "application/json, Application/GraphQL-Response+JSON",
            "application/graphql-response+json",
        ),
        ("application/json;q=1.0, application/graphql-response+json; q=0.9", "application/json"),
        ("application/graphql-response+json;q=0, application/json;q=0.1", "application/json"),
        ("application/graphql-response+json;q=x", "application/json"),
        ("application/graphql-response+json;q=2", "application/json"),
        ("text/html", "application/json"),
        (",;=,;q=", "application/json"),
    ],
)
async def test_the_media_type_is_the_one_accepted(door: Door, accept: str, media_type: str) -> None:
    for query in (VIEWER, "{ nonsense }"):
        response = await door.send(query, headers={"Accept": accept})
        assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"


UNFIT = {
    "{ viewer": "GRAPHQL_PARSE_FAILED",
    "{ nonsense }": "GRAPHQL_VALIDATION_FAILED",
    "query ($id: ID!) { company(key: $id) { key } }": "BAD_USER_INPUT",
}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/graphql-response+json", 400),
        ("application/graphql-response+json, application/json;q=0.9", 400),
        ("*/*", 400),
        ("application/json", 200),
    ],
)
async def test_the_status_of_a_document_that_is_none_goes_by_the_media_type(
    door: Door, accept: str, status: int
) -> None:
    for query, code in UNFIT.items():
        response = await door.send(query, {"id": None}, headers={"Accept": accept})
        assert (response.status_code, code_of(response.json())) == (status, code)


async def test_every_other_refusal_has_its_status_in_either_media_type(door: Door) -> None:
    """Whoever is to sign in or to say a purpose, HTTP itself tells, and intermediaries with it."""
    headers = {"Accept": "application/json"}
    response = await door.send(VIEWER, token="x", headers=headers)  # noqa: S106
    assert (response.status_code, code_of(response.json())) == (401, "UNAUTHENTICATED")
    response = await door.send("{ members { totalCount } }", headers=headers)
    assert (response.status_code, code_of(response.json())) == (400, "PURPOSE_REQUIRED")
    response = await door.send("{ memberz }", purpose="nonsense", headers=headers)
    assert (response.status_code, code_of(response.json())) == (400, "PURPOSE_UNKNOWN")
    response = await door.client.post(
        "/graphql", content=b"{", headers=bearer(door, **{"Content-Type": JSON}, **headers)
    )
    assert (response.status_code, code_of(response.json())) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("path", ["/", "/schema.graphql", "/healthz", "/readyz", "/nothing"])
async def test_nobody_guesses_what_anything_is(door: Door, path: str) -> None:
    response = await door.client.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "server" not in response.headers


async def test_a_query_may_come_by_get(door: Door) -> None:
    query = "query Q($key: ID!) { company(key: $key) { key } }"
    response = await door.client.get(
        "/graphql",
        params={"query": query, "variables": '{"key": "card"}', "operationName": "Q"},
        headers=bearer(door),
    )
    assert response.json() == {"data": {"company": {"key": "card"}}}


async def test_personal_operands_do_not_come_by_get(door: Door) -> None:
    response = await door.client.get(
        "/graphql",
        params={"query": '{ memberByAccount(accountId: "card-m1") { fullName } }'},
        headers=bearer(door, **{"Sekisho-Purpose": PURPOSE}),
    )
    assert (response.status_code, code_of(response.json())) == (400, "BAD_USER_INPUT")
    assert "POST" in response.text
    response = await door.client.get(
        "/graphql",
        params={"query": "{ members { nodes { fullName } } }"},
        headers=bearer(door, **{"Sekisho-Purpose": PURPOSE}),
    )
    assert response.json()["data"]["members"]["nodes"][0] == {"fullName": HOLDER}


@pytest.mark.parametrize("query", ["mutation { x }", "subscription { x }"])
async def test_get_changes_nothing(door: Door, query: str) -> None:
    response = await door.client.get("/graphql", params={"query": query}, headers=bearer(door))
    assert (response.status_code, code_of(response.json())) == (405, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_told_the_two(door: Door, method: str) -> None:
    response = await door.client.request(method, "/graphql", headers=bearer(door))
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b'{"query": "\\ud800"}', "not JSON"),
        (b'{"query": NaN}', "not JSON"),
        (b"null", "must be a JSON object"),
        (b'"query"', "must be a JSON object"),
        (b"7", "must be a JSON object"),
        (b"[]", "one operation"),
        (b'[{"query": "{ viewer { role } }"}]', "one operation"),
        (b"{}", "`query`"),
        (b'{"query": null}', "`query`"),
        (b'{"query": ""}', "`query`"),
        (b'{"query": 7}', "`query` must be a string"),
        (b'{"query": "{ viewer { role } }", "variables": []}', "`variables` must be an object"),
        (b'{"query": "{ viewer { role } }", "variables": "{}"}', "`variables` must be an object"),
        (b'{"query": "{ viewer { role } }", "operationName": 7}', "`operationName`"),
        (b'{"query": "{ viewer { role } }", "extensions": 7}', "`extensions`"),
        (b'{"query": "query A { viewer { role } }", "operationName": "B"}', "no such operation"),
        (b'{"query": "fragment F on Viewer { role }"}', "no such operation"),
    ],
)
async def test_a_body_that_is_no_request(door: Door, body: bytes, told: str) -> None:
    response = await door.client.post(
        "/graphql", content=body, headers=bearer(door, **{"Content-Type": "application/json"})
    )
    assert (response.status_code, code_of(response.json())) == (400, "BAD_USER_INPUT")
    assert told in response.text


@pytest.mark.parametrize("variables", ["{", "[]", "7", '"x"'])
async def test_variables_in_an_address_are_json_too(door: Door, variables: str) -> None:
    params = {"query": VIEWER, "variables": variables}
    response = await door.client.get("/graphql", params=params, headers=bearer(door))
    assert (response.status_code, code_of(response.json())) == (400, "BAD_USER_INPUT")


async def test_an_address_without_a_query(door: Door) -> None:
    response = await door.client.get("/graphql", headers=bearer(door, Accept="text/html"))
    assert (response.status_code, code_of(response.json())) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", ""),
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Type", "multipart/form-data"),
        ("Content-Type", "application/graphql"),
        ("Content-Type", "application/json, text/plain"),
        ("Content-Type", "application/json; charset=utf-16"),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "identity, br"),
    ],
)
async def test_a_body_of_another_type(door: Door, name: str, value: str) -> None:
    response = await door.client.post(
        "/graphql",
        content=orjson.dumps({"query": VIEWER}),
        headers=bearer(door, **{"Content-Type": JSON, name: value}),
    )
    assert (response.status_code, code_of(response.json())) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "content_type",
    [
        "Application/JSON",
        'application/json; charset="UTF-8"',
        "application/json;x=y; charset=utf-8",
    ],
)
async def test_json_may_say_that_it_is_in_utf_8(door: Door, content_type: str) -> None:
    headers = bearer(door, **{"Content-Type": content_type, "Content-Encoding": "identity"})
    body = orjson.dumps({"query": VIEWER})
    response = await door.client.post("/graphql", content=body, headers=headers)
    assert response.json() == {"data": {"viewer": {"role": "SERVICE"}}}


async def test_a_body_is_no_longer_than_it_may_be(door: Door) -> None:
    async def parts() -> Any:
        for _ in range(9):
            yield b" " * (MAX_BODY // 8)

    response = await door.client.post(
        "/graphql",
        content=parts(),
        headers=bearer(door, **{"Content-Type": "application/json"}),
    )
    assert (response.status_code, code_of(response.json())) == (413, "LIMIT_EXCEEDED")


async def test_the_body_of_a_stranger_is_not_read(door: Door) -> None:
    read = []

    async def parts() -> Any:
        read.append(True)
        yield b"{}"

    response = await door.client.post("/graphql", content=parts())
    assert (response.status_code, read) == (401, [])
