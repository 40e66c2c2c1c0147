"""Rows half open, members hidden among others: what is withheld moves, finds and counts nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert

from models.tables import RELATIONS
from tests.clock import START
from tests.door import Door

pytestmark = pytest.mark.anyio

PURPOSE = "service_provision"
BODIES = {"a1": False, "a2": False, "b": True}
"""What m2 wrote to the insurer, and whether it was screened: a text that was not is withheld."""


async def write_reviews(door: Door) -> None:
    rows = [
        {
            "row_key": f"review-{body}",
            "member_key": "m2",
            "acquired_by": "ssi",
            "source": "MEMBER",
            "channel": "WEB",
            "acquired_at": START,
            "screened": screened,
            "rating": 3,
            "body": body,
        }
        for body, screened in BODIES.items()
    ]
    async with door.checkpoint.database.write() as connection:
        await connection.execute(insert(RELATIONS["reviews"]), rows)


async def members(door: Door, company: str, purpose: str, arguments: str, below: str) -> Any:
    token = door.issuer.token(company=company, purposes=[purpose])
    query = f"{{ members({arguments}) {{ totalCount nodes {{ {below} }} }} }}"
    return (await door.ask(query, token=token, purpose=purpose))["data"]["members"]


async def test_rows_are_ordered_by_what_is_open_of_them(either: Door) -> None:
    await write_reviews(either)
    below = "reviews(first: 1, orderBy: [{field: BODY}]) { nodes { body } }"
    found = await members(either, "ssi", PURPOSE, "first: 1", below)
    assert found["nodes"] == [{"reviews": {"nodes": [{"body": "b"}]}}]


@pytest.mark.parametrize(
    ("condition", "number"),
    [('{eq: "a1"}', 0), ('{startsWith: "a"}', 0), ('{eq: "b"}', 1), ("{isNull: true}", 1)],
)
async def test_a_member_is_not_found_by_the_withheld_part_of_a_row(
    either: Door, condition: str, number: int
) -> None:
    await write_reviews(either)
    searched = f"filter: {{reviews: {{some: {{rating: {{eq: 3}}, body: {condition}}}}}}}"
    assert (await members(either, "ssi", PURPOSE, searched, "id"))["totalCount"] == number


async def test_a_merchant_counts_its_own_orders_alone(either: Door) -> None:
    found = await members(
        either, "shop_tea", "merchant_fulfil", "first: 9", "orders { totalCount }"
    )
    assert found["nodes"] == [{"orders": {"totalCount": 1}}] * 2


@pytest.mark.parametrize(("first", "numbers"), [(1, ["2"]), (3, ["2", "3", "5"])])
async def test_a_page_is_full_however_many_are_hidden_before_and_among_them(
    either: Door, first: int, numbers: Sequence[str]
) -> None:
    below = "insurancePolicies { nodes { no } }"
    found = await members(either, "ssi", PURPOSE, f"first: {first}", below)
    shown = [node["insurancePolicies"]["nodes"][0]["no"] for node in found["nodes"]]
    assert shown == [f"SSI-000{number}" for number in numbers]


@pytest.mark.parametrize(
    ("company", "purpose", "number"),
    [("ssi", PURPOSE, 4), ("shop_tea", "merchant_fulfil", 2), ("shop_book", "merchant_fulfil", 0)],
)
async def test_a_number_of_members_counts_nobody_who_is_hidden(
    either: Door, company: str, purpose: str, number: int
) -> None:
    found = await members(either, company, purpose, "first: 1", "id")
    assert found["totalCount"] == number


async def test_an_account_id_means_nobody_to_another_company(either: Door) -> None:
    query = 'query Q { memberByAccount(accountId: "card-m1") { fullName } }'
    for company, name in (("card", "見本 花子"), ("ichiba", None)):
        purpose = PURPOSE if company == "ichiba" else "own:card:service"
        token = either.issuer.token(company=company, purposes=[purpose])
        answer = await either.ask(query, token=token, purpose=purpose)
        assert answer["data"]["memberByAccount"] == (name and {"fullName": name})
