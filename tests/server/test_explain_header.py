"""`Sekisho-Explain: 1` tells people where in the answer something is withheld, and never what."""

from typing import Any

import pytest

from tests.door import Door, refused

pytestmark = pytest.mark.anyio

EXPLAIN = {"Sekisho-Explain": "1"}
QUERY = """
query Q($id: ID!) {
  one: memberByAccount(accountId: $id) {
    fullName ekycStatus again: ekycStatus healthRecords { nodes { kind } }
    orders { edges { node { items amount } } nodes { status } }
  }
  members(first: 2) { nodes { ekycStatus } }
}
"""
SENT = {"id": "card-m1"}


def analyst(door: Door, **changed: Any) -> str:
    return door.issuer.token(role="analyst", **changed)


async def withheld(door: Door, query: str = QUERY, **sent: Any) -> dict[tuple[str, str], Any]:
    answer = await door.ask(query, headers=EXPLAIN, **sent)
    entries = answer["extensions"]["privacy"]["withheld"]
    return {(each["field"], each["reason"]): each for each in entries}


async def test_every_response_path_of_what_is_withheld_is_named(either: Door) -> None:
    told = await withheld(either, variables=SENT, token=analyst(either), purpose="own:card:service")
    status = told["ekycStatus", "NOT_PERMITTED"]
    assert status["paths"] == [
        ["members", "nodes", 0, "ekycStatus"],
        ["members", "nodes", 1, "ekycStatus"],
        ["one", "ekycStatus"],
        ["one", "again"],
    ]
    assert (status["pathCount"], status["count"]) == (4, 3)
    records = told["healthRecords", "NOT_PERMITTED"]
    assert (records["paths"], records["pathCount"]) == ([["one", "healthRecords"]], 1)


async def test_a_withheld_cell_of_a_row_is_named_in_each_list_that_shows_it(either: Door) -> None:
    query = """query Q($id: ID!) { node(id: $id) { ... on Member {
        orders { edges { node { items phone } } nodes { items } } } } }"""
    sealed = either.checkpoint.seal.node_id("processor:courier:ichiba", "Member", "m1")
    token = analyst(either, company="courier", on_behalf_of="ichiba", purposes=["order_fulfil"])
    told = await withheld(
        either, query, variables={"id": sealed}, token=token, purpose="order_fulfil"
    )
    assert told["orders.items", "NOT_PERMITTED"]["paths"] == [
        ["node", "orders", "edges", 0, "node", "items"],
        ["node", "orders", "edges", 1, "node", "items"],
        ["node", "orders", "nodes", 0, "items"],
        ["node", "orders", "nodes", 1, "items"],
    ]


async def test_a_list_of_ids_is_told_by_its_positions(either: Door) -> None:
    seal = either.checkpoint.seal
    ids = [seal.node_id("company:card", "Member", key) for key in ("m4", "m1", "m1")]
    told = await withheld(
        either,
        "query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { ekycStatus } } }",
        variables={"ids": ids},
        token=analyst(either),
        purpose="own:card:service",
    )
    (status,) = told.values()
    assert status["paths"] == [["nodes", 1, "ekycStatus"], ["nodes", 2, "ekycStatus"]]
    assert status["count"] == 1


async def test_it_names_two_hundred_and_counts_them_all(door: Door) -> None:
    aliases = " ".join(f"a{number}: ekycStatus" for number in range(90))
    told = await withheld(
        door,
        f"{{ members {{ nodes {{ {aliases} }} edges {{ node {{ {aliases} }} }} }} }}",
        token=analyst(door, purposes=["id_login"]),
        purpose="id_login",
    )
    (status,) = told.values()
    assert len(status["paths"]) == 200
    assert status["pathCount"] == 180 * status["count"]


async def test_officers_and_members_may_ask_for_it(either: Door) -> None:
    token = either.issuer.token(company="*", role="officer", purposes=None)
    sealed = either.checkpoint.seal.node_id("officer:*", "Member", "m1")
    query = "query Q($id: ID!) { member(id: $id) { city orders { nodes { items } } } }"
    told = await withheld(either, query, variables={"id": sealed}, token=token)
    assert told["city", "NOT_PERMITTED"]["paths"] == [["member", "city"]]
    assert told["orders", "NOT_PERMITTED"]["paths"] == [["member", "orders"]]
    query = "{ me { fraudSignals { nodes { kind } } city } }"
    told = await withheld(either, query, token=either.issuer.member("m1"))
    assert [each["paths"] for each in told.values()] == [[["me", "fraudSignals"]]]


async def test_through_a_company_s_eyes_the_paths_come_with_the_fine_code(either: Door) -> None:
    query = """{ me { asSeenBy(company: "courier", purpose: "order_fulfil", onBehalfOf: "ichiba") {
        city orders { nodes { items } } } } }"""
    told = await withheld(either, query, token=either.issuer.member("m1"))
    assert told["city", "PROCESSOR_SCOPE"]["paths"] == [["me", "asSeenBy", "city"]]
    assert told["orders.items", "PROCESSOR_SCOPE"]["paths"] == [
        ["me", "asSeenBy", "orders", "nodes", 0, "items"],
        ["me", "asSeenBy", "orders", "nodes", 1, "items"],
    ]


async def test_a_system_is_refused_it(door: Door) -> None:
    response = await door.send(QUERY, SENT, purpose="own:card:service", headers=EXPLAIN)
    refused(response, 403, "FORBIDDEN", "Sekisho-Explain")
    assert await door.entries() == []


@pytest.mark.parametrize("value", ["2", "true", "1, 1"])
async def test_it_is_one_or_left_out(door: Door, value: str) -> None:
    response = await door.send("{ viewer { role } }", headers={"Sekisho-Explain": value})
    refused(response, 400, "BAD_USER_INPUT", "Sekisho-Explain")


@pytest.mark.parametrize("headers", [{}, {"Sekisho-Explain": "0"}, {"Sekisho-Explain": ""}])
async def test_nobody_who_does_not_ask_is_told(door: Door, headers: dict[str, str]) -> None:
    answer = await door.ask(
        QUERY, SENT, token=analyst(door), purpose="own:card:service", headers=headers
    )
    for each in answer["extensions"]["privacy"]["withheld"]:
        assert each.keys() == {"field", "categories", "reason", "count"}


async def test_the_answer_itself_is_the_same_with_it(door: Door) -> None:
    sent = {"token": analyst(door), "purpose": "own:card:service"}
    plain = await door.ask(QUERY, SENT, **sent)
    explained = await door.ask(QUERY, SENT, headers=EXPLAIN, **sent)
    assert explained["data"] == plain["data"]
