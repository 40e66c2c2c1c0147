"""What records of provision and of receipt say: all that the law asks for, as it was then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from models.catalogue_store import StoredCatalogue, store
from models.disclosure import MemberDisclosure, Opened, Origin
from models.erasure import erase
from models.event_log import events_of, logs_of
from policy.events import Event, EventKind
from policy.numbers import numbers_of
from policy.retention import KEPT_AFTER_END
from policy.vocabulary import AgeGroup
from server.catalogue_files import catalogue_of, texts_of
from server.checkpoint import CATALOGUE as FILES
from tests.clock import START
from tests.crowd import closed, happen
from tests.door import HOLDER, Door
from tests.real import CATALOGUE
from tests.telling import (
    ACCOUNT,
    AMOUNT,
    LINKED,
    NAME,
    NUMBERS,
    SERVICE,
    SHOP,
    company,
    entry,
    id_of,
    nodes,
    of_values,
    officer,
    records,
    send,
    shown,
    write,
    write_purchase,
)

pytestmark = pytest.mark.anyio

Record = dict[str, Any]


async def one(door: Door, key: str, root: str, **given: Any) -> Record:
    member = {"memberId": id_of(door, f"company:{key}")}
    found = await records(door, company(door, key), root, **member, **given)
    (record,) = of_values(found)
    return record


async def test_a_provision_record_holds_each_thing_that_article_29_asks_for(either: Door) -> None:
    """Domain.md 4: rule 20(1)(ii) 1 to 4, the date, and what we add."""
    await write_purchase(either)
    record = await one(either, "ichiba", "provisionRecords")
    # 1: that the person's consent exists; and which, by its version and event.
    assert record["consented"] is True
    (consent,) = record["consents"]
    assert (consent["item"]["key"], consent["kind"]) == ("A", "DEEMED")
    assert (consent["level"], consent["version"]) == ("DEEMED", "2022-03-31")
    assert consent["consentedAt"] == "2022-04-01T09:05:00Z"
    assert consent["id"]
    # 2: the recipient's name, address and representative.
    card = CATALOGUE.companies["card"]
    assert record["recipient"] == {
        "key": "card",
        "name": {"ja": card.name.ja, "en": card.name.en},
        "address": card.address,
        "representative": card.representative,
        "country": "JP",
    }
    # 3: whom it is about; 4: the items.
    assert record["memberId"] == id_of(either, "company:ichiba")
    assert [path for path in record["items"] if path] == ["orders.amount"]
    # The date; the batch's first and last.
    assert (record["month"], record["number"]) == ("2026-06", 1)
    assert record["firstAt"] == record["lastAt"] == "2026-06-15T00:01:00Z"
    # Provider, purpose, provision with its document's version, country, by whose catalogue.
    assert record["provider"]["key"] == record["heldBy"]["key"] == "ichiba"
    assert [each["key"] for each in record["purposes"]] == [SERVICE]
    assert record["provision"]["key"] == "A-4-1-2"
    assert (record["provision"]["document"], record["provision"]["version"]) == (
        "DOC_A",
        "2022-03-31",
    )
    assert (record["country"], record["statutory"]) == ("JP", True)
    assert record["policyVersion"] == CATALOGUE.version
    # Kept until three years after the last provision.
    assert record["keptUntil"] == "2029-06-15T00:01:00Z"
    # The operations that it sums up.
    since = {"since": record["firstAt"], "recipients": ["card"]}
    (operation,) = await nodes(either, company(either, "ichiba"), **since)
    assert operation["at"] == record["firstAt"]


async def test_a_receipt_record_holds_each_thing_that_article_30_asks_for(either: Door) -> None:
    """Domain.md 4: rule 24(1)(ii) 1 to 4: the provider, and how it acquired what it provided."""
    await write_purchase(either)
    record = await one(either, "card", "receiptRecords", providers=["rakuten_group"])
    assert record["consented"] is True
    assert [each["item"]["key"] for each in record["consents"]] == ["A"]
    group = CATALOGUE.companies["rakuten_group"]
    assert record["provider"] == {
        "key": "rakuten_group",
        "name": {"ja": group.name.ja, "en": group.name.en},
        "address": group.address,
        "representative": group.representative,
        "country": "JP",
    }
    assert record["circumstances"] == [{"source": "ACCOUNT", "channel": "WEB"}]
    assert record["memberId"] == id_of(either, "company:card")
    assert [path for path in record["items"] if path] == ["fullName"]
    assert (record["firstAt"], record["lastAt"], record["number"]) == (
        "2026-06-15T00:01:00Z",
        "2026-06-15T00:02:00Z",
        2,
    )
    decisions = await nodes(
        either, company(either, "card"), memberId=record["memberId"], since=record["firstAt"]
    )
    assert [each["decisionId"] for each in decisions] == ["written-2", "written-1"]


async def test_both_sides_have_one_record_each_of_the_same_provision(door: Door) -> None:
    await write_purchase(door)
    provided = await one(door, "ichiba", "provisionRecords")
    received = await one(door, "card", "receiptRecords", providers=["ichiba"])
    apart = {"id", "memberId", "consents"}
    assert {k: v for k, v in provided.items() if k not in apart} == {
        k: v for k, v in received.items() if k not in apart
    }
    assert provided["id"] != received["id"]
    assert provided["consents"][0]["id"] != received["consents"][0]["id"]


async def test_own_use_and_processors_need_no_record_by_law(either: Door) -> None:
    await write(
        either,
        entry(1, {"m1": AMOUNT}, company="ichiba", purpose="service_provision"),
        entry(2, {"m1": AMOUNT}, company="courier", on_behalf_of="ichiba", purpose="order_fulfil"),
    )
    found = of_values(await records(either, company(either, "ichiba"), "receiptRecords"))
    assert {each["via"]["key"] if each["via"] else None for each in found} == {None, "courier"}
    assert {each["statutory"] for each in found} == {False}


async def test_each_month_has_a_record_of_its_own_the_newest_first(door: Door) -> None:
    await write(door, entry(1, {"m1": AMOUNT}))
    assert len(await records(door, company(door, "ichiba"), "provisionRecords")) == 1
    await write(door, entry(2, {"m1": AMOUNT}, at=datetime(2026, 7, 1, tzinfo=UTC)))
    found = of_values(await records(door, company(door, "ichiba"), "provisionRecords"))
    assert [each["month"] for each in found] == ["2026-07", "2026-06"]


async def test_a_record_holds_no_value(door: Door) -> None:
    asked = '{ memberByAccount(accountId: "card-m1") { fullName orders { nodes { items } } } }'
    assert HOLDER in orjson.dumps(await door.ask(asked, purpose=SERVICE)).decode()
    for token in (company(door, "card"), door.issuer.member("m1"), officer(door)):
        for root in ("disclosures", "receiptRecords"):
            response = await send(door, token, root)
            assert response.json()["data"][root]["nodes"]
            assert HOLDER not in response.text
            assert "煎茶" not in response.text


async def test_the_consent_is_the_one_that_stood_when_it_was_provided(either: Door) -> None:
    """What was withdrawn or given since is not what it rested on."""
    own, seq = Opened(NUMBERS["B-1"], Origin("ssi", "APPLICATION", "WEB")), await last_seq(either)
    before = MemberDisclosure.of(seq, shown(insurancePolicies__product=own).items)
    life = {"company": "life", "purpose": "ads_marketing"}
    await write(either, entry(1, {"m2": before}, **life))
    first = await consents_of(either, "life")
    assert first
    await withdraw(either, "m2")
    assert await consents_of(either, "life") == first


async def test_a_consent_to_a_country_is_among_those_relied_on(door: Door) -> None:
    given = Event(EventKind.OVERSEAS_CONSENTED, door.clock(), country="SG", age=AgeGroup.ADULT)
    await happen(door, "m1", given)
    await write(door, entry(1, {"m1": NAME}, company="asia_sg"))
    found = await records(door, company(door, "asia_sg"), "receiptRecords")
    (record,) = of_values(found)
    assert [(each["item"], each["country"], each["kind"]) for each in record["consents"][1:]] == [
        (None, "SG", None)
    ]
    assert (record["country"], record["statutory"]) == ("SG", True)


async def test_a_processor_abroad_names_the_consent_to_its_country(either: Door) -> None:
    """It is recorded for that consent alone: art. 28(1)."""
    given = Event(EventKind.OVERSEAS_CONSENTED, either.clock(), country="PH", age=AgeGroup.ADULT)
    await happen(either, "m1", given)
    asked = {"company": "callcenter", "on_behalf_of": "ichiba", "purpose": "inquiry_response"}
    await write(either, entry(1, {"m1": AMOUNT}, **asked))
    (record,) = of_values(await records(either, company(either, "ichiba"), "receiptRecords"))
    assert [each["country"] for each in record["consents"][1:]] == ["PH"]
    assert (record["via"]["country"], record["statutory"]) == ("PH", True)


async def test_a_consent_to_a_country_that_needs_none_is_not_told(either: Door) -> None:
    given = Event(EventKind.OVERSEAS_CONSENTED, either.clock(), country="FR", age=AgeGroup.ADULT)
    await happen(either, "m1", given)
    await write(either, entry(1, {"m1": NAME}, company="france_eu"))
    found = await records(either, company(either, "france_eu"), "receiptRecords")
    (record,) = of_values(found)
    assert [each["country"] for each in record["consents"]] == [None]


async def test_names_are_those_of_the_time(door: Door) -> None:
    texts = {
        name: text.replace("楽天カード株式会社", "見本カード株式会社")
        for name, text in texts_of(FILES).items()
    }
    older = catalogue_of(texts)
    async with door.checkpoint.database.write() as connection:
        stored = StoredCatalogue(older.version, texts, numbers_of(older))
        await store(connection, stored, START, activate=False)
    await write(door, entry(1, {"m1": NAME}, policy_version=older.version))
    token = door.issuer.member("m1")
    (mine,) = await nodes(door, token)
    assert mine["recipient"]["name"]["ja"] == "見本カード株式会社"
    assert "見本カード株式会社が" in mine["sentence"]["ja"]
    (record,) = of_values(await records(door, token, "receiptRecords"))
    assert record["recipient"]["name"]["ja"] == "見本カード株式会社"
    assert record["policyVersion"] == older.version


async def test_a_version_that_is_not_kept_is_told_in_the_names_of_today(door: Door) -> None:
    await write(door, entry(1, {"m1": NAME}, policy_version="a version of yesterday"))
    for token in (door.issuer.member("m1"), company(door, "card")):
        (only,) = await nodes(door, token)
        assert only["recipient"]["name"]["ja"] == "楽天カード株式会社"


async def test_what_the_catalogue_never_knew_is_called_by_its_key(door: Door) -> None:
    unknown = shown(fullName=Opened(9_999, Origin("a_stranger", "ACCOUNT", "WEB")))
    await write(door, entry(1, {"m1": unknown}, purpose="own:gone:service"))
    (mine,) = await nodes(door, door.issuer.member("m1"))
    assert (mine["purpose"]["name"]["en"], mine["items"][1]["provision"]) == (
        "own:gone:service",
        None,
    )
    found = await records(door, door.issuer.member("m1"), "receiptRecords")
    strange = [each for each in found if each["provider"]["key"] == "a_stranger"]
    assert [(each["provider"]["address"], each["provision"]) for each in strange] == [(None, None)]


async def test_of_a_member_who_is_erased_the_records_stay_under_the_company_s_id(
    either: Door,
) -> None:
    await write_purchase(either)
    here = either.checkpoint
    await happen(either, "m1", closed(either.clock()))
    either.clock.step(KEPT_AFTER_END + timedelta(days=400))
    await erase(here.database, either.clock())
    async with here.database.read() as connection:
        kinds = {event.kind for event in await events_of(connection, "m1")}
    record = await one(either, "ichiba", "provisionRecords")
    assert record["memberId"] == id_of(either, "company:ichiba")
    assert record["consented"] is True
    assert bool(record["consents"]) == (EventKind.DEEMED in kinds)


async def last_seq(door: Door) -> int:
    async with door.checkpoint.database.read() as connection:
        log = (await logs_of(connection, ["m2"]))["m2"]
    return log[-1].seq


async def consents_of(door: Door, key: str) -> list[Record]:
    found = await records(door, company(door, key), "receiptRecords")
    (record,) = of_values(found)
    consents: list[Record] = record["consents"]
    return consents


async def withdraw(door: Door, member: str) -> None:
    items = [each.key for each in CATALOGUE.items.values() if each.document == "DOC_B"]
    at = door.clock()
    gone = [Event(EventKind.WITHDRAWN, at, item=key) for key in items]
    await happen(door, member, *gone)


def test_the_hand_written_provision_is_one_of_the_catalogue() -> None:
    assert CATALOGUE.provision_keys[LINKED] == "A-4-1-2"
    assert {ACCOUNT.acquirer, SHOP.acquirer} <= CATALOGUE.companies.keys()
