"""Filters and pages of `disclosures`: what they say, in pages that nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from tests.clock import START
from tests.door import Door, refused
from tests.telling import (
    AMOUNT,
    BOTH,
    NAME,
    SERVICE,
    company,
    entry,
    id_of,
    nodes,
    officer,
    send,
    told,
    write,
)

pytestmark = pytest.mark.anyio

SHOPPED = {"m1": BOTH, "m2": NAME}


async def test_filters_leave_what_they_say(either: Door) -> None:
    ads = {"purpose": "ads_marketing"}
    bank = {"company": "bank"}
    by_processor = {"company": "courier", "on_behalf_of": "ichiba", "purpose": "order_fulfil"}
    await write(
        either,
        entry(1, {"m1": NAME}),
        entry(2, {"m1": AMOUNT}, **ads),
        entry(3, {"m1": NAME}, **bank),
        entry(4, {"m1": AMOUNT}, **by_processor),
    )
    token = either.issuer.member("m1")

    async def at(**given: Any) -> list[int]:
        found = await nodes(either, token, **given)
        return [int(each["at"][14:16]) for each in found]

    def instant(minutes: int) -> str:
        return (START + timedelta(minutes=minutes)).isoformat()

    assert await at() == [4, 3, 2, 1]
    assert await at(recipients=["card"]) == [2, 1]
    assert await at(recipients=["card", "bank"]) == [3, 2, 1]
    assert await at(recipients=["ichiba"]) == [4]
    assert await at(recipients=[]) == []
    assert await at(recipients=None, purposes=None, since=None) == [4, 3, 2, 1]
    assert await at(purposes=["ads_marketing"]) == [2]
    assert await at(fields=["orders.amount"]) == [4, 2]
    assert await at(fields=["orders.amount"], recipients=["card"]) == [2]
    assert await at(since=instant(2), until=instant(4)) == [3, 2]
    assert await at(memberId=id_of(either, "member:m1", "m1")) == [4, 3, 2, 1]


async def test_a_filter_that_does_not_fit_is_refused(either: Door) -> None:
    token = company(either, "card")
    for given, code in (
        ({"recipients": ["\0"]}, "BAD_USER_INPUT"),
        ({"fields": ["x"] * 101}, "LIMIT_EXCEEDED"),
        ({"memberId": "garbage"}, "BAD_USER_INPUT"),
        ({"memberId": id_of(either, "company:bank")}, "BAD_USER_INPUT"),
    ):
        refused(await send(either, token, "disclosures", filter=given), 400, code)
    for first in (0, 101):
        refused(await send(either, token, "disclosures", first=first), 400, "BAD_USER_INPUT", "100")
    other = {"memberId": id_of(either, "member:m2", "m2")}
    response = await send(either, either.issuer.member("m1"), "disclosures", filter=other)
    refused(response, 400, "BAD_USER_INPUT")


async def test_pages_stay_while_entries_are_added(either: Door) -> None:
    token = either.issuer.member("m1")
    for number in range(1, 8):
        await write(either, entry(number, {"m1": NAME}))
    either.clock.set(START + timedelta(hours=1))
    seen: list[str] = []
    after, before = None, False
    while True:
        page = await told(either, token, "disclosures", first=3, after=after)
        assert page["pageInfo"]["hasPreviousPage"] is before
        seen += [each["at"] for each in page["nodes"]]
        cursors = [each["cursor"] for each in page["edges"]]
        assert [cursors[0], cursors[-1]] == [
            page["pageInfo"]["startCursor"],
            page["pageInfo"]["endCursor"],
        ]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after, before = page["pageInfo"]["endCursor"], True
        await either.checkpoint.ledger.append(entry(60, {"m1": NAME}))
    assert seen == [(START + timedelta(minutes=m)).isoformat()[:19] + "Z" for m in range(7, 0, -1)]


async def test_the_number_of_entries_is_told_where_it_can_be(either: Door) -> None:
    await write(either, *(entry(number, SHOPPED) for number in range(1, 4)))
    mine = await told(either, either.issuer.member("m1"), "disclosures", first=1)
    assert mine["totalCount"] == 3
    narrowed = {"recipients": ["bank"]}
    none = await told(either, either.issuer.member("m1"), "disclosures", filter=narrowed)
    assert (none["totalCount"], none["nodes"], none["pageInfo"]["endCursor"]) == (0, [], None)


async def test_cursors_are_of_one_caller_and_filter_and_of_a_day(either: Door) -> None:
    await write(either, entry(1, SHOPPED), entry(2, SHOPPED))
    page = await told(either, company(either, "card"), "disclosures", first=1)
    after = page["pageInfo"]["endCursor"]

    async def sent(token: str, root: str = "disclosures", **given: Any) -> Any:
        return await send(either, token, root, after=after, **given)

    assert (await sent(company(either, "card"))).status_code == 200
    for token in (company(either, "ichiba"), either.issuer.member("m1"), officer(either, "card")):
        refused(await sent(token), 400, "BAD_CURSOR")
    narrowed = {"purposes": [SERVICE]}
    refused(await sent(company(either, "card"), filter=narrowed), 400, "BAD_CURSOR")
    refused(await sent(company(either, "card"), "receiptRecords"), 400, "BAD_CURSOR")
    refused(
        await send(either, company(either, "card"), "disclosures", after="x"), 400, "BAD_CURSOR"
    )
    either.clock.step(timedelta(days=1))
    refused(await sent(company(either, "card")), 400, "BAD_CURSOR")


async def test_a_member_s_id_is_not_put_into_an_address(either: Door) -> None:
    id_ = id_of(either, "company:card")
    query = f'{{ disclosures(filter: {{memberId: "{id_}"}}) {{ totalCount }} }}'
    response = await either.client.get(
        "/graphql",
        params={"query": query},
        headers={"Authorization": f"Bearer {company(either, 'card')}"},
    )
    refused(response, 400, "BAD_USER_INPUT", "POST")
