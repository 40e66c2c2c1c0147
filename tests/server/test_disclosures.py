"""`disclosures` over HTTP: each reads its own part of the ledger, and that is on record."""

from typing import Any

import pytest

from models.disclosure import RETURNED, Count, Use
from tests.crowd import join, key_of
from tests.door import Door, refused
from tests.telling import (
    AMOUNT,
    BOTH,
    NAME,
    ROOTS,
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


def fields(node: dict[str, Any]) -> set[str]:
    return {each["field"] for each in node["items"]}


def callers(door: Door) -> dict[str, str]:
    return {
        "card": company(door, "card"),
        "card's analyst": company(door, "card", "analyst"),
        "ichiba": company(door, "ichiba"),
        "bank": company(door, "bank"),
        "m1": door.issuer.member("m1"),
        "m2": door.issuer.member("m2"),
        "m3": door.issuer.member("m3"),
        "the group's office": officer(door),
        "card's office": officer(door, "card"),
        "bank's office": officer(door, "bank"),
    }


READ = {
    "card": {"", "fullName", "orders.amount"},
    "card's analyst": {"", "fullName", "orders.amount"},
    "ichiba": {"orders.amount"},
    "bank": None,
    "m1": {"", "fullName", "orders.amount"},
    "m2": {"", "fullName"},
    "m3": None,
    "the group's office": {"", "fullName", "orders.amount"},
    "card's office": {"", "fullName", "orders.amount"},
    "bank's office": None,
}
"""Who reads which items of one entry about m1 and m2; None: does not learn that there is one."""
NUMBERS = {"card": 2, "card's analyst": 2, "ichiba": 1, "m1": 1, "m2": 1}
"""Of how many members; offices are not told numbers below ten."""


async def test_each_role_reads_its_own_part_and_nobody_else_anything(either: Door) -> None:
    await write(either, entry(1, SHOPPED, reference="case 7"))
    for name, token in callers(either).items():
        found = await nodes(either, token)
        wanted = READ[name]
        assert [fields(each) for each in found] == ([] if wanted is None else [wanted]), name
        for each in found:
            assert each["memberCount"] == NUMBERS.get(name), name
            asked_itself = name not in {"ichiba", "m1", "m2"}
            assert each["decisionId"] == ("written-1" if asked_itself else None), name
            assert each["reference"] == ("case 7" if asked_itself else None), name
            assert (each["memberId"] is not None) == (name in {"m1", "m2"}), name


async def test_without_a_token_nobody_reads_anything(door: Door) -> None:
    for root in ROOTS:
        refused(await send(door, "none", root), 401, "UNAUTHENTICATED")


async def test_real_reads_are_told_to_the_member_and_to_whose_values_they_were(
    either: Door,
) -> None:
    asked = '{ memberByAccount(accountId: "card-m1") { fullName orders { nodes { amount } } } }'
    await either.ask(asked, purpose=SERVICE)
    (mine,) = await nodes(either, either.issuer.member("m1"))
    (name,) = [each for each in mine["items"] if each["field"] == "fullName"]
    assert (name["acquiredBy"]["key"], name["source"], name["use"]) == (
        "rakuten_group",
        "ACCOUNT",
        "SELECT",
    )
    (theirs,) = await nodes(either, company(either, "ichiba"))
    assert fields(theirs) == {"orders", "orders.amount"}
    assert {each["acquiredBy"]["key"] for each in theirs["items"]} == {"ichiba"}


async def test_an_office_is_told_numbers_in_tens_and_none_below_ten(either: Door) -> None:
    many = {f"x{number}": NAME for number in range(23)}
    one_less = {key: each for key, each in many.items() if key != "x7"}
    few = dict(list(many.items())[:9])
    for number, members in enumerate((many, one_less, few), 1):
        counts = (Count("members", ("fullName",), len(members)),)
        await write(either, entry(number, members, counts=counts))
    for office in ("*", "card"):
        found = await nodes(either, officer(either, office))
        assert [each["memberCount"] for each in found] == [None, 20, 20]
        assert [each["counts"][0]["number"] for each in found] == [None, 20, 20]
        assert {each["withheld"] for each in found} == {None}
        assert not any(each["memberId"] for each in found)
        assert "fewer than ten members’" in found[0]["sentence"]["en"]
        assert "at least 20 members’" in found[1]["sentence"]["en"]
        assert "23" not in found[2]["sentence"]["en"].partition(",")[2]
    exact = await nodes(either, company(either, "card"))
    assert [each["memberCount"] for each in exact] == [9, 22, 23]


async def test_no_filter_of_an_office_changes_the_number_that_an_entry_tells(
    either: Door,
) -> None:
    """Else the members with a field could be taken from the members without it."""
    members = {f"x{number}": BOTH if number < 12 else NAME for number in range(21)}
    await write(either, entry(1, members))
    for given in (
        {},
        {"fields": ["orders.amount"]},
        {"fields": ["fullName"]},
        {"recipients": ["card"], "purposes": [SERVICE]},
        {"since": "2026-06-15T00:00:00Z", "until": "2026-06-16T00:00:00Z"},
    ):
        (only,) = await nodes(either, officer(either), **given)
        assert only["memberCount"] == 20, given
        assert fields(only) == {"", "fullName", "orders.amount"}, given


async def test_an_office_that_names_a_member_sees_that_one_and_the_member_sees_it(
    either: Door,
) -> None:
    await write(either, entry(1, SHOPPED), entry(2, {"m2": NAME}))
    id_ = id_of(either, "officer:*", "m1")
    (only,) = await nodes(either, officer(either), memberId=id_)
    assert fields(only) == {"", "fullName", "orders.amount"}
    assert (only["memberId"], only["memberCount"]) == (id_, 1)
    recorded = (await either.entries())[-1]
    assert list(recorded.disclosures[0].members) == ["m1"]
    page = await told(either, either.issuer.member("m1"), "disclosures", first=1)
    assert page["nodes"][0]["role"] == "OFFICER"


async def test_an_office_s_read_about_a_member_is_on_record_also_when_they_are_gone(
    either: Door,
) -> None:
    await write(either, entry(1, {"gone": NAME}))
    (only,) = await nodes(either, officer(either), memberId=id_of(either, "officer:*", "gone"))
    assert only["memberCount"] == 1
    (disclosure,) = (await either.entries())[-1].disclosures
    assert disclosure.members["gone"].provisions.keys() == {
        (path, Use.SELECT) for path in ("", "disclosures")
    }


async def test_reading_is_on_record_with_how_much_was_told(either: Door) -> None:
    await write(either, entry(1, SHOPPED), entry(2, SHOPPED))
    await told(either, company(either, "card"), "disclosures", first=1)
    recorded = (await either.entries())[-1]
    assert recorded.company == "card"
    (disclosure,) = recorded.disclosures
    assert (disclosure.counts, disclosure.members) == ((Count("disclosures", (), 1),), {})
    await told(either, either.issuer.member("m1"), "disclosures")
    own = (await either.entries())[-1].disclosures[0].members["m1"].provisions
    assert own == {(path, Use.SELECT): {RETURNED} for path in ("", "disclosures")}


async def test_what_is_not_a_provider_s_own_does_not_show_in_what_it_asks_for(
    either: Door,
) -> None:
    """Whom a recipient saw beside, and which other items, is not the provider's to find out."""
    await write(either, entry(1, {"m1": BOTH, "m2": NAME}), entry(2, {"m2": NAME}))
    for token, audience in (
        (company(either, "ichiba"), "company:ichiba"),
        (officer(either, "ichiba"), "officer:ichiba"),
    ):
        for given in ({"fields": ["fullName"]}, {"memberId": id_of(either, audience, "m2")}):
            page = await told(either, token, "disclosures", filter=given, first=1)
            assert page["nodes"] == []
            assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (None, False)
        own = await nodes(either, token, fields=["orders.amount"])
        assert [fields(each) for each in own] == [{"orders.amount"}]
        named = await nodes(either, token, memberId=id_of(either, audience, "m1"))
        assert [fields(each) for each in named] == [{"orders.amount"}]


async def test_a_processor_reads_one_mandate_at_a_time(either: Door) -> None:
    mandate = {"company": "callcenter", "purpose": "inquiry_response"}
    await write(
        either,
        entry(1, {"m1": AMOUNT}, **mandate, on_behalf_of="ichiba"),
        entry(2, {"m1": AMOUNT}, **mandate, on_behalf_of="travel"),
    )
    for controller, minutes in (("ichiba", 1), ("travel", 2)):
        token = company(either, "callcenter", on_behalf_of=controller)
        (only,) = await nodes(either, token)
        assert int(only["at"][14:16]) == minutes
        assert (only["recipient"]["key"], only["via"]["key"]) == (controller, "callcenter")
    assert await nodes(either, company(either, "callcenter")) == []
    by_controller = await nodes(either, company(either, "ichiba"))
    assert [each["via"]["key"] for each in by_controller] == ["callcenter"] * 2


async def test_a_company_that_names_a_member_sees_that_one_also_when_they_are_gone(
    either: Door,
) -> None:
    await write(either, entry(1, {"m1": BOTH, "m2": NAME, "gone": NAME}))
    for member in ("m1", "gone"):
        (only,) = await nodes(
            either, company(either, "card"), memberId=id_of(either, "company:card", member)
        )
        assert only["memberCount"] == 1
        assert ("orders.amount" in fields(only)) == (member == "m1")


async def test_ids_of_one_entry_differ_between_its_readers(door: Door) -> None:
    await write(door, entry(1, SHOPPED))
    told_to = [await nodes(door, token) for token in callers(door).values()]
    ids = [each["id"] for found in told_to for each in found]
    assert len(ids) == 7
    assert len(set(ids)) == 6  # card's system and its analyst are one audience


async def test_a_list_of_members_is_one_disclosure_to_who_asked(either: Door) -> None:
    await join(either, range(4))
    asked = either.issuer.token(company="ichiba", purposes=["service_provision"])
    await either.ask(
        "{ members { nodes { loginName } } }", token=asked, purpose="service_provision"
    )
    (only,) = await nodes(either, company(either, "ichiba"))
    recorded = (await either.entries())[0].disclosures[0].members
    assert only["memberCount"] == len(recorded)
    assert {key_of(0), key_of(1)} <= recorded.keys()
