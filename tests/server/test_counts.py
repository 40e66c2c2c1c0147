"""Counts: what the caller could list, whatever the page; on record with what they depend on."""

import pytest

from models.disclosure import RETURNED, Count, Use
from tests.crowd import ask, everybody_seen, recorded
from tests.door import Door
from tests.statements import counting

pytestmark = pytest.mark.anyio

CROWD = '{ loginName: { startsWith: "crowd-" } }'


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def test_a_total_is_of_all_that_is_visible_and_passes(crowd: Door) -> None:
    query = f"""{{
      few: members(first: 2, filter: {CROWD}) {{ totalCount nodes {{ id }} }}
      many: members(first: 100, filter: {CROWD}) {{ totalCount all: totalCount }}
      none: members(filter: {{ or: [] }}) {{ totalCount nodes {{ id }} pageInfo {{ endCursor }} }}
    }}"""
    data = await ask(crowd, query)
    number = len(everybody_seen())
    assert (data["few"]["totalCount"], len(data["few"]["nodes"])) == (number, 2)
    assert data["many"] == {"totalCount": number, "all": number}
    assert data["none"] == {"totalCount": 0, "nodes": [], "pageInfo": {"endCursor": None}}


async def test_a_total_is_the_same_on_every_page_and_behind_the_last(crowd: Door) -> None:
    query = f"""query Q($after: String) {{ members(first: 9, after: $after, filter: {CROWD}) {{
      totalCount nodes {{ id }} pageInfo {{ endCursor }} }} }}"""
    after, totals, sizes = None, set(), list[int]()
    while True:
        page = (await ask(crowd, query, {"after": after}))["members"]
        totals.add(page["totalCount"])
        sizes.append(len(page["nodes"]))
        if not page["nodes"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert totals == {len(everybody_seen())}
    assert sizes == [9, 9, 3, 0]


async def test_a_total_of_rows_counts_the_open_ones_that_pass(crowd: Door) -> None:
    query = f"""{{ members(first: 100, filter: {CROWD}) {{ nodes {{
      loginName
      orders(first: 1) {{ totalCount nodes {{ amount }} }}
      dear: orders(filter: {{ amount: {{ gt: 1500 }} }}) {{ totalCount }}
    }} }} }}"""
    nodes = (await ask(crowd, query))["members"]["nodes"]
    for seen, node in zip(everybody_seen(), nodes, strict=True):
        amounts = [order["amount"] for order in seen["orders"]]
        assert node["loginName"] == seen["login_name"]
        if node["orders"] is None:
            assert node["dear"] is None
            assert not amounts
            continue
        assert node["orders"]["totalCount"] == len(amounts)
        assert node["orders"]["nodes"] == [{"amount": each} for each in amounts[:1]]
        dear = [each for each in amounts if each is not None and each > 1500]
        assert node["dear"] == {"totalCount": len(dear)}


async def test_a_number_alone_reads_no_rows_and_returns_no_member(crowd: Door) -> None:
    with counting() as statements:
        query = f'{{ members(filter: {{ and: [{CROWD}, {{ phone: {{ ne: "x" }} }}] }}) '
        data = await ask(crowd, query + "{ totalCount } }")
    assert data == {"members": {"totalCount": len(everybody_seen())}}
    assert len(statements) == 1
    (disclosure,) = (await recorded(crowd)).disclosures
    assert disclosure.members == {}
    assert disclosure.counts == (Count("members", ("loginName", "phone"), len(everybody_seen())),)


async def test_the_ledger_names_the_rows_and_fields_that_were_counted(crowd: Door) -> None:
    query = """{ members(filter: { loginName: { eq: "crowd-03.login" } }) { nodes {
      a: orders(filter: { amount: { gt: 1 } }) { totalCount }
      b: orders(filter: { amount: { gt: 1 } }) { n: totalCount }
    } } }"""
    assert await ask(crowd, query) == {
        "members": {"nodes": [{"a": {"totalCount": 2}, "b": {"n": 2}}]}
    }
    (disclosure,) = (await recorded(crowd)).disclosures
    counted = {
        path: numbers
        for (path, use), numbers in disclosure.members["crowd-03"].provisions.items()
        if use is Use.COUNT
    }
    assert counted.keys() == {"orders", "orders.amount"}
    assert RETURNED not in frozenset[int]().union(*counted.values())
    assert disclosure.counts == (Count("orders", ("orders.amount",), 2),)


async def test_a_list_that_is_null_is_not_counted(crowd: Door) -> None:
    """crowd-04 asked to stop use of its services."""
    query = """{ members(filter: { loginName: { eq: "crowd-04.login" } }) { nodes {
      healthRecords { totalCount } } } }"""
    assert await ask(crowd, query) == {"members": {"nodes": [{"healthRecords": None}]}}
    (disclosure,) = (await recorded(crowd)).disclosures
    assert disclosure.counts == ()
