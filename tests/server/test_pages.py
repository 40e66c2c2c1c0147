"""Pages: each visible member once, a sealed position, and nobody else's cursor."""

from datetime import timedelta
from typing import Any

import pytest

from tests.door import Door

pytestmark = pytest.mark.anyio

PURPOSE = "service_provision"
PAGE = """
query Page($first: Int, $after: String) {
  members(first: $first, after: $after) {
    edges { cursor node { id loginName } }
    nodes { loginName }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
ORDERS = """
query Orders($after: String) {
  memberByAccount(accountId: "card-m1") {
    orders(first: 1, after: $after) {
      nodes { items }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


async def page(door: Door, company: str = "ichiba", **sent: Any) -> dict[str, Any]:
    token = door.issuer.token(company=company, purposes=[PURPOSE, "ads_marketing"])
    answer = await door.ask(PAGE, sent, token=token, purpose=PURPOSE)
    members: dict[str, Any] = answer["data"]["members"]
    return members


async def refused(door: Door, after: str, company: str, purpose: str) -> str:
    token = door.issuer.token(company=company, purposes=[PURPOSE, "ads_marketing"])
    response = await door.send(PAGE, {"after": after}, token=token, purpose=purpose)
    assert "data" not in response.json()
    code: str = response.json()["errors"][0]["extensions"]["code"]
    return code


async def test_pages_give_each_visible_member_once(either: Door) -> None:
    whole = await page(either, first=100)
    names = [node["loginName"] for node in whole["nodes"]]
    assert len(names) == len(set(names)) == 5
    walked: list[str] = []
    after, more = None, True
    while more:
        found = await page(either, first=2, after=after)
        assert [edge["node"]["loginName"] for edge in found["edges"]] == [
            node["loginName"] for node in found["nodes"]
        ]
        walked += [node["loginName"] for node in found["nodes"]]
        info = found["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert info["startCursor"] == found["edges"][0]["cursor"]
        assert info["endCursor"] == found["edges"][-1]["cursor"]
        after, more = info["endCursor"], info["hasNextPage"]
    assert walked == names


async def test_a_full_last_page_says_that_there_is_none_behind_it(either: Door) -> None:
    assert (await page(either, first=5))["pageInfo"]["hasNextPage"] is False
    assert (await page(either, first=4))["pageInfo"]["hasNextPage"] is True


async def test_behind_the_last_member_there_is_an_empty_page(either: Door) -> None:
    last = (await page(either, first=100))["pageInfo"]["endCursor"]
    empty = await page(either, first=2, after=last)
    assert (empty["edges"], empty["nodes"]) == ([], [])
    assert empty["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


async def test_a_cursor_is_for_one_caller_one_purpose_and_one_list(either: Door) -> None:
    after = (await page(either, first=2))["pageInfo"]["endCursor"]
    assert await refused(either, after, "travel", PURPOSE) == "BAD_CURSOR"
    assert await refused(either, after, "ichiba", "ads_marketing") == "BAD_CURSOR"
    orders = await either.ask(ORDERS, purpose="own:card:service")
    of_orders = orders["data"]["memberByAccount"]["orders"]["pageInfo"]["endCursor"]
    assert await refused(either, of_orders, "ichiba", PURPOSE) == "BAD_CURSOR"


async def test_a_cursor_is_good_for_a_day(either: Door) -> None:
    after = (await page(either, first=2))["pageInfo"]["endCursor"]
    either.clock.step(timedelta(days=1) - timedelta(microseconds=1))
    assert len((await page(either, first=100, after=after))["nodes"]) == 3
    either.clock.step(timedelta(microseconds=1))
    assert await refused(either, after, "ichiba", PURPOSE) == "BAD_CURSOR"


async def test_rows_below_a_member_are_paged_too(either: Door) -> None:
    first = (await either.ask(ORDERS, purpose="own:card:service"))["data"]["memberByAccount"]
    assert first["orders"]["pageInfo"]["hasNextPage"] is True
    sent = {"after": first["orders"]["pageInfo"]["endCursor"]}
    second = (await either.ask(ORDERS, sent, purpose="own:card:service"))["data"]
    assert second["memberByAccount"]["orders"]["pageInfo"]["hasNextPage"] is False
    assert second["memberByAccount"]["orders"]["nodes"] != first["orders"]["nodes"]
