"""Records of provision and of receipt over HTTP: whose they are, by filters and pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.history import Side
from policy.companies import Succession
from resolvers.readership import readership
from server.operation import begin
from server.said import Said
from tests.door import Door, refused
from tests.telling import (
    AMOUNT,
    BOTH,
    NAME,
    company,
    entry,
    id_of,
    of_values,
    officer,
    records,
    send,
    told,
    write,
    write_purchase,
)

pytestmark = pytest.mark.anyio

BOTH_ROOTS = ("provisionRecords", "receiptRecords")
Record = dict[str, Any]


def keys(found: list[Record]) -> set[tuple[str, str]]:
    return {(each["provider"]["key"], each["recipient"]["key"]) for each in of_values(found)}


GROUP, MARKET = ("rakuten_group", "card"), ("ichiba", "card")
OWN: dict[str, tuple[set[tuple[str, str]], set[tuple[str, str]]]] = {
    "card": (set(), {GROUP, MARKET}),
    "ichiba": ({MARKET}, set()),
    "rakuten_group": ({GROUP}, set()),
    "bank": (set(), set()),
}
"""Company → (provider, recipient) of its records of provision, and of its records of receipt."""


@pytest.mark.parametrize("role", ["service", "analyst", "officer"])
async def test_a_company_lists_its_own_as_provider_and_as_recipient(
    either: Door, role: str
) -> None:
    await write_purchase(either)
    for key, wanted in OWN.items():
        for root, own in zip(BOTH_ROOTS, wanted, strict=True):
            found = await records(either, company(either, key, role), root)
            assert keys(found) == own, (key, root)


async def test_a_member_lists_theirs_on_both_sides_and_the_group_s_office_counts_all(
    either: Door,
) -> None:
    await write_purchase(either)
    for root in BOTH_ROOTS:
        for member, wanted in (("m1", {GROUP, MARKET}), ("m2", {GROUP}), ("m3", set())):
            found = await records(either, either.issuer.member(member), root)
            assert keys(found) == wanted
            assert {each["memberId"] for each in found} <= {
                id_of(either, f"member:{member}", member)
            }
        assert keys(await records(either, officer(either), root)) == {GROUP, MARKET}


async def test_the_two_records_of_one_provision_are_two_objects_to_a_client_s_store(
    door: Door,
) -> None:
    await write_purchase(door)
    token = door.issuer.member("m1")
    lists = [await records(door, token, root) for root in BOTH_ROOTS]
    given, received = ({each["id"] for each in found} for found in lists)
    assert len(given) == len(received) == len(given | received) / 2 > 0


async def test_a_company_knows_members_by_its_own_ids_alone(either: Door) -> None:
    await write_purchase(either)
    for key, root in (("card", "receiptRecords"), ("ichiba", "provisionRecords")):
        found = of_values(await records(either, company(either, key), root))
        known = {id_of(either, f"company:{key}", member) for member in ("m1", "m2")}
        assert found
        assert {each["memberId"] for each in found} <= known


async def test_an_office_is_told_numbers_in_tens_and_no_member(either: Door) -> None:
    many = {f"x{number}": NAME for number in range(23)}
    await write(either, entry(1, many), entry(2, {"y": AMOUNT}))
    for office in ("*", "card"):
        page = await told(either, officer(either, office), "receiptRecords")
        assert page["totalCount"] is None
        found = of_values(page["nodes"])
        numbers = {each["provider"]["key"]: each["memberCount"] for each in found}
        assert numbers == {"rakuten_group": 20, "ichiba": None}
        for each in found:
            told_of_one = ("memberId", "items", "circumstances", "purposes", "consents", "number")
            assert not any(each[name] for name in told_of_one)
            assert each["provision"]["key"] == "A-4-1-2"


async def test_an_office_s_numbers_are_of_whole_months_whatever_the_window(either: Door) -> None:
    """Else a window that cuts one member off would tell of that one."""
    for number in range(20):
        await either.checkpoint.ledger.append(entry(number, {f"x{number}": NAME}))
    july = datetime(2026, 7, 2, tzinfo=UTC)
    await write(either, entry(20, {"x20": NAME}, at=july))

    async def counted(**given: str) -> list[tuple[str, int | None]]:
        found = await records(either, officer(either), "receiptRecords", **given)
        return sorted((each["month"], each["memberCount"]) for each in of_values(found))

    assert await counted() == [("2026-06", 20), ("2026-07", None)]
    for given in (
        {"since": "2026-06-15T00:05:00Z", "until": "2026-06-15T00:06:00Z"},
        {"since": "2026-06-30T23:59:59Z", "until": "2026-07-01T00:00:00Z"},
        {"until": "2026-06-01T00:00:00.000001Z"},
    ):
        assert await counted(**given) == [("2026-06", 20)], given
    assert await counted(since="2026-07-31T00:00:00Z") == [("2026-07", None)]
    assert await counted(until="2026-06-01T00:00:00Z") == []


async def test_the_end_of_the_calendar_ends_an_office_s_window(either: Door) -> None:
    await write_purchase(either)
    last = "9999-12-31T23:59:59Z"
    whole = await records(either, officer(either), "provisionRecords")
    assert whole == await records(either, officer(either), "provisionRecords", until=last)


async def test_an_office_that_names_a_member_reads_their_records_on_record(either: Door) -> None:
    await write_purchase(either)
    named = {"memberId": id_of(either, "officer:card", "m1")}
    found = await records(either, officer(either, "card"), "receiptRecords", **named)
    assert keys(found) == {GROUP, MARKET}
    assert {each["memberId"] for each in found} == {named["memberId"]}
    mine = await told(either, either.issuer.member("m1"), "disclosures", first=1)
    assert mine["nodes"][0]["sentence"]["en"].endswith("looked at your “records of receipt”.")
    recorded = (await either.entries())[-2]
    assert list(recorded.disclosures[0].members) == ["m1"]


async def test_a_processor_s_are_its_controller_s_and_of_one_mandate(either: Door) -> None:
    mandate = {"company": "callcenter", "purpose": "inquiry_response"}
    await write(
        either,
        entry(1, {"m1": AMOUNT}, **mandate, on_behalf_of="travel"),
        entry(2, {"m1": AMOUNT}, **mandate, on_behalf_of="mobile"),
        *(entry(3, {"m1": AMOUNT}, company=key) for key in ("travel", "mobile")),
    )
    for controller in ("travel", "mobile"):
        token = company(either, "callcenter", on_behalf_of=controller)
        (own,) = of_values(await records(either, token, "receiptRecords"))
        assert (own["recipient"]["key"], own["via"]["key"]) == (controller, "callcenter")
        assert own["memberId"] == id_of(either, f"processor:callcenter:{controller}")
        theirs = of_values(await records(either, company(either, controller), "receiptRecords"))
        assert {each["via"] and each["via"]["key"] for each in theirs} == {None, "callcenter"}
        assert await records(either, token, "provisionRecords") == []
    assert await records(either, company(either, "callcenter"), "receiptRecords") == []


async def test_filters_leave_what_they_say(either: Door) -> None:
    await write(
        either,
        entry(1, {"m1": BOTH}),
        entry(2, {"m1": NAME}, company="bank"),
        entry(3, {"m1": AMOUNT}, company="ichiba", purpose="service_provision"),
    )
    token = either.issuer.member("m1")

    async def left(**given: Any) -> set[tuple[str, str]]:
        return keys(await records(either, token, "receiptRecords", **given))

    everything = {GROUP, MARKET, ("rakuten_group", "bank"), ("ichiba", "ichiba")}
    assert await left() == everything
    assert await left(providers=["ichiba"]) == {MARKET, ("ichiba", "ichiba")}
    assert await left(recipients=["card"]) == {GROUP, MARKET}
    assert await left(recipients=["card"], providers=["ichiba"]) == {MARKET}
    assert await left(statutory=False) == {("ichiba", "ichiba")}
    assert await left(provision="A-4-1-2") == everything
    assert await left(provision="B-1") == set()
    assert await left(since="2026-06-15T00:03:00Z") == {("ichiba", "ichiba")}
    assert await left(until="2026-06-15T00:02:00Z") == {GROUP, MARKET}
    refused(
        await send(either, token, "receiptRecords", filter={"provision": "none"}),
        400,
        "BAD_USER_INPUT",
    )


async def test_no_filter_lists_another_company_s(door: Door) -> None:
    await write_purchase(door)
    for given in (
        {"recipients": ["card"]},
        {"recipients": ["card", "bank"]},
        {"memberId": id_of(door, "company:bank")},
    ):
        assert await records(door, company(door, "bank"), "receiptRecords", **given) == []
    for given in ({"providers": ["ichiba"]}, {"recipients": ["card"]}):
        assert await records(door, company(door, "bank"), "provisionRecords", **given) == []


async def test_pages_show_each_record_once_and_cursors_are_their_reader_s(either: Door) -> None:
    await write(either, entry(1, {f"x{number}": NAME for number in range(7)}))
    token, seen, after = company(either, "card"), list[str](), None
    while True:
        page = await told(either, token, "receiptRecords", first=4, after=after)
        seen += [each["id"] for each in page["nodes"]]
        assert page["totalCount"] == 7
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 7
    for other, root in (
        (company(either, "card"), "provisionRecords"),
        (company(either, "bank"), "receiptRecords"),
        (officer(either, "card"), "receiptRecords"),
    ):
        refused(await send(either, other, root, after=after), 400, "BAD_CURSOR")


async def test_reading_records_is_on_record_with_how_many_were_told(door: Door) -> None:
    await write_purchase(door)
    page = await told(door, company(door, "card"), "receiptRecords", first=2)
    (count,) = (await door.entries())[-1].disclosures[0].counts
    assert (count.entry, count.number) == ("receiptRecords", len(page["nodes"]))


async def test_a_successor_reads_as_the_provider_of_what_its_predecessor_acquired(
    door: Door,
) -> None:
    tomorrow = door.clock() + timedelta(days=1)
    successions = (
        Succession("payment", "card", door.clock(), ()),
        Succession("bank", "card", tomorrow, ()),
    )
    catalogue = replace(door.checkpoint.catalogue, successions=successions)
    here = replace(door.checkpoint, catalogue=catalogue)
    said = Said([f"Bearer {company(door, 'card')}"], [], [])
    reader = await readership(await begin(here, said), "provisionRecords", None)
    assert reader.held == {"card", "payment"}
    assert reader.sides is not None
    assert {key for side, key in reader.sides if side is Side.PROVIDER} == reader.held


async def test_rows_of_which_no_value_is_shown_are_provided_under_what_opens_them(
    either: Door,
) -> None:
    """That they are there tells of health, too: the record says by whose consent."""
    rnd = "ins_product_rnd"
    token = either.issuer.token(company="life", purposes=[rnd])
    asked = "{ members { nodes { healthRecords { nodes { id } } } } }"
    await either.ask(asked, token=token, purpose=rnd)
    found = await records(either, token, "receiptRecords", statutory=True)
    assert found
    for record in found:
        assert (record["provider"]["key"], record["items"]) == ("ssi", ["healthRecords"])
        assert record["provision"]["key"] == "B-SENS-1"
        assert record["consented"] is True
        items = {each["item"]["key"] for each in record["consents"]}
        assert items == {"B.sensitive", "B.ins_group"}
        assert "was told what there is of" in record["sentence"]["en"]
    provided = await records(either, company(either, "ssi"), "provisionRecords")
    assert [each["provision"]["key"] for each in provided] == ["B-SENS-1"] * len(found)
