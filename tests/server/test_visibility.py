"""Who exists for whom: a member is visible iff at least one scalar or row is open to the caller."""

from typing import Any

import pytest

from tests.door import Door

pytestmark = pytest.mark.anyio

MEMBERS = """
query Members($first: Int) {
  members(first: $first) {
    nodes {
      loginName
      fullName
      orders { nodes { merchant { key } items } }
      insurancePolicies { nodes { no acquiredBy { key } } }
      healthRecords { nodes { kind } }
    }
    pageInfo { hasNextPage }
  }
}
"""
ONE = "query One($id: ID!) { member(id: $id) { fullName } node(id: $id) { id } }"


async def members(door: Door, company: str, purpose: str) -> list[dict[str, Any]]:
    token = door.issuer.token(company=company, purposes=[purpose])
    answer = await door.ask(MEMBERS, {"first": 100}, token=token, purpose=purpose)
    assert answer["data"]["members"]["pageInfo"] == {"hasNextPage": False}
    nodes: list[dict[str, Any]] = answer["data"]["members"]["nodes"]
    return nodes


def node_id(door: Door, company: str, member: str) -> str:
    return door.checkpoint.seal.node_id(f"company:{company}", "Member", member)


async def test_an_insurer_sees_members_by_a_policy_though_no_scalar_is_open(either: Door) -> None:
    found = await members(either, "life", "service_provision")
    assert [each["insurancePolicies"]["nodes"][0]["no"] for each in found] == [
        "SSI-0002",
        "SSI-0003",
    ]
    assert {each["fullName"] for each in found} == {None}
    assert {each["loginName"] for each in found} == {None}
    assert {str(each["healthRecords"]) for each in found} == {"None"}


async def test_a_merchant_sees_members_by_its_own_orders_alone(either: Door) -> None:
    found = await members(either, "shop_tea", "merchant_fulfil")
    orders = [each["orders"]["nodes"] for each in found]
    assert [rows[0]["items"][0] for rows in orders] == ["深蒸し煎茶 100g", "ほうじ茶 200g"]
    assert [[order["merchant"]["key"] for order in rows] for rows in orders] == [["shop_tea"]] * 2
    assert {each["fullName"] for each in found} == {None}


async def test_lapsed_contracts_hide_a_member_until_a_limited_purpose_is_stated(
    either: Door,
) -> None:
    open_now = await members(either, "ssi", "service_provision")
    assert [each["insurancePolicies"]["nodes"][0]["no"] for each in open_now] == [
        "SSI-0002",
        "SSI-0003",
        "SSI-0005",
        "SSI-0006",
    ]
    token = either.issuer.token(company="ssi", purposes=["service_provision"])
    sent = {"id": node_id(either, "ssi", "m7")}
    hidden = await either.ask(ONE, sent, token=token, purpose="service_provision")
    assert hidden["data"] == {"member": None, "node": None}
    (lapsed,) = await members(either, "ssi", "retention_dispute")
    assert [policy["no"] for policy in lapsed["insurancePolicies"]["nodes"]] == ["SSI-0007"]


async def test_nobody_is_there_for_a_company_that_nothing_is_open_to(either: Door) -> None:
    assert await members(either, "asia_sg", "own:asia_sg:service") == []
    assert await members(either, "shop_book", "merchant_analysis") == []


async def test_hidden_and_unknown_members_answer_alike(either: Door) -> None:
    """m1 has no link to the bank, m4's account is closed, m8 never had one, m9 is nobody."""
    bodies = set()
    for member in ("m1", "m4", "m8", "m9"):
        token = either.issuer.token(company="bank", purposes=["own:bank:service"])
        sent = {"id": node_id(either, "bank", member)}
        response = await either.send(ONE, sent, token=token, purpose="own:bank:service")
        assert response.status_code == 200
        decision_id = response.json()["extensions"]["privacy"]["decisionId"]
        bodies.add(response.text.replace(decision_id, ""))
    assert len(bodies) == 1
    assert '"member":null,"node":null' in bodies.pop()


async def test_an_unknown_account_id_answers_like_a_hidden_member(either: Door) -> None:
    query = "query Q($id: ID!) { memberByAccount(accountId: $id) { id } }"
    answers = [
        (await either.ask(query, {"id": account}, purpose="own:card:service"))["data"]
        for account in ("card-m4", "card-m99")
    ]
    assert answers == [{"memberByAccount": None}] * 2


async def test_a_list_that_could_not_be_open_is_null_and_one_that_could_is_empty(
    either: Door,
) -> None:
    query = """query Q($id: ID!) { memberByAccount(accountId: $id) {
        insurancePolicies { nodes { no } } healthRecords { nodes { kind } } } }"""
    answer = await either.ask(query, {"id": "card-m1"}, purpose="own:card:service")
    assert answer["data"]["memberByAccount"] == {
        "insurancePolicies": {"nodes": []},
        "healthRecords": None,
    }
    assert answer["extensions"]["privacy"]["withheld"] == [
        {
            "field": "healthRecords",
            "categories": ["sensitive"],
            "reason": "NOT_PERMITTED",
            "count": 1,
        }
    ]


async def test_officers_resolve_any_member_and_read_no_value(either: Door) -> None:
    token = either.issuer.token(company="*", role="officer", purposes=None)
    sealed = either.checkpoint.seal.node_id("officer:*", "Member", "m4")
    answer = await either.ask(ONE, {"id": sealed}, token=token)
    assert answer["data"]["member"] == {"fullName": None}
    assert answer["data"]["node"] == {"id": sealed}


async def test_an_officer_knows_the_members_of_the_own_company_alone(either: Door) -> None:
    token = either.issuer.token(company="ssi", role="officer", purposes=None)
    known = [
        (
            await either.ask(
                ONE,
                {"id": either.checkpoint.seal.node_id("officer:ssi", "Member", member)},
                token=token,
            )
        )["data"]["member"]
        for member in ("m1", "m2", "m7")
    ]
    assert known == [None, {"fullName": None}, {"fullName": None}]


async def test_members_see_themselves_and_nobody_else(either: Door) -> None:
    token = either.issuer.member("m2")
    answer = await either.ask("{ me { fullName } members { nodes { fullName } } }", token=token)
    assert answer["data"]["members"]["nodes"] == [answer["data"]["me"]]
    other = either.checkpoint.seal.node_id("member:m2", "Member", "m1")
    answer = await either.ask(ONE, {"id": other}, token=token)
    assert answer["data"] == {"member": None, "node": None}


async def test_a_merchant_s_officer_knows_who_ordered_there(either: Door) -> None:
    token = either.issuer.token(company="shop_tea", role="officer", purposes=None)
    known = [
        (await either.ask(ONE, {"id": sealed}, token=token))["data"]["member"]
        for sealed in (
            either.checkpoint.seal.node_id("officer:shop_tea", "Member", member)
            for member in ("m1", "m2", "m4")
        )
    ]
    assert known == [{"fullName": None}, None, {"fullName": None}]
