"""What a caller could be shown, field by field, before anybody is asked about."""

from typing import Any

import pytest
from sqlalchemy import delete

from models.tables import PROJECTIONS
from tests.door import Door, refused
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

QUERY = """
{ myAccess {
    field categories { key } availability reason
    opensWith { provision { key version document { key } } item { key } level condition }
} }
"""

Fields = dict[str, dict[str, Any]]


async def my_access(door: Door, **sent: Any) -> Fields:
    answer = await door.ask(QUERY, **sent)
    assert "extensions" not in answer
    return {each["field"]: each for each in answer["data"]["myAccess"]}


def ways(field: dict[str, Any]) -> list[tuple[str | None, ...]]:
    """Each entry as provision, item, level and condition."""
    return [
        (
            way["provision"] and way["provision"]["key"],
            way["item"] and way["item"]["key"],
            way["level"],
            way["condition"],
        )
        for way in field["opensWith"]
    ]


async def test_every_personal_field_is_there_with_its_categories(door: Door) -> None:
    fields = await my_access(door, purpose="own:card:service")
    told = {path: tuple(c["key"] for c in each["categories"]) for path, each in fields.items()}
    assert told == {path: field.categories for path, field in CATALOGUE.fields.items()}


async def test_a_company_learns_what_would_open_a_field(door: Door) -> None:
    fields = await my_access(door, purpose="own:card:service")
    assert fields["city"]["availability"] == "PER_MEMBER"
    assert fields["city"]["reason"] == "NOT_OPEN"
    assert ways(fields["city"]) == [
        ("A-4-1-2", "A", "DEEMED", "CONSENT"),
        ("A-4-1-2", None, None, "LINKED"),
        ("A-4-1-2", None, None, "PURPOSE_PUBLISHED"),
    ]
    provision = fields["city"]["opensWith"][0]["provision"]
    assert provision == {"key": "A-4-1-2", "version": "2022-03-31", "document": {"key": "DOC_A"}}
    assert ways(fields["payments.amount"]) == [("C-OWN", None, None, None)]


async def test_a_company_learns_what_can_never_be_open(door: Door) -> None:
    fields = await my_access(door, purpose="own:card:service")
    never = fields["healthRecords.value"]
    assert (never["availability"], never["reason"], never["opensWith"]) == (
        "NEVER",
        "NOT_PERMITTED",
        [],
    )


async def test_both_consents_that_a_sensitive_field_takes_are_named(door: Door) -> None:
    token = door.issuer.token(company="life", purposes=["ins_product_rnd"])
    fields = await my_access(door, token=token, purpose="ins_product_rnd")
    assert ways(fields["healthRecords.value"]) == [
        ("B-SENS-1", None, None, "LISTED"),
        ("B-SENS-1", "B.sensitive", "EXPLICIT_SENSITIVE", "CONSENT"),
        ("B-SENS-1", "B.ins_group", "EXPLICIT", "CONSENT"),
    ]


async def test_a_processor_reaches_what_its_contract_holds(door: Door) -> None:
    token = door.issuer.token(
        company="courier", on_behalf_of="ichiba", purposes=["order_fulfil"], role="analyst"
    )
    fields = await my_access(door, token=token, purpose="order_fulfil")
    reached = {path for path, each in fields.items() if each["availability"] != "NEVER"}
    assert reached == {"orders.recipientName", "orders.shippingAddress", "orders.phone"}


async def test_members_always_see_their_own_but_for_what_the_law_withholds(door: Door) -> None:
    fields = await my_access(door, token=door.issuer.member("m1"))
    own, device, signal = (
        fields[path] for path in ("healthRecords.value", "devices.userAgent", "fraudSignals.kind")
    )
    assert (own["availability"], own["reason"], ways(own)) == ("ALWAYS", None, [])
    assert (device["availability"], device["reason"]) == ("PER_MEMBER", "NOT_OPEN")
    assert ways(device) == [(None, None, None, "LOGGED_IN")]
    assert (signal["availability"], signal["reason"]) == ("NEVER", "NOT_PERMITTED")


@pytest.mark.parametrize("office", ["*", "card"])
async def test_officers_are_shown_no_value(door: Door, office: str) -> None:
    token = door.issuer.token(company=office, role="officer", purposes=None)
    fields = await my_access(door, token=token)
    assert {(each["availability"], each["reason"]) for each in fields.values()} == {
        ("NEVER", "NOT_PERMITTED")
    }


async def test_a_company_must_say_for_what(door: Door) -> None:
    refused(await door.send(QUERY), 400, "PURPOSE_REQUIRED", "Sekisho-Purpose")


async def test_it_is_no_read_about_anybody(door: Door) -> None:
    await my_access(door, purpose="own:card:service")
    await my_access(door, token=door.issuer.member("m1"))
    assert await door.entries() == []


async def test_it_is_the_same_whoever_the_members_are(either: Door) -> None:
    before = await my_access(either, purpose="own:card:service")
    async with either.checkpoint.database.write() as connection:
        for table in PROJECTIONS:
            await connection.execute(delete(table))
    assert await my_access(either, purpose="own:card:service") == before
