"""A small world: the real catalogue, some questions, and every way their facts can stand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from policy.companies import Succession
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.situation import Question
from policy.vocabulary import FOREVER, TICK, YEAR, AgeGroup
from tests.real import CATALOGUE

MOVE = datetime(2026, 4, 1, tzinfo=UTC)
EARLY = datetime(2024, 5, 1, tzinfo=UTC)
UNPUBLISHED = datetime(2022, 3, 31, tzinfo=UTC) - TICK
"""Just before document A named the companies' own purposes."""

SMALL_WORLD = replace(CATALOGUE, successions=(Succession("ichiba", "new_commerce", MOVE, ()),))
"""The real catalogue, with the succession of example 35."""

ITEMS = ("A", "GX", "B.use", "B.ins_group", "B.group", "B.sensitive")

GROUP = ValueFacts("rakuten_group")
MARKET = ValueFacts("ichiba", merchant="shop_tea", placed_at=MOVE, retention_until=MOVE + TICK)
POLICY = ValueFacts("ssi", contract=Contract("1"), retention_until=MOVE + TICK)
HEALTH = replace(POLICY, lists=frozenset({"HEALTH"}), acquisition_consent_at=MOVE)
ASKED: tuple[tuple[str, str | None, str, str, ValueFacts], ...] = (
    ("rakuten_group", None, "service_provision", "fullName", GROUP),
    ("rakuten_group", None, "external_matching_ads", "loginEmail", GROUP),
    ("rakuten_group", None, "direct_mail", "loginEmail", GROUP),
    ("rakuten_group", None, "retention_limited", "fullName", GROUP),
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
    ("bank", None, "fraud_detect", "loginName", GROUP),
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


def questions() -> Iterator[tuple[Question, ValueFacts]]:
    """Each question with the value it is about; the market's just before its move, and at it."""
    for company, processor_for, purpose, field, value in ASKED:
        for t in (MOVE - TICK, MOVE) if value is MARKET else (MOVE,):
            yield Question(company, processor_for, purpose, field, t), value


def histories(company: str, t: datetime) -> Iterator[list[Event]]:
    """Nothing at all; every combination of items that stand alike, account, link, preferences."""
    yield []
    ways = {item: answers(item, t) for item in ITEMS}
    for way, link, preference, account in product(
        ways["A"], links(company, t), preferences(company, t), accounts(t)
    ):
        consents = [event for item in ITEMS for event in ways[item][way]]
        yield [*account, *consents, *link, *preference]


def provenances(value: ValueFacts, t: datetime) -> Sequence[ValueFacts]:
    """The value kept until t or longer; its contract running, lapsing at t, after t, or unknown."""
    if value.retention_until == FOREVER:
        return [value]
    kept = [value, replace(value, retention_until=t)]
    if value.contract is None:
        return kept
    lapses = (t, t + TICK, None)
    return [*kept, *(replace(value, contract=Contract("1", lapse_at)) for lapse_at in lapses)]


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
        "of the oldest version": [replace(shown, version=oldest), replace(granted, version=oldest)],
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
    """No link; one; one that ended; a use that just counts; one that just does not, long linked."""
    linked = Event(EventKind.LINKED, EARLY, company=company, account_id="1")
    used = Event(EventKind.USED, t - YEAR, company=company)
    return [
        [],
        [linked],
        [linked, Event(EventKind.UNLINKED, t, company=company)],
        [used],
        [replace(linked, at=UNPUBLISHED), replace(used, at=t - YEAR - TICK)],
    ]


def preferences(company: str, t: datetime) -> list[list[Event]]:
    """No wish; mail and countries, no advertising; a stop; no mail and an incident."""
    return [
        [],
        [
            Event(EventKind.MAIL_PREFERENCE, t, company=company, wanted=True),
            Event(EventKind.ADS_PREFERENCE, t, wanted=False),
            Event(EventKind.OVERSEAS_CONSENTED, t, country="SG", age=AgeGroup.ADULT),
            Event(EventKind.OVERSEAS_CONSENTED, t, country="PH", age=AgeGroup.ADULT),
        ],
        [Event(EventKind.STOP_REQUESTED, t, company=company)],
        [
            Event(EventKind.MAIL_PREFERENCE, t, company=company, wanted=False),
            Event(EventKind.INCIDENT_OPENED, t, company=company),
        ],
    ]


def accounts(t: datetime) -> list[list[Event]]:
    """A member who is about to leave, and one who has just left."""
    opened = Event(EventKind.ACCOUNT_OPENED, EARLY)
    return [[opened, Event(EventKind.ACCOUNT_CLOSED, at)] for at in (t + TICK, t)]
