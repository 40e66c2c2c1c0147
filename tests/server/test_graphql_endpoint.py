"""GraphQL over HTTP: what goes in, what comes out, and what is on record before it does."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from tests.door import HOLDER, Door, code_of

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
MEMBERS = "{ members { nodes { id fullName orders { nodes { items } } } } }"
VIEWER = "{ viewer { role } }"


def change(tmp_path: Path, statement: str, file: str = "copy.db") -> None:
    with sqlite3.connect(tmp_path / file) as connection:
        connection.execute(statement)
    connection.close()


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


async def test_a_question_that_finds_nobody_is_on_record_too(door: Door) -> None:
    query = '{ memberByAccount(accountId: "card-nobody") { fullName } }'
    answer = await door.ask(query, purpose=PURPOSE)
    assert answer["data"] == {"memberByAccount": None}
    privacy = answer["extensions"]["privacy"]
    assert (privacy["disclosed"], privacy["withheld"]) == ([], [])
    (entry,) = await door.entries()
    assert [part.members for part in entry.disclosures] == [{}]


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
    assert fault["fault"] == "sqlite3.OperationalError"
    assert any("resolvers/entry.py" in frame for frame in fault["frames"])
    assert "no such table" not in str(fault)


async def test_time_is_fixed_once_a_request(door: Door) -> None:
    door.clock.step(timedelta(hours=3))
    answer = await door.ask(MEMBERS, purpose=PURPOSE)
    assert answer["extensions"]["privacy"]["asOf"] == "2026-06-15T03:00:00Z"
    (entry,) = await door.entries()
    assert entry.at == door.clock()


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
