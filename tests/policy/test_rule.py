"""One rule, three readings: the decision and the evaluated grant are the reference's, always."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given

from policy.companies import Succession
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.situation import Question
from policy.vocabulary import FOREVER, TICK, YEAR, AgeGroup, Code
from tests.readings import UNDECIDED, Readings, report
from tests.real import CATALOGUE
from tests.worlds import World, worlds

MOVE = datetime(2026, 4, 1, tzinfo=UTC)
EARLY = datetime(2024, 5, 1, tzinfo=UTC)
SMALL_WORLD = replace(CATALOGUE, successions=(Succession("ichiba", "new_commerce", MOVE, ()),))
"""The real catalogue, with the succession of example 35."""

ITEMS = ("A", "GX", "B.use", "B.ins_group", "B.group", "B.sensitive")


def say(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")


def consent(item: str, kind: EventKind, at: datetime) -> Event:
    versions = SMALL_WORLD.documents[SMALL_WORLD.items[item].document].versions
    return Event(kind, at, item=item, version=versions[-1].key, acr=RAKUTEN_ID, age=AgeGroup.ADULT)


def answers(item: str, t: datetime) -> dict[str, list[Event]]:
    """Every way in which an item can stand at t, on its boundaries."""
    shown = consent(item, EventKind.PRESENTED, EARLY)
    granted = consent(item, EventKind.GRANTED, EARLY)
    deemed = consent(item, EventKind.DEEMED, EARLY)
    oldest = SMALL_WORLD.documents[SMALL_WORLD.items[item].document].versions[0].key
    standing = [shown, granted]
    return {
        "absent": [],
        "shown": [shown],
        "not shown": [granted, shown],
        "deemed": [shown, deemed],
        "granted": standing,
        "granted at t": [shown, replace(granted, at=t)],
        "granted too late": [shown, replace(granted, at=t + TICK)],
        "of the oldest version": [replace(shown, version=oldest), replace(deemed, version=oldest)],
        "expiring at t": [shown, replace(granted, valid_until=t)],
        "expiring after t": [shown, replace(granted, valid_until=t + TICK)],
        "refused": [shown, consent(item, EventKind.REFUSED, EARLY)],
        "withdrawn at t": [*standing, consent(item, EventKind.WITHDRAWN, t)],
        "suspended": [*standing, consent(item, EventKind.SUSPENDED, EARLY)],
        "invalidated": [*standing, consent(item, EventKind.INVALIDATED, EARLY)],
        "by a child": [shown, replace(granted, age=AgeGroup.CHILD)],
        "by a youth": [shown, replace(granted, age=AgeGroup.YOUTH)],
        "by a youth with guardian": [shown, replace(granted, age=AgeGroup.YOUTH, guardian=True)],
        "by somebody": [shown, replace(deemed, age=AgeGroup.UNKNOWN)],
    }


def links(company: str, t: datetime) -> list[list[Event]]:
    """No link; one; one that ended; a use that just counts; one that just does not."""
    linked = Event(EventKind.LINKED, EARLY, company=company, account_id="1")
    used = Event(EventKind.USED, t - YEAR, company=company)
    return [
        [],
        [linked],
        [linked, Event(EventKind.UNLINKED, t, company=company)],
        [used],
        [replace(used, at=t - YEAR - TICK)],
    ]


def preferences(company: str, t: datetime) -> list[list[Event]]:
    """No wish at all; mail and countries welcome; a stop; no advertising and no mail."""
    return [
        [],
        [
            Event(EventKind.MAIL_PREFERENCE, t, company=company, wanted=True),
            Event(EventKind.OVERSEAS_CONSENTED, t, country="SG", age=AgeGroup.ADULT),
            Event(EventKind.OVERSEAS_CONSENTED, t, country="PH", age=AgeGroup.ADULT),
        ],
        [Event(EventKind.STOP_REQUESTED, t, company=company)],
        [
            Event(EventKind.MAIL_PREFERENCE, t, company=company, wanted=False),
            Event(EventKind.ADS_PREFERENCE, t, wanted=False),
            Event(EventKind.INCIDENT_OPENED, t, company=company),
        ],
    ]


def accounts(t: datetime) -> list[list[Event]]:
    """A member who is about to leave, and one who has just left."""
    opened = Event(EventKind.ACCOUNT_OPENED, EARLY)
    return [[opened, Event(EventKind.ACCOUNT_CLOSED, at)] for at in (t + TICK, t)]


GROUP = ValueFacts("rakuten_group")
MARKET = ValueFacts("ichiba", merchant="shop_tea", placed_at=EARLY)
POLICY = ValueFacts("ssi", contract=Contract("1"))
HEALTH = replace(POLICY, lists=frozenset({"HEALTH"}), acquisition_consent_at=EARLY)
ASKED: tuple[tuple[str, str | None, str, str, ValueFacts], ...] = (
    ("rakuten_group", None, "service_provision", "fullName", GROUP),
    ("rakuten_group", None, "external_matching_ads", "loginEmail", GROUP),
    ("rakuten_group", None, "direct_mail", "loginEmail", GROUP),
    ("rakuten_group", None, "retention_fee", "payments.amount", GROUP),
    ("rakuten_group", None, "service_provision", "devices.os", replace(GROUP, linked=False)),
    (
        "rakuten_group",
        None,
        "ads_marketing",
        "orders.items",
        replace(GROUP, service="global_express"),
    ),
    ("card", None, "own:card:service", "fullName", GROUP),
    ("card", None, "own:card:marketing", "fullName", GROUP),
    ("card", None, "own:card:analysis", "fullName", GROUP),
    ("bank", None, "fraud_detect", "devices.os", GROUP),
    ("asia_sg", None, "own:asia_sg:service", "customerRecords.name", POLICY),
    ("new_commerce", None, "service_provision", "orders.items", MARKET),
    ("ichiba", None, "service_provision", "orders.items", MARKET),
    ("shop_tea", None, "merchant_mail", "orders.items", MARKET),
    ("callcenter", "ichiba", "inquiry_response", "orders.items", MARKET),
    ("courier", "ichiba", "inquiry_response", "orders.items", MARKET),
    ("ssi", None, "own:ssi:service", "fullName", GROUP),
    ("ssi", None, "policy_servicing", "insurancePolicies.product", POLICY),
    ("ssi", None, "retention_dispute", "insurancePolicies.product", POLICY),
    ("ssi", None, "underwriting_ops", "healthRecords.value", HEALTH),
    ("life", None, "ins_product_rnd", "healthRecords.value", HEALTH),
    ("life", None, "service_provision", "insurancePolicies.product", POLICY),
)


def contracts(value: ValueFacts, t: datetime) -> list[ValueFacts]:
    """The value's contract running, lapsing at t, after t, or a number without a row."""
    if value.contract is None:
        return [value]
    lapses = (FOREVER, t, t + TICK, None)
    return [replace(value, contract=Contract("1", lapse_at)) for lapse_at in lapses]


def histories(company: str, t: datetime) -> Iterator[list[Event]]:
    """Every combination: all items standing in the same way, an account, a link, preferences."""
    ways = {item: answers(item, t) for item in ITEMS}
    for way, link, preference, account in product(
        ways["A"], links(company, t), preferences(company, t), accounts(t)
    ):
        consents = [event for item in ITEMS for event in ways[item][way]]
        yield [*account, *consents, *link, *preference]


def test_the_readings_agree_on_every_combination_of_a_small_world(
    capsys: pytest.CaptureFixture[str],
) -> None:
    readings = Readings(SMALL_WORLD)
    for company, processor_for, purpose, field, value in ASKED:
        for t in (MOVE - TICK, MOVE) if value is MARKET else (MOVE,):
            question = Question(company, processor_for, purpose, field, t)
            for events, facts in product(
                histories(processor_for or company, t), contracts(value, t)
            ):
                readings.answer(question, events, facts)
    say(f"small world: {report(readings.tally)}", capsys)
    assert readings.tally.total() > 30_000
    assert readings.tally["ALLOW"] > 0.05 * readings.tally.total()


def test_the_readings_agree_on_random_worlds(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[Code | str] = Counter()

    @given(worlds(asks=40))
    def agree(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            readings.answer(ask.question, world.events, ask.value)
        tally.update(readings.tally)

    agree()
    say(f"random worlds: {report(tally)}", capsys)
    assert tally["ALLOW"] > 0.05 * tally.total()
    assert set(Code) - UNDECIDED <= set(tally)


def test_the_readings_agree_on_the_real_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    readings = Readings(CATALOGUE)

    @given(worlds(CATALOGUE, asks=6))
    def agree(world: World) -> None:
        for ask in world.asks:
            readings.answer(ask.question, world.events, ask.value)

    agree()
    say(f"real catalogue: {report(readings.tally)}", capsys)
    assert readings.tally["ALLOW"] > 0.05 * readings.tally.total()
