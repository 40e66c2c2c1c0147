"""Beside what opened each item the ledger says whose it was; and how much of whom was withheld."""

from collections.abc import Mapping

import pytest

from models.disclosure import RETURNED, Item, MemberDisclosure, Opened, Origin, Use
from models.provenance import OF_ACCOUNT
from resolvers.entry import ACCOUNT_ID
from tests.crowd import ask, caller, recorded
from tests.door import Door

pytestmark = pytest.mark.anyio

BY_ICHIBA = Origin("ichiba", "ORDER", "WEB")
BY_TRAVEL = Origin("travel", "ORDER", "WEB")

Origins = Mapping[Item, frozenset[Origin | None]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def told(door: Door, below: str, number: int = 3, given: str = "") -> MemberDisclosure:
    """Ask for this below one member of the crowd, and give what the ledger holds of it."""
    name = f"crowd-{number:02}"
    sought = f'filter: {{ loginName: {{ eq: "{name}.login" }} {given} }}'
    data = await ask(door, f"{{ members({sought}) {{ nodes {{ {below} }} }} }}")
    assert len(data["members"]["nodes"]) == 1
    (disclosure,) = (await recorded(door)).disclosures
    return disclosure.members[name]


def origins(told: MemberDisclosure) -> Origins:
    return {item: frozenset(each.origin for each in opened) for item, opened in told.items.items()}


async def test_the_accounts_values_are_of_the_one_who_keeps_the_accounts(crowd: Door) -> None:
    """The member as such is nobody's."""
    ordered = "members(orderBy: [{ field: PREFECTURE }], first: 1) { nodes { fullName } }"
    await ask(crowd, f"{{ {ordered} }}")
    (disclosure,) = (await recorded(crowd)).disclosures
    (member,) = disclosure.members.values()
    assert origins(member) == {
        ("", Use.SELECT): {None},
        ("fullName", Use.SELECT): {OF_ACCOUNT},
        ("prefecture", Use.ORDER): {OF_ACCOUNT},
    }


async def test_a_row_and_its_values_are_of_whoever_acquired_the_row(crowd: Door) -> None:
    """Of the orders of crowd-03 the second is of travel."""
    member = await told(crowd, "orders(filter: { amount: { gt: 1000 } }) { nodes { id status } }")
    found = origins(member)
    assert found["orders", Use.SELECT] == {None, BY_ICHIBA}
    member = await told(crowd, "orders(orderBy: [{ field: AMOUNT }]) { nodes { id status } }")
    for item in (("orders.status", Use.SELECT), ("orders.amount", Use.ORDER)):
        assert origins(member)[item] == {BY_ICHIBA, BY_TRAVEL}
        assert {each.provision > 0 for each in member.items[item]} == {True}


async def test_a_row_that_only_tells_that_more_follow_is_not_on_record(crowd: Door) -> None:
    """However many rows were asked for before, by the same document."""
    document = """query ($first: Int!) {
      members(filter: { loginName: { eq: "crowd-03.login" } }) {
        nodes { orders(orderBy: [{ field: AMOUNT }], first: $first) { nodes { status } } }
      }
    }"""
    for first, whose in (
        (2, {BY_ICHIBA, BY_TRAVEL}),
        (1, {BY_TRAVEL}),
        (2, {BY_ICHIBA, BY_TRAVEL}),
    ):
        await ask(crowd, document, {"first": first})
        (disclosure,) = (await recorded(crowd)).disclosures
        assert origins(disclosure.members["crowd-03"])["orders.status", Use.SELECT] == whose


async def test_rows_that_found_a_member_are_on_record_with_all_who_acquired_them(
    crowd: Door,
) -> None:
    for word in ("some", "none"):
        amount = "gt: 1" if word == "some" else "gt: 999999"
        found = origins(
            await told(crowd, "id", 3, f"orders: {{ {word}: {{ amount: {{ {amount} }} }} }}")
        )
        assert found["orders", Use.FILTER] == {BY_ICHIBA, BY_TRAVEL}
        assert found["orders.amount", Use.FILTER] == {BY_ICHIBA, BY_TRAVEL}


async def test_so_are_rows_of_which_it_is_told_that_they_are_there(crowd: Door) -> None:
    query = 'access(fields: ["orders.amount", "loginName"]) { state }'
    found = origins(await told(crowd, query))
    assert found["orders.amount", Use.COUNT] == {BY_ICHIBA, BY_TRAVEL}
    assert found["loginName", Use.COUNT] == {OF_ACCOUNT}


async def test_a_number_is_of_whoever_acquired_the_rows_that_were_looked_at(
    crowd: Door,
) -> None:
    """Also where none of them was counted."""
    for least in (1, 999999):
        query = f"orders(filter: {{ amount: {{ gt: {least} }} }}) {{ totalCount }}"
        found = origins(await told(crowd, query))
        for path in ("orders", "orders.amount"):
            assert found[path, Use.COUNT] == {BY_ICHIBA, BY_TRAVEL}


async def test_a_number_and_a_list_without_rows_are_of_nobody(crowd: Door) -> None:
    """crowd-08 has no orders."""
    counted = "orders(filter: { amount: { gt: 1 } }) { totalCount nodes { id } }"
    found = origins(await told(crowd, counted, 8))
    orders = {item: each for item, each in found.items() if item[0].startswith("orders")}
    assert set(orders.values()) == {frozenset({None})}


async def test_an_account_id_is_the_asking_company_s_own(door: Door) -> None:
    found = '{ memberByAccount(accountId: "card-m1") { id } }'
    await door.ask(found, **caller(door, "card", "own:card:service"))
    (disclosure,) = (await recorded(door)).disclosures
    opened = disclosure.members["m1"].items[ACCOUNT_ID, Use.FILTER]
    assert opened == {Opened(RETURNED)}


async def test_each_cell_that_is_withheld_counts_once_of_its_member(crowd: Door) -> None:
    """crowd-01 asked ichiba to stop using the profile; health records are never open to it."""
    await ask(
        crowd,
        """{ members(first: 100, filter: { loginName: { startsWith: "crowd-" } }) {
          nodes { fullName again: fullName gender pointBalance healthRecords { nodes { id } } }
          edges { node { n: fullName healthRecords { totalCount } } } } }""",
    )
    (disclosure,) = (await recorded(crowd)).disclosures
    assert disclosure.members["crowd-01"].withheld == {"NOT_OPEN": 2, "NOT_PERMITTED": 1}
    assert disclosure.members["crowd-00"].withheld == {"NOT_PERMITTED": 1}
    told = sum(sum(each.withheld.values()) for each in disclosure.members.values())
    assert told == sum(disclosure.withheld.values())


async def test_what_a_member_is_told_of_others_eyes_is_on_record_with_its_origin(
    crowd: Door,
) -> None:
    query = """{ me { asSeenBy(company: "ichiba", purpose: "service_provision") {
        fullName orders { nodes { amount } } } } }"""
    await crowd.ask(query, token=crowd.issuer.member("crowd-03"))
    (disclosure,) = (await recorded(crowd)).disclosures
    member = disclosure.members["crowd-03"]
    assert origins(member)["orders.amount", Use.SELECT] == {BY_ICHIBA, BY_TRAVEL}
    assert member.withheld == {}
