"""GraphQL over HTTP: what goes in, what comes out, and what is on record before it does."""

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from server.graphql_endpoint import MAX_BODY
from tests.door import Door

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
MEMBERS = "{ members { nodes { id fullName orders { nodes { items } } } } }"
VIEWER = "{ viewer { role } }"
HOLDER = "見本 花子"


def bearer(door: Door, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {door.issuer.token()}", **headers}


def change(tmp_path: Path, statement: str, file: str = "copy.db") -> None:
    with sqlite3.connect(tmp_path / file) as connection:
        connection.execute(statement)
    connection.close()


def code_of(answer: Mapping[str, Any]) -> str:
    assert answer.keys() == {"errors"}
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


async def test_an_answer_says_for_what_it_was_given_and_what_was_left_out(door: Door) -> None:
    answer = await door.ask(MEMBERS, purpose=PURPOSE)
    nodes = answer["data"]["members"]["nodes"]
    assert [node["fullName"] for node in nodes] == [HOLDER, None, None]
    privacy = answer["extensions"]["privacy"]
    version = door.checkpoint.catalogue.version
    assert privacy == {
        "decisionId": "decision-1",
        "company": "card",
        "purpose": PURPOSE,
        "asOf": "2026-06-15T00:00:00Z",
        "policyVersion": version,
        "disclosed": [
            {"field": "fullName", "categories": ["profile"], "count": 1},
            {"field": "orders.items", "categories": ["service_usage"], "count": 2},
        ],
        "withheld": [
            {"field": "fullName", "categories": ["profile"], "reason": "NOT_OPEN", "count": 2},
        ],
    }


async def test_a_list_that_could_not_be_open_has_its_rows_categories(door: Door) -> None:
    query = "{ members { nodes { healthRecords { nodes { value } } } } }"
    privacy = (await door.ask(query, purpose=PURPOSE))["extensions"]["privacy"]
    assert privacy["withheld"] == [
        {
            "field": "healthRecords",
            "categories": ["sensitive"],
            "reason": "NOT_PERMITTED",
            "count": 3,
        }
    ]


async def test_a_processor_s_answer_names_its_controller(door: Door) -> None:
    token = door.issuer.token(company="courier", on_behalf_of="ichiba", purposes=["order_fulfil"])
    answer = await door.ask(MEMBERS, token=token, purpose="order_fulfil")
    privacy = answer["extensions"]["privacy"]
    assert (privacy["company"], privacy["onBehalfOf"]) == ("courier", "ichiba")


async def test_a_member_s_answer_is_for_the_member_s_own_request(door: Door) -> None:
    answer = await door.ask("{ me { fullName } }", token=door.issuer.member("m1"))
    assert answer["data"]["me"] == {"fullName": HOLDER}
    privacy = answer["extensions"]["privacy"]
    assert (privacy["company"], privacy["purpose"]) == (None, "subject_request")


async def test_what_left_is_in_the_ledger(door: Door) -> None:
    await door.ask(MEMBERS, purpose=PURPOSE, headers={"Sekisho-Reference": "CASE-7"})
    (entry,) = await door.entries()
    assert (entry.decision_id, entry.at) == ("decision-1", door.clock())
    assert (entry.company, entry.role, entry.subject) == ("card", "service", "card-backend")
    assert (entry.purpose, entry.reference) == (PURPOSE, "CASE-7")
    assert set(entry.disclosures[0].members) == {"m1", "m2", "m3"}
    assert HOLDER not in repr(entry)


async def test_what_is_not_about_anybody_is_not(door: Door) -> None:
    answer = await door.ask("{ viewer { role } companies { key } purposes { key } }")
    assert "extensions" not in answer
    assert await door.entries() == []


async def test_nobody_found_is_told_but_not_recorded(door: Door) -> None:
    query = '{ memberByAccount(accountId: "card-nobody") { fullName } }'
    answer = await door.ask(query, purpose=PURPOSE)
    assert answer["data"] == {"memberByAccount": None}
    privacy = answer["extensions"]["privacy"]
    assert (privacy["disclosed"], privacy["withheld"]) == ([], [])
    assert await door.entries() == []


async def test_entries_of_one_operation_are_one_entry_in_the_ledger(door: Door) -> None:
    query = "{ a: members { nodes { fullName } } b: members { nodes { fullName } } }"
    answer = await door.ask(query, purpose=PURPOSE)
    (entry,) = await door.entries()
    assert len(entry.disclosures) == 2
    assert answer["extensions"]["privacy"]["disclosed"][0]["count"] == 2


async def test_without_a_ledger_nothing_leaves(door: Door, tmp_path: Path) -> None:
    await door.ask(MEMBERS, purpose=PURPOSE)
    change(tmp_path, "DROP TABLE ledger_entry", "copy-ledger.db")
    response = await door.send(MEMBERS, purpose=PURPOSE)
    assert (response.status_code, code_of(response.json())) == (503, "LEDGER_UNAVAILABLE")
    assert HOLDER not in response.text
    assert (await door.send(VIEWER)).status_code == 200


async def test_an_unexpected_fault_is_a_fixed_text_and_a_line_in_the_log(
    door: Door, tmp_path: Path
) -> None:
    change(tmp_path, "DROP TABLE orders")
    with structlog.testing.capture_logs() as logged:
        response = await door.send(MEMBERS, purpose=PURPOSE)
    assert (response.status_code, code_of(response.json())) == (500, "INTERNAL_SERVER_ERROR")
    assert "orders" not in response.text
    (fault,) = [line for line in logged if line["event"] == "fault"]
    assert fault["decision_id"] == response.json()["errors"][0]["extensions"]["correlationId"]
    assert fault["fault"] == "sqlalchemy.exc.OperationalError"
    assert any("resolvers/entry.py" in frame for frame in fault["frames"])
    assert "no such table" not in str(fault)


async def test_time_is_fixed_once_a_request(door: Door) -> None:
    door.clock.step(timedelta(hours=3))
    answer = await door.ask(MEMBERS, purpose=PURPOSE)
    assert answer["extensions"]["privacy"]["asOf"] == "2026-06-15T03:00:00Z"
    (entry,) = await door.entries()
    assert entry.at == door.clock()


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


async def test_a_reference_may_be_left_empty(door: Door) -> None:
    await door.ask(MEMBERS, purpose=PURPOSE, headers={"Sekisho-Reference": ""})
    assert [entry.reference for entry in await door.entries()] == [None]


async def test_answers_to_the_same_question_are_the_same_bytes(door: Door) -> None:
    first, second = [await door.send(MEMBERS, purpose=PURPOSE) for _ in range(2)]
    assert first.content.replace(b"decision-1", b"decision-2") == second.content


async def test_a_company_is_a_caller_while_it_is_listed(door: Door) -> None:
    door.clock.step(timedelta(days=-5000))
    response = await door.send(VIEWER)
    assert (response.status_code, code_of(response.json())) == (401, "UNAUTHENTICATED")
