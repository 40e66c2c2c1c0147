"""Nothing leaves without a record, and the record is there before the answer is."""

import pytest

from models.ledger import Entry, Use
from models.ledger_tables import LEDGER_ENTRY
from tests.door import Door
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

NUMBER = {key: number for number, key in CATALOGUE.provision_keys.items()}
RETURNED = -1
SELF = 0
CARD = "own:card:service"
SHOWN = """
query Shown($yes: Boolean = true) {
  first: memberByAccount(accountId: "card-m1") {
    name: fullName
    again: fullName
    ekycStatus
    gender @skip(if: $yes)
    ...Orders
  }
}
fragment Orders on Member {
  bought: orders { edges { node { items } } }
  orders(first: 1) { nodes { items amount @include(if: $yes) } }
}
"""


def items_of(entry: Entry, member: str) -> dict[str, set[int]]:
    (disclosure,) = entry.disclosures
    return {
        field: set(provisions)
        for (field, use), provisions in disclosure.members[member].provisions.items()
        if use is Use.SELECT
    }


async def test_the_entry_names_who_what_for_and_what_opened_it(either: Door) -> None:
    headers = {"Sekisho-Reference": "TICKET-7"}
    answer = await either.ask(SHOWN, purpose=CARD, headers=headers)
    (entry,) = await either.entries()
    assert (entry.company, entry.role, entry.subject) == ("card", "service", "card-backend")
    assert (entry.purpose, entry.reference) == (CARD, "TICKET-7")
    assert entry.decision_id == answer["extensions"]["privacy"]["decisionId"]
    assert entry.policy_version == answer["extensions"]["privacy"]["policyVersion"]
    assert entry.at == either.clock()


async def test_aliases_fragments_and_directives_are_recorded_as_what_they_show(
    either: Door,
) -> None:
    await either.ask(SHOWN, purpose=CARD)
    (entry,) = await either.entries()
    linked = NUMBER["A-4-1-2"]
    assert items_of(entry, "m1") == {
        "": {RETURNED},
        "fullName": {linked},
        "orders": {RETURNED, linked},
        "orders.items": {linked},
        "orders.amount": {linked},
    }


async def test_a_member_returned_is_an_item_also_when_only_the_id_is_asked_for(
    either: Door,
) -> None:
    token = either.issuer.token(company="life", purposes=["service_provision"])
    query = "{ members { edges { node { id } } } }"
    await either.ask(query, token=token, purpose="service_provision")
    (entry,) = await either.entries()
    assert items_of(entry, "m2") == items_of(entry, "m3") == {"": {RETURNED}}
    assert set(entry.disclosures[0].members) == {"m2", "m3"}


async def test_only_the_members_of_the_page_shown_are_recorded(either: Door) -> None:
    token = either.issuer.token(company="life", purposes=["service_provision"])
    query = "{ members(first: 1) { nodes { insurancePolicies { nodes { no } } } } }"
    await either.ask(query, token=token, purpose="service_provision")
    (entry,) = await either.entries()
    assert items_of(entry, "m2")["insurancePolicies.no"] == {NUMBER["B-1"]}
    assert set(entry.disclosures[0].members) == {"m2"}


NEXT = """query Next($of: [String!]!) {
  members(first: 1, filter: {insurancePolicies: {some: {no: {in: $of}}}}) {
    nodes { id } more: pageInfo { more: hasNextPage }
  }
}"""


async def test_that_there_is_another_member_beyond_the_page_is_on_record(either: Door) -> None:
    token = either.issuer.token(company="life", purposes=["service_provision"])
    every = "{ members { nodes { insurancePolicies { nodes { no } } } } }"
    told = await either.ask(every, token=token, purpose="service_provision")
    nodes = told["data"]["members"]["nodes"]
    numbers = [each["no"] for node in nodes for each in node["insurancePolicies"]["nodes"]]
    looked = ("insurancePolicies.no", Use.FILTER)
    for named, more in ((numbers, True), (numbers[:1], False)):
        answer = await either.ask(NEXT, {"of": named}, token=token, purpose="service_provision")
        assert answer["data"]["members"]["more"] == {"more": more}
        members = (await either.entries())[-1].disclosures[0].members
        assert set(members) == ({"m2", "m3"} if more else {"m2"})
        assert {looked, ("", Use.SELECT)} <= set(members["m2"].provisions)
    asked = {"of": numbers}
    await either.ask(NEXT, asked, token=token, purpose="service_provision")
    beyond = (await either.entries())[-1].disclosures[0].members["m3"].provisions
    assert beyond.keys() == {looked, ("insurancePolicies", Use.FILTER), ("", Use.COUNT)}
    assert set(beyond["", Use.COUNT]) == {RETURNED}
    assert set(beyond[looked]) == {NUMBER["B-1"]}


async def test_that_there_is_another_row_beyond_the_page_is_on_record(either: Door) -> None:
    query = """query Rows($size: Int!) { memberByAccount(accountId: "card-m1") {
      orders(first: $size, orderBy: {field: AMOUNT}) { edges { cursor } pageInfo { hasNextPage } }
    } }"""
    for size in (1, 50):
        answer = await either.ask(query, {"size": size}, purpose=CARD)
        told = answer["data"]["memberByAccount"]["orders"]["pageInfo"]["hasNextPage"]
        provisions = (await either.entries())[-1].disclosures[0].members["m1"].provisions
        assert (("orders", Use.COUNT) in provisions) == told == (size == 1)
        assert ("orders.amount", Use.ORDER) in provisions


async def test_reading_about_oneself_is_an_entry_too(either: Door) -> None:
    await either.ask("{ me { fullName } }", token=either.issuer.member("m2"))
    (entry,) = await either.entries()
    assert (entry.role, entry.subject, entry.purpose) == ("member", "m2", "subject_request")
    assert items_of(entry, "m2") == {"": {RETURNED}, "fullName": {SELF}}


async def test_an_officer_who_looks_at_a_member_is_recorded(either: Door) -> None:
    token = either.issuer.token(company="*", role="officer", purposes=None)
    sent = {"id": either.checkpoint.seal.node_id("officer:*", "Member", "m4")}
    query = "query Q($id: ID!) { member(id: $id) { fullName } }"
    await either.ask(query, sent, token=token)
    (entry,) = await either.entries()
    assert (entry.role, entry.company, entry.purpose) == ("officer", "*", "audit")
    assert items_of(entry, "m4") == {"": {RETURNED}}


async def test_the_catalogue_is_no_personal_data(either: Door) -> None:
    await either.ask("{ companies { key } viewer { role } }")
    assert await either.entries() == []


async def test_without_a_ledger_nothing_leaves_and_it_recovers_by_itself(either: Door) -> None:
    await either.ask(SHOWN, purpose=CARD)
    ledger = either.checkpoint.ledger.database
    async with ledger.write() as connection:
        await connection.run_sync(LEDGER_ENTRY.drop)
    response = await either.send(SHOWN, purpose=CARD)
    assert response.status_code == 503
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "LEDGER_UNAVAILABLE"
    assert "data" not in response.json()
    assert "見本" not in response.text
    assert (await either.client.get("/readyz")).status_code == 503
    await either.ask("{ companies { key } }")

    async with ledger.write() as connection:
        await connection.run_sync(LEDGER_ENTRY.create)
    await either.ask(SHOWN, purpose=CARD)
    assert (await either.client.get("/readyz")).status_code == 200
    assert len(await either.entries()) == 1


async def test_a_record_holds_no_value(either: Door) -> None:
    answer = await either.ask(SHOWN, purpose=CARD)
    (entry,) = await either.entries()
    assert answer["data"]["first"]["name"] not in repr(entry)
    assert "card-m1" not in repr(entry)
