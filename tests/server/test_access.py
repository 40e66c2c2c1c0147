"""How each field of a member stands for the caller: visible, absent or withheld, and why."""

from typing import Any

import pytest
from sqlalchemy import delete, update

from models.disclosure import Use
from models.tables import ACCOUNT, FRAUD_SIGNAL, ORDERS, RELATIONS
from tests.door import Door, refused
from tests.real import CATALOGUE
from tests.statements import counting

pytestmark = pytest.mark.anyio

ACCESS = "access(fields: $fields) { field state reason }"
BY_ACCOUNT = (
    f"query Q($id: ID!, $fields: [String!]) {{ memberByAccount(accountId: $id) {{ {ACCESS} }} }}"
)
ONE = f"query Q($id: ID!, $fields: [String!]) {{ member(id: $id) {{ {ACCESS} }} }}"
ME = f"query Q($fields: [String!]) {{ me {{ {ACCESS} }} }}"

States = dict[str, tuple[str, str | None]]


def told(member: dict[str, Any]) -> States:
    return {each["field"]: (each["state"], each["reason"]) for each in member["access"]}


async def seen_by_card(door: Door, *fields: str, member: str = "m1") -> States:
    sent = {"id": f"card-{member}", "fields": fields or None}
    answer = await door.ask(BY_ACCOUNT, sent, purpose="own:card:service")
    return told(answer["data"]["memberByAccount"])


async def test_companies_learn_how_a_field_stands_with_a_coarse_reason(either: Door) -> None:
    states = await seen_by_card(
        either, "fullName", "ekycStatus", "orders.items", "insurancePolicies.no", "claims.diagnosis"
    )
    assert states == {
        "fullName": ("VISIBLE", None),
        "ekycStatus": ("WITHHELD", "NOT_PERMITTED"),
        "orders.items": ("VISIBLE", None),
        "insurancePolicies.no": ("ABSENT", None),
        "claims.diagnosis": ("WITHHELD", "NOT_PERMITTED"),
    }


async def test_a_link_that_is_missing_is_not_told_to_a_company(either: Door) -> None:
    """m2 has no link with `mobile`: what one would open is NOT_OPEN, and no more is said."""
    token = either.issuer.token(company="mobile", purposes=["own:mobile:service"])
    sealed = either.checkpoint.seal.node_id("company:mobile", "Member", "m2")
    sent = {"id": sealed, "fields": ["customerRecords.name", "fullName", "ekycStatus"]}
    answer = await either.ask(ONE, sent, token=token, purpose="own:mobile:service")
    assert told(answer["data"]["member"]) == {
        "customerRecords.name": ("VISIBLE", None),
        "fullName": ("WITHHELD", "NOT_OPEN"),
        "ekycStatus": ("WITHHELD", "NOT_PERMITTED"),
    }


async def test_a_missing_value_that_is_open_is_absent(either: Door) -> None:
    async with either.checkpoint.database.write() as connection:
        await connection.execute(update(ACCOUNT).values(full_name=None))
        await connection.execute(update(ORDERS).values(items=None))
    assert await seen_by_card(either, "fullName", "orders.items", "orders.status") == {
        "fullName": ("ABSENT", None),
        "orders.items": ("ABSENT", None),
        "orders.status": ("VISIBLE", None),
    }


async def test_rows_that_are_hidden_and_rows_that_are_not_there_stand_alike(either: Door) -> None:
    """The merchant's own orders are gone; the other merchant's stay hidden as they were."""
    token = either.issuer.token(company="shop_tea", purposes=["merchant_fulfil"])
    sealed = either.checkpoint.seal.node_id("company:shop_tea", "Member", "m1")
    sent = {"id": sealed, "fields": ["orders.items"]}
    asked = {"token": token, "purpose": "merchant_fulfil"}
    before = (await either.ask(ONE, sent, **asked))["data"]["member"]
    assert told(before) == {"orders.items": ("VISIBLE", None)}
    async with either.checkpoint.database.write() as connection:
        mine = (ORDERS.c.member_key == "m1") & (ORDERS.c.merchant == "shop_tea")
        await connection.execute(update(ORDERS).where(mine).values(items=None))
    after = (await either.ask(ONE, sent, **asked))["data"]["member"]
    assert told(after) == {"orders.items": ("ABSENT", None)}


async def test_without_a_list_of_fields_every_personal_field_is_told(either: Door) -> None:
    states = await seen_by_card(either)
    stored = [path for path, each in CATALOGUE.fields.items() if each.relation in RELATIONS]
    assert list(states) == stored
    assert {state for state, _ in states.values()} == {"VISIBLE", "ABSENT", "WITHHELD"}
    assert {reason for _, reason in states.values()} == {None, "NOT_PERMITTED"}


async def test_no_field_asked_is_no_field_told(door: Door) -> None:
    sent = {"id": "card-m1", "fields": []}
    answer = await door.ask(BY_ACCOUNT, sent, purpose="own:card:service")
    assert answer["data"]["memberByAccount"] == {"access": []}


async def test_a_field_named_twice_is_told_once(door: Door) -> None:
    assert await seen_by_card(door, "city", "city") == {"city": ("VISIBLE", None)}
    sent = {"id": "card-m1", "fields": ["city", "city"]}
    answer = await door.ask(BY_ACCOUNT, sent, purpose="own:card:service")
    assert len(answer["data"]["memberByAccount"]["access"]) == 1


@pytest.mark.parametrize("field", ["password", "orders", "", "id", "見本 花子"])
async def test_what_is_no_field_is_refused_without_repeating_it(door: Door, field: str) -> None:
    sent = {"id": "card-m1", "fields": ["city", field]}
    response = await door.send(BY_ACCOUNT, sent, purpose="own:card:service")
    refused(response, 400, "BAD_USER_INPUT", "Entry 2 of `fields`")
    assert await door.entries() == []


async def test_members_are_told_what_the_law_withholds_whether_or_not_it_is_there(
    either: Door,
) -> None:
    token = either.issuer.member("m1")
    sent = {"fields": ["fullName", "orders.items", "claims.status", "fraudSignals.kind"]}
    expected = {
        "fullName": ("VISIBLE", None),
        "orders.items": ("VISIBLE", None),
        "claims.status": ("ABSENT", None),
        "fraudSignals.kind": ("WITHHELD", "WITHHELD_BY_LAW"),
    }
    assert told((await either.ask(ME, sent, token=token))["data"]["me"]) == expected
    shown = await either.ask("{ me { fraudSignals { nodes { id } } } }", token=token)
    (withheld,) = shown["extensions"]["privacy"]["withheld"]
    assert (withheld["field"], withheld["reason"]) == ("fraudSignals", "WITHHELD_BY_LAW")
    async with either.checkpoint.database.write() as connection:
        assert (await connection.execute(delete(FRAUD_SIGNAL))).rowcount > 0
    assert told((await either.ask(ME, sent, token=token))["data"]["me"]) == expected


async def test_officers_are_told_that_nothing_could_open_anything_to_them(either: Door) -> None:
    token = either.issuer.token(company="*", role="officer", purposes=None)
    sealed = either.checkpoint.seal.node_id("officer:*", "Member", "m1")
    answer = await either.ask(ONE, {"id": sealed, "fields": None}, token=token)
    assert set(told(answer["data"]["member"]).values()) == {("WITHHELD", "NOT_PERMITTED")}


async def test_every_member_of_a_page_has_an_access_of_their_own(either: Door) -> None:
    query = """{ members(first: 50) { nodes {
        id customerRecords { nodes { name } } access(fields: ["customerRecords.name"]) { state }
    } } }"""
    token = either.issuer.token(company="ssi", purposes=["policy_servicing"])
    answer = await either.ask(query, token=token, purpose="policy_servicing")
    nodes = answer["data"]["members"]["nodes"]
    assert len(nodes) > 2
    for node in nodes:
        (access,) = node["access"]
        rows = node["customerRecords"]
        names = [row["name"] for row in rows["nodes"]] if rows else []
        assert access["state"] == ("VISIBLE" if any(names) else "ABSENT" if rows else "WITHHELD")


async def test_whether_something_is_there_is_on_record_as_a_use_of_it(either: Door) -> None:
    await seen_by_card(either, "fullName", "orders.items", "ekycStatus")
    (entry,) = await either.entries()
    (disclosure,) = entry.disclosures
    items = disclosure.members["m1"].provisions
    assert {path for path, use in items if use is Use.COUNT} == {"fullName", "orders.items"}
    assert all(min(items[path, Use.COUNT]) > 0 for path in ("fullName", "orders.items"))
    assert not disclosure.disclosed
    assert not disclosure.withheld


async def test_aliases_and_fragments_tell_each_their_own(door: Door) -> None:
    query = """
    query Q($id: ID!) { memberByAccount(accountId: $id) {
      a: access(fields: ["city"]) { field }
      ...Rest
      ... @skip(if: true) { b: access { field } }
    } }
    fragment Rest on Member { c: access(fields: ["phone"]) { __typename state } }
    """
    answer = await door.ask(query, {"id": "card-m1"}, purpose="own:card:service")
    assert answer["data"]["memberByAccount"] == {
        "a": [{"field": "city"}],
        "c": [{"__typename": "FieldAccess", "state": "VISIBLE"}],
    }


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        (["city", "phone"], 1),
        (["city", "orders.items", "orders.amount"], 2),
        (["orders.items", "devices.os", "claims.status"], 4),
        (["healthRecords.kind"], 1),
    ],
)
async def test_one_statement_serves_each_relation_asked_about(
    either: Door, fields: list[str], number: int
) -> None:
    """A relation that could never be open takes none."""
    query = f"query Q($fields: [String!]) {{ members {{ nodes {{ {ACCESS} again: {ACCESS} }} }} }}"
    with counting() as found:
        answer = await either.ask(query, {"fields": fields}, purpose="own:card:service")
    assert answer["data"]["members"]["nodes"]
    assert len(found) == number


async def test_consents_of_several_members_are_read_at_once(either: Door) -> None:
    token = either.issuer.token(company="*", role="officer", purposes=None)
    seal = either.checkpoint.seal
    ids = [seal.node_id("officer:*", "Member", f"m{number}") for number in range(1, 8)]
    query = """query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Member {
        consents { item { key } state } } } }"""
    with counting() as found:
        answer = await either.ask(query, {"ids": ids}, token=token)
    stands = [
        {each["item"]["key"]: each["state"] for each in node["consents"]}
        for node in answer["data"]["nodes"]
    ]
    assert [each["A"] for each in stands] == [*["DEEMED"] * 3, "ENDED", *["DEEMED"] * 3]
    assert [each["B.sensitive"] for each in stands[1:3]] == ["REFUSED", "GRANTED"]
    assert len(found) == 1, "the members; their events hold no personal columns"
