"""What a member wants of whom holds at once: links, mail, advertising, stops, the account."""

from typing import Any

import pytest

from policy.events import EventKind
from tests.acts import codes, do, kinds_since, log_of, member, node_id
from tests.door import Door, refused

pytestmark = pytest.mark.anyio

ERRORS = "userErrors { code field }"


async def read(door: Door, company: str, key: str, purpose: str, fields: str) -> Any:
    """What a company is shown of a member."""
    answered = await door.ask(
        f"query ($id: ID!) {{ member(id: $id) {{ {fields} }} }}",
        {"id": node_id(door, company, key)},
        token=door.issuer.token(company=company, sub=company, purposes=[purpose]),
        purpose=purpose,
    )
    return answered["data"]["member"]


async def own(door: Door, key: str, fields: str) -> Any:
    answered = await door.ask(f"{{ me {{ {fields} }} }}", token=member(door, key))
    return answered["data"]["me"]


def card_purpose(door: Door) -> str:
    every = door.checkpoint.catalogue.purposes.values()
    return next(purpose.key for purpose in every if purpose.owner == "card")


async def test_a_company_that_is_unlinked_sees_nothing_from_then_on(either: Door) -> None:
    purpose = card_purpose(either)
    seen = await read(either, "card", "m1", purpose, "fullName")
    assert seen["fullName"] == "見本 花子"
    payload = await do(
        either,
        "unlinkAccount",
        member(either, "m1"),
        f"member {{ linkedCompanies {{ company {{ key }} }} }} {ERRORS}",
        company="card",
    )
    assert payload == {"member": {"linkedCompanies": []}, "userErrors": []}
    seen = await read(either, "card", "m1", purpose, "fullName")
    assert seen is None or seen["fullName"] is None
    assert codes(await do(either, "linkAccount", member(either, "m1"), company="card")) == []
    seen = await read(either, "card", "m1", purpose, "fullName")
    assert seen["fullName"] == "見本 花子"


async def test_a_company_states_its_account_of_a_link_that_the_member_made(either: Door) -> None:
    await do(either, "linkAccount", member(either, "m1"), company="travel")
    token = either.issuer.token(company="travel", sub="travel", purposes=["id_login"])
    asked = {"memberId": node_id(either, "travel", "m1"), "accountId": "travel-5"}
    await do(either, "linkAccount", token, ERRORS, **asked)
    links = (await own(either, "m1", "linkedCompanies { company { key } accountId }"))[
        "linkedCompanies"
    ]
    assert {"company": {"key": "travel"}, "accountId": "travel-5"} in links


async def test_a_link_without_an_account_is_found_by_no_account(either: Door) -> None:
    """Members state none: until the company does, nobody is behind an empty one."""
    await do(either, "unlinkAccount", member(either, "m1"), company="card")
    await do(either, "linkAccount", member(either, "m1"), company="card")
    purpose = card_purpose(either)
    token = either.issuer.token(company="card", purposes=[purpose])
    query = '{ memberByAccount(accountId: "") { fullName } }'
    assert (await read(either, "card", "m1", purpose, "fullName"))["fullName"] == "見本 花子"
    answered = await either.ask(query, token=token, purpose=purpose)
    assert answered["data"] == {"memberByAccount": None}


async def test_a_stop_request_holds_at_once(either: Door) -> None:
    purpose, token = card_purpose(either), member(either, "m1")
    asked = {"company": "card", "categories": ["profile"]}
    assert codes(await do(either, "requestStop", token, ERRORS, **asked)) == []
    seen = await read(either, "card", "m1", purpose, "fullName loginName")
    assert seen["fullName"] is None
    assert seen["loginName"] == "mihon.hanako"
    assert codes(await do(either, "requestStop", token, ERRORS, company="card")) == []
    assert await read(either, "card", "m1", purpose, "fullName loginName") is None


async def test_a_category_that_is_named_twice_is_stopped_once(door: Door) -> None:
    named = ["profile", "login", "profile"]
    await do(door, "requestStop", member(door, "m1"), ERRORS, company="card", categories=named)
    assert (await log_of(door, "m1"))[-1].categories == ("profile", "login")


async def test_a_wish_about_mail_holds_at_once(either: Door) -> None:
    """m1 wants no mail of rakuten_group, until they do."""
    asked = ("rakuten_group", "m1", "direct_mail", "loginEmail")
    assert (await read(either, *asked)) is None
    for wanted in (True, False):
        payload = await do(
            either,
            "setMailPreference",
            member(either, "m1"),
            "member { mailPreferences { sender { key } wanted } }",
            sender="rakuten_group",
            wanted=wanted,
        )
        wishes = payload["member"]["mailPreferences"]
        assert {"sender": {"key": "rakuten_group"}, "wanted": wanted} in wishes
        seen = await read(either, *asked)
        assert (seen is not None) == wanted


async def test_advertising_made_for_oneself_can_be_put_off(either: Door) -> None:
    asked = ("rakuten_group", "m1", "ad_targeting", "interestSegments")
    assert (await read(either, *asked))["interestSegments"]
    await do(either, "setAdsPreference", member(either, "m1"), ERRORS, wanted=False)
    assert await read(either, *asked) is None
    await do(either, "setAdsPreference", member(either, "m1"), ERRORS, wanted=True)
    assert (await read(either, *asked))["interestSegments"]


async def test_contact_data_are_changed_taken_out_and_left(either: Door) -> None:
    before = await log_of(either, "m1")
    payload = await do(
        either,
        "updateContact",
        member(either, "m1"),
        f"member {{ phone mobilePhone city }} consents {{ state }} {ERRORS}",
        phone="03-1234-5678",
        mobilePhone=None,
    )
    assert payload == {
        "member": {"phone": "03-1234-5678", "mobilePhone": None, "city": "世田谷区"},
        "consents": [],
        "userErrors": [],
    }
    assert await own(either, "m1", "phone") == {"phone": "03-1234-5678"}
    assert await log_of(either, "m1") == before


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"phone": ""},
        {"phone": " "},
        {"city": "x" * 201},
        {"city": "a\0b"},
        {"city": "a\x1bb"},
        {"city": "\u3000"},
    ],
)
async def test_contact_data_are_texts(door: Door, given: dict[str, Any]) -> None:
    query = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) { __typename } }"
    response = await door.send(query, {"input": given}, token=member(door, "m1"))
    answer = refused(response, 400, "BAD_USER_INPUT")
    assert not any(value in str(answer) for value in given.values() if value.strip())


@pytest.mark.parametrize("space", ["\u3000", "\u00a0"])
async def test_a_text_is_spaced_as_people_write_it(door: Door, space: str) -> None:
    written = f"世田谷区{space}一丁目"
    await do(door, "updateContact", member(door, "m1"), ERRORS, addressLine=written)
    assert await own(door, "m1", "addressLine") == {"addressLine": written}


async def test_a_report_becomes_an_inquiry_that_its_company_cannot_read_yet(either: Door) -> None:
    payload = await do(
        either,
        "reportSuspiciousContact",
        member(either, "m1"),
        f"contactPoint member {{ inquiries(last: 1) {{ nodes {{ body at }} }} }} {ERRORS}",
        company="card",
        report="A call in the card's name asked for my password.",
    )
    catalogue = either.checkpoint.catalogue
    assert payload["contactPoint"] == catalogue.companies["card"].contact_point
    found = await own(
        either, "m1", "inquiries(first: 50) { nodes { body acquiredBy { key } channel } }"
    )
    (report,) = [row for row in found["inquiries"]["nodes"] if row["channel"] == "REPORT"]
    assert report["acquiredBy"]["key"] == "card"
    assert report["body"] == "A call in the card's name asked for my password."
    seen = await read(
        either, "card", "m1", card_purpose(either), "inquiries(first: 50) { nodes { body } }"
    )
    assert not [row for row in seen["inquiries"]["nodes"] if row["body"] == report["body"]]


async def test_a_replayed_report_is_one_report(either: Door) -> None:
    for _ in range(2):
        await do(
            either,
            "reportSuspiciousContact",
            member(either, "m1"),
            ERRORS,
            company="card",
            report="Once.",
            idempotencyKey="k-1",
        )
    found = await own(either, "m1", "inquiries(first: 50) { nodes { body } }")
    assert sum(row["body"] == "Once." for row in found["inquiries"]["nodes"]) == 1


async def test_with_the_account_every_consent_ends(either: Door) -> None:
    before = len(await log_of(either, "m2"))
    payload = await do(
        either,
        "closeAccount",
        member(either, "m2"),
        f"member {{ fullName }} consents {{ item {{ key }} state }} {ERRORS}",
    )
    assert payload["userErrors"] == []
    assert payload["member"]["fullName"]
    ended = {each["item"]["key"] for each in payload["consents"] if each["state"] == "ENDED"}
    assert {"A", "B.use", "B.ins_group", "B.group"} <= ended
    assert await kinds_since(either, "m2", before) == [EventKind.ACCOUNT_CLOSED]
    assert await read(either, "life", "m2", "ads_marketing", "fullName") is None
    assert await read(either, "rakuten_group", "m2", "service_provision", "fullName") is None
