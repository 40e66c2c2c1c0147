"""`readers`: a member is told who can see what, on what basis, and who could."""

from typing import Any

import pytest
from sqlalchemy import delete, update

from models.disclosure import Use
from models.tables import DEVICE
from policy.vocabulary import LinkState
from tests.door import Door, refused
from tests.engines import first_on

pytestmark = pytest.mark.anyio

READERS = """
{
  readers {
    company { key } onBehalfOf { key } purpose { key }
    ways { provision { key } open categories { key } fields code meaning missing { key } }
  }
}
"""
SEEN = """
query Seen($company: ID!, $purpose: ID!, $for: ID) {
  me { asSeenBy(company: $company, purpose: $purpose, onBehalfOf: $for) {
    access { field state reason }
  } }
}
"""
WITHDRAW = """
mutation W($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }
"""
Told = dict[str, Any]


async def readers(door: Door, member: str) -> list[Told]:
    answer = await door.ask(READERS, token=door.issuer.member(member))
    told: list[Told] = answer["data"]["readers"]
    return told


def open_to(reader: Told) -> set[str]:
    return {path for way in reader["ways"] if way["open"] for path in way["fields"]}


@pytest.mark.parametrize("world_url", first_on("postgresql"), indirect=True)
async def test_what_is_told_to_be_open_is_what_the_company_gets(either: Door) -> None:
    told = [each for each in await readers(either, "m2") if open_to(each)]
    assert len(told) > 100
    for each in told[::29]:
        sent = {
            "company": each["company"]["key"],
            "purpose": each["purpose"]["key"],
            "for": each["onBehalfOf"] and each["onBehalfOf"]["key"],
        }
        answer = await either.ask(SEEN, sent, token=either.issuer.member("m2"))
        found = answer["data"]["me"]["asSeenBy"]["access"]
        visible = {field["field"] for field in found if field["state"] == "VISIBLE"}
        assert visible
        assert visible <= open_to(each), each


async def test_a_reader_has_its_provisions_those_that_are_open_first(door: Door) -> None:
    (found,) = [
        each
        for each in await readers(door, "m2")
        if (each["company"]["key"], each["purpose"]["key"]) == ("card", "own:card:marketing")
    ]
    first, second = found["ways"]
    assert first | {"fields": ...} == {
        "provision": {"key": "B-2"},
        "open": True,
        "categories": [{"key": "profile"}, {"key": "service_usage"}, {"key": "device_cookie"}],
        "fields": ...,
        "code": None,
        "meaning": None,
        "missing": [],
    }
    assert (second["open"], second["code"], second["missing"]) == (False, "NOT_LINKED", [])
    assert second["meaning"].endswith(".")


async def test_a_withdrawal_shuts_it_at_once_and_says_what_would_open_it(door: Door) -> None:
    token = door.issuer.member("m2")
    await door.ask(WITHDRAW, {"input": {"items": ["B.group"]}}, token=token)
    ways = [
        way
        for each in await readers(door, "m2")
        for way in each["ways"]
        if (each["purpose"]["key"], way["provision"]["key"]) == ("own:card:marketing", "B-2")
    ]
    assert {(way["open"], way["code"]) for way in ways} == {(False, "CONSENT_WITHDRAWN")}
    assert {item["key"] for way in ways for item in way["missing"]} == {"B.group"}


async def test_nobody_but_the_member_is_told(door: Door) -> None:
    for token in (None, door.issuer.token(role="officer", company="*", purposes=None)):
        response = await door.send(READERS, token=token, purpose=None)
        refused(response, 403, "FORBIDDEN", "members")


async def test_reading_it_is_on_record(door: Door) -> None:
    await readers(door, "m2")
    (entry,) = await door.entries()
    (about,) = entry.disclosures
    assert {(path, use) for path, use in about.members["m2"].items} == {
        ("", Use.SELECT),
        ("readers", Use.COUNT),
    }


async def test_a_member_without_anything_is_told_of_nobody(door: Door) -> None:
    response = await door.send(READERS, token=door.issuer.member("nobody"))
    refused(response, 400, "BAD_USER_INPUT")


async def test_a_row_that_the_member_may_not_see_tells_nothing(door: Door) -> None:
    """A device that no login linked to the account is nobody's yet."""
    told = []
    for change in (update(DEVICE).values(link_state=LinkState.ANONYMOUS), delete(DEVICE)):
        async with door.checkpoint.database.write() as connection:
            await connection.execute(change.where(DEVICE.c.member_key == "m2"))
        told.append(await readers(door, "m2"))
    assert told[0] == told[1]
