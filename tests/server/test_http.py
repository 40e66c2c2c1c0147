"""GraphQL over HTTP: methods, media types and bodies, each answered or refused as HTTP has it."""

from typing import Any

import orjson
import pytest

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
        ("text/html", "application/json"),
    ],
)
async def test_the_media_type_is_the_one_accepted(door: Door, accept: str, media_type: str) -> None:
    for query, status in ((VIEWER, 200), ("{ nonsense }", 400)):
        response = await door.send(query, headers={"Accept": accept})
        assert response.status_code == status
        assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"


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
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_a_body_of_another_type(door: Door, content_type: str) -> None:
    response = await door.client.post(
        "/graphql",
        content=orjson.dumps({"query": VIEWER}),
        headers=bearer(door, **{"Content-Type": content_type}),
    )
    assert (response.status_code, code_of(response.json())) == (415, "BAD_USER_INPUT")


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
