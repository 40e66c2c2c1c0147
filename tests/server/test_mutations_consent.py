"""A member is told, gives, refuses, puts off and takes back: item by item, and at once."""

from datetime import timedelta

import pytest

from policy.events import RAKUTEN_ID, EventKind
from policy.notice import content_hash
from policy.vocabulary import AgeGroup
from tests.acts import (
    ERRORS,
    PRESENTATION,
    codes,
    do,
    give,
    kinds_since,
    log_of,
    member,
    node_id,
    operation,
    present,
    seen_by_life,
    states,
)
from tests.door import Door, refused

pytestmark = pytest.mark.anyio


async def test_a_presentation_shows_what_is_hashed_and_is_put_on_record(either: Door) -> None:
    before = len(await log_of(either, "m1"))
    payload = await do(
        either,
        "presentDocument",
        member(either, "m1"),
        f"""{PRESENTATION} consents {{ item {{ key }} state }} userErrors {{ code }}""",
        document="DOC_B",
        language="EN",
        channel="APP",
    )
    shown = payload["presentation"]
    catalogue, at = either.checkpoint.catalogue, either.clock()
    assert shown["contentHash"] == content_hash(catalogue, "DOC_B", "2024-04-01", "en", at)
    assert [item["key"] for item in shown["items"]] == [
        "B.use",
        "B.ins_group",
        "B.group",
        "B.sensitive",
    ]
    assert len(shown["disadvantages"]) == 2
    assert set(states(payload).values()) == {"PRESENTED"}
    recorded = (await log_of(either, "m1"))[before:]
    assert {event.kind for event in recorded} == {EventKind.PRESENTED}
    evidence = recorded[0].evidence
    assert evidence is not None
    assert (evidence.actor, evidence.channel, evidence.language) == ("member:m1", "APP", "en")
    assert evidence.content_hash == shown["contentHash"]
    assert (len(evidence.shown), evidence.disadvantages) == (4, 2)


async def test_what_is_given_stands_with_its_evidence(either: Door) -> None:
    given = await give(either, member(either, "m1"), "B.use", "B.group")
    assert codes(given) == []
    assert states(given) == {"B.use": "GRANTED", "B.group": "GRANTED"}
    event = (await log_of(either, "m1"))[-1]
    assert (event.kind, event.item, event.version) == (EventKind.GRANTED, "B.group", "2024-04-01")
    assert (event.acr, event.age, event.guardian) == (RAKUTEN_ID, AgeGroup.ADULT, False)
    assert event.evidence is not None
    assert event.evidence.shown == ("B.use", "B.ins_group", "B.group", "B.sensitive")


async def test_what_is_taken_back_is_closed_at_once(either: Door) -> None:
    """m2 said yes to B: the insurer of the group sees what the small insurer acquired."""
    token = member(either, "m2")
    assert await seen_by_life(either, "m2")
    withdrawn = await do(either, "withdrawConsent", token, items=["B.ins_group"])
    assert states(withdrawn) == {"B.ins_group": "WITHDRAWN"}
    assert not await seen_by_life(either, "m2")
    await give(either, token, "B.ins_group")
    assert await seen_by_life(either, "m2")


async def test_the_answer_shows_the_member_as_the_act_left_them(either: Door) -> None:
    seen = (
        "member { consents { item { key } state } "
        'asSeenBy(company: "life", purpose: "ads_marketing") { insurancePolicies { totalCount } } }'
        " consents { item { key } state since }"
    )
    answered = await either.ask(
        f'mutation {{ withdrawConsent(input: {{items: ["B.ins_group"]}}) {{ {seen} }} }}',
        token=member(either, "m2"),
    )
    payload = answered["data"]["withdrawConsent"]
    assert states(payload["member"])["B.ins_group"] == "WITHDRAWN"
    assert states(payload["member"])["B.use"] == "GRANTED"
    as_seen = payload["member"]["asSeenBy"]
    assert as_seen is None or as_seen["insurancePolicies"]["totalCount"] == 0
    now = either.clock().isoformat().replace("+00:00", "Z")
    assert payload["consents"][0]["since"] == now
    assert answered["extensions"]["privacy"]["asOf"] == now


async def test_a_refusal_and_a_delay_leave_everything_else(either: Door) -> None:
    token = member(either, "m1")
    shown = await present(either, token)
    deferred = await do(either, "deferConsent", token, presentation=shown, items=["B.use"])
    assert states(deferred) == {"B.use": "DEFERRED"}
    refused = await do(either, "refuseConsent", token, presentation=shown, items=["B.group"])
    assert states(refused) == {"B.group": "REFUSED"}
    *_, put_off, said_no = await log_of(either, "m1")
    assert (put_off.acr, said_no.acr) == (RAKUTEN_ID, RAKUTEN_ID)
    answered = await either.ask("{ me { consents { item { key } state } } }", token=token)
    assert states(answered["data"]["me"]) == {
        "A": "DEEMED",
        "GM": "NONE",
        "GX": "NONE",
        "B.use": "DEFERRED",
        "B.ins_group": "PRESENTED",
        "B.group": "REFUSED",
        "B.sensitive": "PRESENTED",
    }


async def test_a_whole_document_is_taken_back_with_one_word(either: Door) -> None:
    before = len(await log_of(either, "m3"))
    withdrawn = await do(either, "withdrawConsent", member(either, "m3"), document="DOC_B")
    assert set(states(withdrawn).values()) == {"WITHDRAWN"}
    assert await kinds_since(either, "m3", before) == [EventKind.WITHDRAWN] * 4


async def test_a_consent_can_end_by_itself(either: Door) -> None:
    token = member(either, "m1")
    shown, until = await present(either, token), either.clock() + timedelta(days=1)
    await do(
        either,
        "giveConsent",
        token,
        presentation=shown,
        items=["B.use"],
        validUntil=until.isoformat(),
    )
    either.clock.step(timedelta(days=1))
    answered = await either.ask(
        "{ me { consents { item { key } state } } }", token=member(either, "m1")
    )
    assert states(answered["data"]["me"])["B.use"] == "EXPIRED"


async def test_a_sensitive_item_is_given_by_itself(either: Door) -> None:
    given = await give(either, member(either, "m1"), "B.sensitive")
    assert given["consents"][0]["level"] == "EXPLICIT_SENSITIVE"


async def test_consent_to_a_country_names_it_and_is_taken_back_by_name(either: Door) -> None:
    token = member(either, "m2")
    shown = await present(either, token, "DOC_A")
    given = await do(either, "giveConsent", token, presentation=shown, country="SG")
    assert (codes(given), given["consents"]) == ([], [])
    event = (await log_of(either, "m2"))[-1]
    assert (event.kind, event.country) == (EventKind.OVERSEAS_CONSENTED, "SG")
    assert event.evidence is not None
    assert (event.version, event.evidence.shown) == ("2022-03-31", ("A",))
    taken = await do(either, "withdrawConsent", token, country="SG")
    assert codes(taken) == []
    assert (await log_of(either, "m2"))[-1].kind is EventKind.OVERSEAS_WITHDRAWN


async def test_a_consent_to_a_country_takes_no_term_rather_than_forgetting_it(
    either: Door,
) -> None:
    token, before = member(either, "m2"), await log_of(either, "m2")
    shown = await present(either, token, "DOC_A")
    until = (either.clock() + timedelta(days=1)).isoformat()
    given = {"presentation": shown, "country": "SG", "validUntil": until}
    answered = await either.send(*operation("giveConsent", ERRORS, given), token=token)
    refused(answered, 400, "BAD_USER_INPUT")
    happened = (await log_of(either, "m2"))[len(before) :]
    assert {event.kind for event in happened} == {EventKind.PRESENTED}


async def test_whoever_showed_it_the_member_answers_it(either: Door) -> None:
    """A company's front end shows the document on the member's session."""
    service = either.issuer.token(company="ssi", sub="ssi-front", purposes=[])
    asked = {"document": "DOC_B", "language": "JA", "memberId": node_id(either, "ssi", "m1")}
    payload = await do(either, "presentDocument", service, PRESENTATION, **asked)
    shown = payload["presentation"]["id"]
    given = await do(
        either, "giveConsent", member(either, "m1"), presentation=shown, items=["B.use"]
    )
    assert states(given) == {"B.use": "GRANTED"}


async def test_what_was_shown_to_one_member_is_not_answered_by_another(either: Door) -> None:
    shown = await present(either, member(either, "m1"))
    for key, presentation in (("m6", shown), ("m1", "nonsense"), ("m1", shown[:-1])):
        response = await either.send(
            'mutation ($p: ID!) { giveConsent(input: {presentation: $p, items: ["B.use"]}) '
            "{ userErrors { code } } }",
            {"p": presentation},
            token=member(either, key),
        )
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_guardian_gives_what_a_child_cannot(either: Door) -> None:
    child, parent = member(either, "m5"), member(either, "m1", guardian_of="m5")
    assert codes(await give(either, child, "B.use")) == ["GUARDIAN_REQUIRED"]
    assert codes(await do(either, "registerGuardian", parent)) == []
    given = await give(either, parent, "B.use")
    assert states(given) == {"B.use": "GRANTED"}
    event = (await log_of(either, "m5"))[-1]
    assert event.evidence is not None
    assert (event.evidence.actor, event.guardian, event.age) == (
        "guardian:m1",
        True,
        AgeGroup.CHILD,
    )
    answered = await either.ask("{ me { fullName } }", token=parent)
    assert answered["data"]["me"] == {"fullName": "見本 花子"}


async def test_a_guardian_does_not_read_the_ward(either: Door) -> None:
    parent = member(either, "m1", guardian_of="m5")
    await do(either, "registerGuardian", parent)
    payload = await do(
        either,
        "setAdsPreference",
        parent,
        "member { id fullName } consents { state }",
        wanted=False,
    )
    assert payload == {"member": None, "consents": []}
