"""Filters and pages of `disclosures`: what they say, in pages that nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from resolvers import histories
from tests.clock import START
from tests.door import Door, refused
from tests.telling import (
    AMOUNT,
    NAME,
    SERVICE,
    SHOPPED,
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


async def test_a_filter_that_does_not_fit_is_refused(door: Door) -> None:
    token = company(door, "card")
    for given, code in (
        ({"recipients": ["\0"]}, "BAD_USER_INPUT"),
        ({"fields": ["x"] * 101}, "LIMIT_EXCEEDED"),
        ({"memberId": "garbage"}, "BAD_USER_INPUT"),
        ({"memberId": id_of(door, "company:bank")}, "BAD_USER_INPUT"),
    ):
        refused(await send(door, token, "disclosures", filter=given), 400, code)
    for first in (0, 101):
        refused(await send(door, token, "disclosures", first=first), 400, "BAD_USER_INPUT", "100")
    for audience in ("member:m1", "member:m2"):
        other = {"memberId": id_of(door, audience, "m2")}
        response = await send(door, door.issuer.member("m1"), "disclosures", filter=other)
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


async def test_a_page_looks_into_so_many_entries_and_goes_on_behind_them(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "CHUNK", 2)
    monkeypatch.setattr(histories, "LOOKED_INTO_AT_MOST", 4)
    await write(door, entry(0, {"m1": AMOUNT}), *(entry(n, {"m1": NAME}) for n in range(1, 10)))
    for token in (door.issuer.member("m1"), company(door, "card"), officer(door)):
        pages, after = [], None
        while True:
            page = await told(
                door, token, "disclosures", filter={"fields": ["orders.amount"]}, after=after
            )
            pages.append(len(page["nodes"]))
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert (sum(pages), max(pages), len(pages) >= 3) == (1, 1, True)


async def test_the_number_of_entries_is_told_where_it_can_be(door: Door) -> None:
    await write(door, *(entry(number, SHOPPED) for number in range(1, 4)))
    mine = await told(door, door.issuer.member("m1"), "disclosures", first=1)
    assert mine["totalCount"] == 3
    narrowed = {"recipients": ["bank"]}
    none = await told(door, door.issuer.member("m1"), "disclosures", filter=narrowed)
    assert (none["totalCount"], none["nodes"], none["pageInfo"]["endCursor"]) == (0, [], None)


async def test_cursors_are_of_one_caller_and_filter_and_of_a_day(door: Door) -> None:
    await write(door, entry(1, SHOPPED), entry(2, SHOPPED))
    page = await told(door, company(door, "card"), "disclosures", first=1)
    after = page["pageInfo"]["endCursor"]

    async def sent(token: str, root: str = "disclosures", **given: Any) -> Any:
        return await send(door, token, root, after=after, **given)

    assert (await sent(company(door, "card"))).status_code == 200
    for token in (company(door, "ichiba"), door.issuer.member("m1"), officer(door, "card")):
        refused(await sent(token), 400, "BAD_CURSOR")
    narrowed = {"purposes": [SERVICE]}
    refused(await sent(company(door, "card"), filter=narrowed), 400, "BAD_CURSOR")
    refused(await sent(company(door, "card"), "receiptRecords"), 400, "BAD_CURSOR")
    refused(await send(door, company(door, "card"), "disclosures", after="x"), 400, "BAD_CURSOR")
    door.clock.step(timedelta(days=1))
    refused(await sent(company(door, "card")), 400, "BAD_CURSOR")


async def test_a_member_s_id_is_not_put_into_an_address(door: Door) -> None:
    id_ = id_of(door, "company:card")
    query = f'{{ disclosures(filter: {{memberId: "{id_}"}}) {{ totalCount }} }}'
    response = await door.client.get(
        "/graphql",
        params={"query": query},
        headers={"Authorization": f"Bearer {company(door, 'card')}"},
    )
    refused(response, 400, "BAD_USER_INPUT", "POST")
