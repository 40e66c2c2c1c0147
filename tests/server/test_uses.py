"""What says that something is not there is on record as well: as a use of what was looked at."""

from collections.abc import Mapping

import pytest

from models.disclosure import RETURNED, SELF_ACCESS, Count, Use
from models.view import View
from models.world import MemberRecord, load
from policy.grant import Asker
from resolvers.entry import ACCOUNT_ID
from tests.crowd import account_of, ask, caller, events_of, orders_of, recorded
from tests.door import Door

pytestmark = pytest.mark.anyio

Provisions = Mapping[tuple[str, Use], frozenset[int]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def uses(door: Door, below: str, number: int = 3) -> Provisions:
    """Ask for this below one member of the crowd, and give what the ledger holds of it."""
    name = f"crowd-{number:02}"
    query = f'{{ members(filter: {{ loginName: {{ eq: "{name}.login" }} }}) '
    data = await ask(door, f"{query} {{ nodes {{ {below} }} }} }}")
    assert len(data["members"]["nodes"]) == 1
    (disclosure,) = (await recorded(door)).disclosures
    return disclosure.members[name].provisions


def of_orders(items: Provisions) -> Provisions:
    return {item: numbers for item, numbers in items.items() if item[0].startswith("orders")}


EMPTY = "orders(filter: { amount: { gt: 999999 } })"
LOOKED_AT = {
    ("orders", Use.SELECT): {RETURNED},
    ("orders.amount", Use.FILTER): {RETURNED},
}


@pytest.mark.parametrize(
    "shown", ["nodes { id }", "edges { cursor }", "pageInfo { hasNextPage }", "nodes { amount }"]
)
async def test_a_search_that_finds_no_row_is_on_record_with_what_it_looked_at(
    crowd: Door, shown: str
) -> None:
    assert of_orders(await uses(crowd, f"{EMPTY} {{ {shown} }}")) == LOOKED_AT


async def test_a_list_without_rows_is_on_record(crowd: Door) -> None:
    """crowd-08 has no orders."""
    items = await uses(crowd, "orders { nodes { amount } }", number=8)
    assert of_orders(items) == {("orders", Use.SELECT): {RETURNED}}


async def test_a_search_that_finds_rows_is_on_record_under_what_opened_them(crowd: Door) -> None:
    found = "orders(filter: { amount: { gt: 1 } }) { nodes { id } }"
    items = of_orders(await uses(crowd, found))
    assert items.keys() == LOOKED_AT.keys()
    assert min(items["orders.amount", Use.FILTER]) > 0


async def test_one_search_that_finds_nothing_shows_beside_one_that_does(crowd: Door) -> None:
    found = "dear: orders(filter: { amount: { gt: 1 } }) { nodes { id } }"
    for below in (f"{found} {EMPTY} {{ nodes {{ id }} }}", f"{EMPTY} {{ nodes {{ id }} }} {found}"):
        numbers = (await uses(crowd, below))["orders.amount", Use.FILTER]
        assert RETURNED in numbers
        assert max(numbers) > 0


async def test_a_list_that_is_withheld_is_no_use_of_it(crowd: Door) -> None:
    """No health record could be open to `ichiba` for this purpose."""
    items = await uses(crowd, "healthRecords { nodes { id } pageInfo { hasNextPage } }")
    assert not [path for path, _ in items if path.startswith("healthRecords")]


async def test_that_a_list_has_nothing_is_on_record_like_that_it_has(crowd: Door) -> None:
    query = 'access(fields: ["orders.amount", "ekycStatus"]) { state }'
    for number, opened in ((3, True), (8, False)):
        items = await uses(crowd, query, number)
        assert {path for path, use in items if use is Use.COUNT} == {"orders.amount"}
        numbers = items["orders.amount", Use.COUNT]
        assert (min(numbers) > 0) if opened else (numbers == {RETURNED})


async def test_a_member_who_finds_nothing_through_a_company_s_eyes_is_on_record(
    crowd: Door,
) -> None:
    query = f"""{{ me {{ asSeenBy(company: "ichiba", purpose: "service_provision") {{
        {EMPTY} {{ nodes {{ id }} }} }} }} }}"""
    await crowd.ask(query, token=crowd.issuer.member("crowd-03"))
    (disclosure,) = (await recorded(crowd)).disclosures
    items = of_orders(disclosure.members["crowd-03"].provisions)
    assert items == LOOKED_AT
    assert SELF_ACCESS not in items["orders.amount", Use.FILTER]


async def test_a_search_that_finds_nobody_is_on_record_with_what_it_looked_at(crowd: Door) -> None:
    sought = '{ fullName: { eq: "nobody" }, orders: { some: { amount: { gt: 1 } } } }'
    answer = await ask(crowd, f"{{ members(filter: {sought}) {{ nodes {{ id }} }} }}")
    assert answer["members"]["nodes"] == []
    (disclosure,) = (await recorded(crowd)).disclosures
    assert disclosure.counts == (Count("members", ("fullName", "orders", "orders.amount"), 0),)


async def test_an_account_id_that_finds_somebody_is_on_record_as_looked_at(door: Door) -> None:
    found = '{ memberByAccount(accountId: "card-m1") { id } }'
    await door.ask(found, **caller(door, "card", "own:card:service"))
    (disclosure,) = (await recorded(door)).disclosures
    assert disclosure.members["m1"].provisions[ACCOUNT_ID, Use.FILTER] == {RETURNED}


@pytest.fixture(scope="module")
async def insured(crowd: Door) -> Door:
    """Without B, ssi sees the recipient's name of an order it took, and not its amount."""
    order = {**orders_of(1)[0], "row_key": "orders-insured", "acquired_by": "ssi"}
    insured = MemberRecord("insured", account_of(1), {"orders": [order]}, events=events_of(1))
    async with crowd.checkpoint.database.write() as connection:
        await load(connection, crowd.checkpoint.catalogue, [insured], crowd.clock())
    return crowd


def opening(door: Door, path: str) -> set[int]:
    """The provisions that can open a field to ssi."""
    grants = door.checkpoint.versions.held.grants
    view = View(grants, Asker("ssi"), "service_provision", door.clock())
    return {way.number for way in view.grant(path).alternatives}


async def test_a_row_is_on_record_under_what_opens_it_whatever_of_it_is_shown(
    insured: Door,
) -> None:
    asked = caller(insured, "ssi", "service_provision")
    for shown in ("id", "acquiredBy { key }", "amount", "amount recipientName"):
        query = f"{{ members(first: 100) {{ nodes {{ orders {{ nodes {{ {shown} }} }} }} }} }}"
        await ask(insured, query, **asked)
        (disclosure,) = (await recorded(insured)).disclosures
        items = disclosure.members["insured"].items
        (row,) = (each for each in items["orders", Use.SELECT] if each.origin)
        assert row.provision in opening(insured, "orders.recipientName")
        assert items.get(("orders.recipientName", Use.SELECT), {row}) == {row}
        assert ("orders.amount", Use.SELECT) not in items


async def test_a_use_is_on_record_under_a_provision_that_opens_the_field(insured: Door) -> None:
    asked = caller(insured, "ssi", "service_provision")
    given = "{ orders: { none: { amount: { gt: 999999 } } } }"
    await ask(insured, f"{{ members(filter: {given}, first: 100) {{ nodes {{ id }} }} }}", **asked)
    (disclosure,) = (await recorded(insured)).disclosures
    assert disclosure.members["insured"].provisions["orders", Use.FILTER]
    for member in disclosure.members.values():
        used = member.provisions.get(("orders.amount", Use.FILTER), frozenset())
        assert used <= opening(insured, "orders.amount")
