"""Pages: each visible member once, a sealed position, and nobody else's cursor."""

from datetime import timedelta
from typing import Any

import pytest

from tests.door import Door
from tests.door import refused as refusal

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


async def test_each_list_is_as_long_as_it_was_asked_to_be(either: Door) -> None:
    query = """{ members(first: 5) { nodes {
      one: orders(first: 1) { nodes { id } } two: orders(first: 2) { nodes { id } } } } }"""
    answer = await either.ask(query, purpose="own:card:service")
    lists = [node for node in answer["data"]["members"]["nodes"] if node["one"]]
    lengths = [(len(each["one"]["nodes"]), len(each["two"]["nodes"])) for each in lists]
    assert max(lengths) == (1, 2)


LISTED = """
query Listed($by: [MemberOrder!], $f: MemberFilter, $first: Int, $last: Int, $after: String,
             $before: String) {
  members(orderBy: $by, filter: $f, first: $first, last: $last, after: $after, before: $before) {
    edges { cursor }
    nodes { loginName }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NAMED = {"f": {"loginName": {"isNull": False}}, "by": [{"field": "LOGIN_NAME"}]}


async def listed(door: Door, **sent: Any) -> dict[str, Any]:
    token = door.issuer.token(company="ichiba", purposes=[PURPOSE])
    answer = await door.ask(LISTED, {**NAMED, **sent}, token=token, purpose=PURPOSE)
    members: dict[str, Any] = answer["data"]["members"]
    return members


def names_of(found: dict[str, Any]) -> list[str]:
    return [node["loginName"] for node in found["nodes"]]


async def test_pages_backward_end_where_the_list_ends(either: Door) -> None:
    whole = names_of(await listed(either, first=100))
    assert whole == sorted(whole)
    walked: list[str] = []
    before, more = None, True
    while more:
        found = await listed(either, last=2, before=before)
        assert names_of(found) == sorted(names_of(found))
        info = found["pageInfo"]
        assert info["hasNextPage"] is (before is not None)
        assert info["startCursor"] == found["edges"][0]["cursor"]
        assert info["endCursor"] == found["edges"][-1]["cursor"]
        walked = names_of(found) + walked
        before, more = info["startCursor"], info["hasPreviousPage"]
    assert walked == whole


async def test_a_page_lies_between_two_cursors(either: Door) -> None:
    whole = await listed(either, first=100)
    cursors, names = [edge["cursor"] for edge in whole["edges"]], names_of(whole)
    between = {"after": cursors[0], "before": cursors[4]}
    forward = await listed(either, first=2, **between)
    assert names_of(forward) == names[1:3]
    assert forward["pageInfo"]["hasNextPage"] is True
    assert forward["pageInfo"]["hasPreviousPage"] is True
    backward = await listed(either, last=2, **between)
    assert names_of(backward) == names[2:4]
    assert names_of(await listed(either, last=100, **between)) == names[1:4]


@pytest.mark.parametrize(
    "changed",
    [
        {"by": [{"field": "LOGIN_NAME", "direction": "DESC"}]},
        {"by": [{"field": "LOGIN_EMAIL"}]},
        {"by": []},
        {"f": {"loginName": {"isNull": True}}},
        {"f": None},
    ],
)
async def test_a_cursor_is_for_one_filter_and_one_order(
    either: Door, changed: dict[str, Any]
) -> None:
    cursor = (await listed(either, first=2))["pageInfo"]["endCursor"]
    token = either.issuer.token(company="ichiba", purposes=[PURPOSE])
    for end in ("after", "before"):
        sent = {**NAMED, **changed, end: cursor}
        response = await either.send(LISTED, sent, token=token, purpose=PURPOSE)
        refusal(response, 400, "BAD_CURSOR", "start again")


async def test_a_cursor_outlives_the_document_it_was_made_in(either: Door) -> None:
    """The names of variables, aliases, page sizes and other fields are the caller's affair."""
    cursor = (await listed(either, first=2))["pageInfo"]["endCursor"]
    query = """query Q($x: String, $y: StringFilter) {
      members { totalCount }
      m: members(last: 50, after: $x, orderBy: {field: LOGIN_NAME direction: ASC},
                 filter: {loginName: $y}) { edges { node { loginName } } }
    }"""
    token = either.issuer.token(company="ichiba", purposes=[PURPOSE])
    sent = {"x": cursor, "y": {"isNull": False}}
    answer = await either.ask(query, sent, token=token, purpose=PURPOSE)
    names = [edge["node"]["loginName"] for edge in answer["data"]["m"]["edges"]]
    assert names == names_of(await listed(either, first=100))[2:]


@pytest.mark.parametrize(
    "arguments", ["first: 0", "first: 101", "last: 0", "last: -1", "last: 101", "first: 1, last: 1"]
)
async def test_a_page_of_another_size_is_refused_naming_the_maximum(
    either: Door, arguments: str
) -> None:
    token = either.issuer.token(company="ichiba", purposes=[PURPOSE])
    below = arguments.replace("101", "51")
    for query, at_most in (
        (f"{{ members({arguments}) {{ totalCount }} }}", 100),
        (f"{{ members {{ nodes {{ orders({below}) {{ totalCount }} }} }} }}", 50),
    ):
        response = await either.send(query, token=token, purpose=PURPOSE)
        refusal(response, 400, "BAD_USER_INPUT", f" {at_most}.")


async def test_rows_are_paged_backward_too(either: Door) -> None:
    query = """query Q($before: String) { memberByAccount(accountId: "card-m1") {
      orders(last: 1, before: $before) { nodes { items }
        pageInfo { hasNextPage hasPreviousPage startCursor } } } }"""
    last = (await either.ask(query, purpose="own:card:service"))["data"]["memberByAccount"]
    assert last["orders"]["pageInfo"]["hasPreviousPage"] is True
    assert last["orders"]["pageInfo"]["hasNextPage"] is False
    sent = {"before": last["orders"]["pageInfo"]["startCursor"]}
    first = (await either.ask(query, sent, purpose="own:card:service"))["data"]["memberByAccount"]
    assert first["orders"]["pageInfo"]["hasPreviousPage"] is False
    assert first["orders"]["pageInfo"]["hasNextPage"] is True
    assert first["orders"]["nodes"] != last["orders"]["nodes"]
