"""A company sees its own link and its own preference; the member sees all of them."""

from typing import Any

import pytest

from tests.door import Door

pytestmark = pytest.mark.anyio

LISTS = """
  linkedCompanies { company { key } accountId linkedAt acquiredBy { key } source channel }
  mailPreferences { sender { key } wanted acquiredAt }
  contactPreferences { company { key } means }
"""
CARD = {
    "company": {"key": "card"},
    "accountId": "card-m1",
    "linkedAt": "2023-06-01T10:00:00Z",
    "acquiredBy": {"key": "rakuten_group"},
    "source": "ACCOUNT",
    "channel": "SETTINGS",
}
GROUP_MAIL = {
    "sender": {"key": "rakuten_group"},
    "wanted": False,
    "acquiredAt": "2024-01-15T20:30:00Z",
}
TEA_MAIL = {"sender": {"key": "shop_tea"}, "wanted": False, "acquiredAt": "2024-01-15T20:31:00Z"}
BY_POST = {"company": {"key": "card"}, "means": "POST"}


async def seen_by(door: Door, company: str, purpose: str) -> Any:
    """What a company sees of the lists of m1."""
    token = door.issuer.token(company=company, purposes=[purpose])
    sent = {"id": door.checkpoint.seal.node_id(f"company:{company}", "Member", "m1")}
    query = f"query ($id: ID!) {{ member(id: $id) {{ {LISTS} }} }}"
    answer = await door.ask(query, sent, token=token, purpose=purpose)
    return answer["data"]["member"]


async def test_a_member_sees_every_link_and_every_preference(either: Door) -> None:
    answer = await either.ask(f"{{ me {{ {LISTS} }} }}", token=either.issuer.member("m1"))
    assert answer["data"]["me"] == {
        "linkedCompanies": [CARD],
        "mailPreferences": [GROUP_MAIL, TEA_MAIL],
        "contactPreferences": [BY_POST],
    }


async def test_a_linked_company_sees_its_own_link_for_login_and_for_its_own_purposes(
    either: Door,
) -> None:
    assert (await seen_by(either, "card", "id_login"))["linkedCompanies"] == [CARD]
    seen = await seen_by(either, "card", "own:card:service")
    assert seen["linkedCompanies"] == [CARD]
    assert seen["contactPreferences"] == [BY_POST]


async def test_a_company_that_is_not_linked_has_no_such_list(either: Door) -> None:
    assert (await seen_by(either, "bank", "id_login"))["linkedCompanies"] is None


async def test_a_sender_sees_its_own_wish_and_none_of_another_s(either: Door) -> None:
    group = await seen_by(either, "rakuten_group", "ads_marketing")
    assert group["mailPreferences"] == [GROUP_MAIL]
    travel = await seen_by(either, "travel", "ads_marketing")
    assert travel["mailPreferences"] == []
    assert travel["contactPreferences"] == []


async def test_a_purpose_that_opens_none_has_no_such_list(either: Door) -> None:
    group = await seen_by(either, "rakuten_group", "service_provision")
    assert group == dict.fromkeys(("linkedCompanies", "mailPreferences", "contactPreferences"))


async def test_a_company_finds_its_member_by_the_id_of_the_linked_account(either: Door) -> None:
    token = either.issuer.token(purposes=["id_login"])
    query = """query ($id: String!) {
      members(filter: {linkedCompanies: {some: {accountId: {eq: $id}}}}) { totalCount }
    }"""
    found = {
        account: (await either.ask(query, {"id": account}, token=token, purpose="id_login"))
        for account in ("card-m1", "france_eu-m2", "card-m4")
    }
    counts = {account: each["data"]["members"]["totalCount"] for account, each in found.items()}
    assert counts == {"card-m1": 1, "france_eu-m2": 0, "card-m4": 0}
