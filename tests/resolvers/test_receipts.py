"""Receipts say what was agreed to and what happened, no more, in terms that exist."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.events import RAKUTEN_ID, Event, EventKind, Evidence
from policy.notice import content_hash
from policy.vocabulary import AgeGroup
from tests.dice import Dice
from tests.dpv import LOOKED_UP
from tests.random_dates import INSTANTS
from tests.random_members import draw_history
from tests.real import CATALOGUE
from tests.receipts import (
    MEMBER,
    canonical,
    compacted,
    consent_record,
    expanded,
    keys,
    names,
    plain,
    processes,
    record,
)

T0 = datetime(2024, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AT = T0 + 90 * DAY
OPENED = Event(EventKind.ACCOUNT_OPENED, T0)
SHOWN = Event(EventKind.PRESENTED, T0, item="B.group", version="2024-04-01")
GIVEN = replace(SHOWN, kind=EventKind.GRANTED, at=T0 + DAY, acr=RAKUTEN_ID, age=AgeGroup.ADULT)
SHOWN_A = Event(EventKind.PRESENTED, T0, item="A", version="2022-03-31")
DEEMED_A = replace(SHOWN_A, kind=EventKind.DEEMED, at=T0 + DAY)


def happens(kind: EventKind, days: int, **parts: Any) -> Event:
    return replace(GIVEN, kind=kind, at=T0 + days * DAY, **parts)


def told(item: str, *events: Event, at: datetime = AT) -> dict[str, Any]:
    return consent_record(record(item, *events, at=at))


def course(*events: Event, at: datetime = AT) -> list[str]:
    return [each["@type"] for each in told("B.group", *events, at=at)["dpv:hasConsentStatus"]]


def now(*events: Event, at: datetime = AT) -> str:
    return str(told("B.group", *events, at=at)["dpv:hasStatus"]["@type"])


def process(of: dict[str, Any], provision: str, recipient: str) -> dict[str, Any]:
    """The one process of this provision that this company receives under."""
    (found,) = (
        each
        for each in processes(of)
        if each["dct:identifier"] == provision and recipient in keys(each["dpv:hasRecipient"])
    )
    return found


STATES = [
    ([], "ConsentUnknown"),
    ([SHOWN], "ConsentRequested"),
    ([SHOWN, GIVEN], "ConsentGiven"),
    ([SHOWN, happens(EventKind.REFUSED, 1)], "ConsentRefused"),
    ([SHOWN, happens(EventKind.DEFERRED, 1)], "ConsentRequestDeferred"),
    ([SHOWN, GIVEN, happens(EventKind.WITHDRAWN, 2)], "ConsentWithdrawn"),
    ([SHOWN, GIVEN, happens(EventKind.SUSPENDED, 2)], "ConsentRevoked"),
    ([SHOWN, GIVEN, happens(EventKind.INVALIDATED, 2)], "ConsentInvalidated"),
    ([SHOWN, replace(GIVEN, valid_until=T0 + 2 * DAY)], "ConsentExpired"),
    ([SHOWN, GIVEN, Event(EventKind.ACCOUNT_CLOSED, T0 + 2 * DAY)], "ConsentExpired"),
]


@pytest.mark.parametrize(("events", "term"), STATES)
def test_each_state_has_the_term_of_the_mapping(events: list[Event], term: str) -> None:
    assert now(OPENED, *events) == f"dpv:{term}"
    assert f"dpv:{term}" in course(OPENED, *events)


def test_a_consent_given_once_more_is_a_renewed_one() -> None:
    again = (happens(EventKind.PRESENTED, 2), happens(EventKind.GRANTED, 3))
    assert course(OPENED, SHOWN, GIVEN, *again) == [
        "dpv:ConsentRequested",
        "dpv:ConsentGiven",
        "dpv:ConsentRequested",
        "dpv:RenewedConsentGiven",
    ]


def test_after_a_withdrawal_it_is_given_and_not_renewed() -> None:
    withdrawn = happens(EventKind.WITHDRAWN, 2)
    again = (happens(EventKind.PRESENTED, 3), happens(EventKind.GRANTED, 4))
    assert course(OPENED, SHOWN, GIVEN, withdrawn, *again)[-1] == "dpv:ConsentGiven"


def test_what_did_not_count_is_attested_by_no_receipt() -> None:
    unseen = (OPENED, GIVEN)
    assert course(*unseen) == ["dpv:ConsentUnknown"]
    without_session = replace(GIVEN, acr=None)
    assert course(OPENED, SHOWN, without_session) == ["dpv:ConsentRequested"]
    for changes_nothing in (
        happens(EventKind.REINSTATED, 2),
        happens(EventKind.GRANTED, 2, acr=None),
        happens(EventKind.GRANTED, 2, version="2022-03-31"),
    ):
        attested = course(OPENED, SHOWN, GIVEN, changes_nothing)
        assert attested == ["dpv:ConsentRequested", "dpv:ConsentGiven"]


def test_a_consent_let_stand_again_is_given_again() -> None:
    events = (happens(EventKind.SUSPENDED, 2), happens(EventKind.REINSTATED, 3))
    assert course(OPENED, SHOWN, GIVEN, *events)[-2:] == ["dpv:ConsentRevoked", "dpv:ConsentGiven"]


def test_a_notice_shown_over_a_standing_consent_leaves_it_where_it_stands() -> None:
    assert now(OPENED, SHOWN, GIVEN, happens(EventKind.PRESENTED, 2)) == "dpv:ConsentGiven"


def test_each_event_says_what_shows_it() -> None:
    digest = content_hash(CATALOGUE, "DOC_B", "2024-04-01", "ja", T0)
    shown = Evidence(
        "service:ssi", channel="WEB", language="ja", content_hash=digest, shown=("B.group",)
    )
    given = replace(shown, actor=f"member:{MEMBER}", disadvantages=2)
    of = told("B.group", OPENED, replace(SHOWN, evidence=shown), replace(GIVEN, evidence=given))
    asked, said = of["dpv:hasConsentStatus"]
    assert keys([asked["dpv:isIndicatedBy"]]) == ["ssi"]
    assert said["dpv:isIndicatedBy"] == of["dpv:hasDataSubject"]["@id"]
    assert said["dpv:isIndicatedAtTime"] == "2024-05-02T00:00:00Z"
    assert said["dpv:hasIndicationMethod"] == ["WEB", RAKUTEN_ID]
    assert (said["schema:sha256"], said["dct:language"]) == (digest, "ja")
    assert said["dct:references"] == ["sekisho:item:B.group"]
    assert said["sekisho:disadvantages"] == 2
    assert of["dct:language"] == ["ja"]
    (notice,) = (each for each in of["dpv:hasNotice"] if each["dct:identifier"] == "DOC_B")
    assert digest in {each["schema:sha256"] for each in notice["dct:hasFormat"]}


def test_a_privacy_officer_is_told_as_the_company_and_a_guardian_as_one() -> None:
    decided = Evidence("officer:ssi:somebody", reference="2026-7")
    suspended = happens(EventKind.SUSPENDED, 2, evidence=decided)
    by_office = happens(EventKind.INVALIDATED, 3, evidence=Evidence("officer:*:somebody"))
    guardian = happens(
        EventKind.REFUSED, 4, guardian=True, evidence=Evidence("guardian:somebody", channel="WEB")
    )
    receipt = record("B.group", OPENED, SHOWN, GIVEN, suspended, by_office, guardian, at=AT)
    *_, first, second, third = consent_record(receipt)["dpv:hasConsentStatus"]
    assert keys([first["dpv:isIndicatedBy"], second["dpv:isIndicatedBy"]]) == ["ssi", "ssi"]
    assert first["dct:identifier"] == "2026-7"
    assert third["dpv:isIndicatedBy"] == {"@type": "dpv:GuardianOfDataSubject"}
    assert "somebody" not in str(receipt)


def test_a_term_is_a_duration_that_a_time_ends() -> None:
    until = AT + DAY
    of = told("B.group", OPENED, SHOWN, replace(GIVEN, valid_until=until))
    for each in (of["dpv:hasStatus"], of["dpv:hasConsentStatus"][-1]):
        assert each["dpv:hasDuration"]["@type"] == "dpv:UntilTimeDuration"
        assert each["dpv:hasDuration"]["rdf:value"]["@value"] == "2024-07-31T00:00:00Z"
    assert of["dpv:hasConsentStatus"][0]["dpv:hasDuration"]["@type"] == "dpv:UntilEventDuration"


def test_a_deemed_consent_covers_nothing_that_takes_an_explicit_one() -> None:
    deemed, explicit = (
        told("A", OPENED, SHOWN_A, each)
        for each in (DEEMED_A, replace(DEEMED_A, kind=EventKind.GRANTED))
    )
    covered = [{each["dct:identifier"] for each in processes(of)} for of in (deemed, explicit)]
    assert covered[1] - covered[0] == {"A-4-1-3"}
    used = [keys(process(of, "A-USE", "ichiba")["dpv:hasPurpose"]) for of in (deemed, explicit)]
    assert set(used[1]) - set(used[0]) == {"external_matching_ads"}
    assert process(deemed, "A-USE", "ichiba")["dpv:hasLegalBasis"] == ["dpv:ImpliedConsent"]
    assert process(explicit, "A-USE", "ichiba")["dpv:hasLegalBasis"] == ["dpv:ExpressedConsent"]


def test_no_purpose_leaks_from_one_recipient_to_another() -> None:
    of = told("B.ins_group")
    assert keys(process(of, "B-1", "ins_holding")["dpv:hasPurpose"]) == ["ins_group_management"]
    assert "ins_group_management" not in keys(process(of, "B-1", "life")["dpv:hasPurpose"])


def test_sensitive_data_are_told_as_such_with_the_other_item_they_take() -> None:
    of = told("B.sensitive")
    research = process(of, "B-SENS-1", "life")
    assert research["dct:requires"] == ["sekisho:item:B.ins_group"]
    assert research["dpv:hasLegalBasis"] == ["dpv:ExplicitlyExpressedConsent"]
    assert {kind for each in research["dpv:hasPersonalData"] for kind in each["@type"]} == {
        "dpv:SensitivePersonalData",
        "dpv:SpecialCategoryPersonalData",
    }
    assert [each["dct:identifier"] for each in processes(of)] == ["B-SENS-1", "B-SENS-0"]


def test_a_recipient_abroad_is_told_with_what_provision_there_rests_on() -> None:
    of = told("B.group")
    (designated,) = process(of, "B-2", "france_eu")["dpv:hasRule"]
    (other,) = process(of, "B-2", "asia_sg")["dpv:hasRule"]
    assert "designated" in designated["dct:description"]["en"]
    assert "further consent" in other["dct:description"]["en"]
    assert other["dpv:hasLocation"]["dct:identifier"] == "SG"
    assert "dpv:Transfer" in process(of, "B-2", "asia_sg")["dpv:hasProcessing"]
    assert "dpv:hasRule" not in process(of, "B-2", "mobile")


def test_an_own_purpose_published_after_the_consent_is_in_it_once_the_member_was_told() -> None:
    later = datetime(2026, 6, 15, tzinfo=UTC)
    notified = Event(EventKind.NOTIFIED, later - DAY, purpose="own:card:analysis")
    for events, known in (((), False), ((notified,), True)):
        of = told("B.group", OPENED, SHOWN, GIVEN, *events, at=later)
        purposes = keys(process(of, "B-2", "card")["dpv:hasPurpose"])
        assert ("own:card:analysis" in purposes) is known
        assert "own:card:service" in purposes


def test_a_processor_is_a_party_where_its_contract_reaches() -> None:
    of = told("A", OPENED, SHOWN_A, DEEMED_A)
    roles = {each["dct:identifier"]: each["@type"] for each in of["dpv:hasEntity"]}
    assert "dpv:DataProcessor" in roles["courier"]
    assert "cloud_store" not in roles
    assert keys(process(of, "A-USE", "ichiba")["dpv:hasDataProcessor"]) == ["courier", "callcenter"]
    assert "dpv:hasDataProcessor" not in process(of, "A-4-1-1", "card")


def test_what_an_item_is_about_is_the_version_that_was_consented_to() -> None:
    old = "2019-08-01"
    events = (replace(SHOWN_A, version=old), replace(DEEMED_A, version=old))
    before, after = told("A", OPENED, *events), told("A", OPENED, SHOWN_A, DEEMED_A)
    assert next(each["schema:version"] for each in before["dpv:hasNotice"]) == old
    assert before["dpv:hasStatus"]["@type"] == "dpv:ConsentExpired"
    purposes = [keys(process(of, "A-USE", "ichiba")["dpv:hasPurpose"]) for of in (before, after)]
    assert set(purposes[1]) - set(purposes[0]) == {"after_use_support", "ad_targeting"}


def test_a_notice_is_attested_by_the_hash_of_what_was_shown_whatever_the_catalogue_says_now() -> (
    None
):
    def shown(days: int, language: str, digest: str) -> Event:
        said = Evidence("service:ssi", language=language, content_hash=digest)
        return happens(EventKind.PRESENTED, days, evidence=said)

    of = told("B.group", OPENED, shown(1, "ja", "1" * 64), shown(2, "ja", "2" * 64))
    (notice,) = (each for each in of["dpv:hasNotice"] if each["dct:identifier"] == "DOC_B")
    assert notice["dct:hasFormat"] == [{"dct:language": "ja", "schema:sha256": "2" * 64}]


def test_the_work_for_a_receipt_grows_in_step_with_the_member_s_past() -> None:
    """Whoever is shown a notice at every visit keeps nobody else waiting."""

    def calls(visits: int) -> int:
        counted = 0

        def count(_frame: object, what: str, _argument: object) -> None:
            nonlocal counted
            counted += what == "call"

        shown = [happens(EventKind.PRESENTED, 2)] * visits
        sys.setprofile(count)
        try:
            record("B.group", OPENED, SHOWN, GIVEN, *shown, at=AT)
        finally:
            sys.setprofile(None)
        return counted

    calls(1)
    assert calls(400) < 2 * calls(200)


@pytest.mark.parametrize("histories", [10, pytest.param(40, marks=pytest.mark.exhaustive)])
def test_any_history_makes_a_receipt_that_loses_nothing_in_terms_that_exist(
    histories: int,
) -> None:
    for number in range(histories):
        throws = Dice(bytes((number * step) % 256 for step in range(1, 400)))
        events = sorted(draw_history(throws, CATALOGUE), key=lambda event: event.at)
        item, at = throws.pick(*CATALOGUE.items), throws.pick(*INSTANTS)
        receipt = record(item, *events, at=at)
        again = compacted(receipt)
        assert plain(again) == plain(receipt)
        assert canonical(again) == canonical(receipt)
        used = {each for each in names(expanded(receipt)) if each.startswith("https://w3id.org/")}
        terms = {each for each in used if "/schema/" not in each}
        assert terms <= LOOKED_UP
        assert MEMBER not in str(receipt)
