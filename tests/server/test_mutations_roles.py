"""Who may do what: members about themselves, systems in their own name, officers with a reason."""

from itertools import product
from typing import Any

import pytest

from policy.events import EventKind
from schema.classification import MUTATIONS
from tests.acts import (
    codes,
    do,
    kinds_since,
    log_of,
    member,
    office,
    operation,
    present,
    seen_by_life,
    states,
)
from tests.door import Door, refused

pytestmark = pytest.mark.anyio

PRESENTED = {"presentation": "nonsense", "items": ["B.use"]}
DECIDED = {"memberId": "nonsense", "items": ["B.use"], "reason": "R-1"}
INPUTS: dict[str, dict[str, Any]] = {
    "presentDocument": {"document": "DOC_B", "language": "JA"},
    "recordFirstUse": {"memberId": "nonsense", "service": "card_service"},
    **dict.fromkeys(("giveConsent", "refuseConsent", "deferConsent"), PRESENTED),
    "withdrawConsent": {"items": ["B.use"]},
    **dict.fromkeys(("suspendConsent", "reinstateConsent", "invalidateConsent"), DECIDED),
    **{name: {"company": "card"} for name in ("linkAccount", "unlinkAccount", "requestStop")},
    "setMailPreference": {"sender": "card", "wanted": True},
    "setAdsPreference": {"wanted": True},
    "updateContact": {"phone": "03-0000-0000"},
    "registerGuardian": {},
    "reportSuspiciousContact": {"company": "card", "report": "They asked for my password."},
    "closeAccount": {},
}
MAY = {
    "service": {"recordFirstUse", "presentDocument", "linkAccount"},
    "analyst": set[str](),
    "officer": {"suspendConsent", "reinstateConsent", "invalidateConsent"},
    "member": set(MUTATIONS) - {"recordFirstUse"},
}
MAY["member"] -= {*MAY["officer"], "registerGuardian"}


def test_every_mutation_has_an_input_here() -> None:
    assert INPUTS.keys() == set(MUTATIONS)


@pytest.mark.parametrize("role", MAY)
async def test_what_a_role_may_not_do_is_forbidden(door: Door, role: str) -> None:
    token = door.issuer.token(role=role, company="ssi")
    token = member(door, "m1") if role == "member" else token
    before = await log_of(door, "m1")
    for name in MUTATIONS:
        response = await door.send(
            *operation(name, "userErrors { code }", INPUTS[name]), token=token
        )
        code = response.json().get("errors", [{}])[0].get("extensions", {}).get("code")
        assert (code != "FORBIDDEN") == (name in MAY[role]), (name, code)
    assert role == "member" or await log_of(door, "m1") == before


async def test_a_processor_records_nothing_in_its_own_name(door: Door) -> None:
    token = door.issuer.token(company="callcenter", on_behalf_of="ssi", purposes=[])
    for name in MAY["service"]:
        given = INPUTS[name] | {"memberId": "nonsense"}
        response = await door.send(*operation(name, "userErrors { code }", given), token=token)
        assert response.status_code in {401, 403}


async def test_an_officer_holds_what_stands_and_lets_it_stand_again(either: Door) -> None:
    token, of = office(either, "ssi", "m2")
    asked: dict[str, Any] = {"memberId": of, "items": ["B.ins_group"], "reason": "R-2026-17"}
    before = len(await log_of(either, "m2"))
    assert states(await do(either, "suspendConsent", token, **asked)) == {
        "B.ins_group": "SUSPENDED"
    }
    assert not await seen_by_life(either, "m2")
    assert states(await do(either, "reinstateConsent", token, **asked)) == {
        "B.ins_group": "GRANTED"
    }
    assert await seen_by_life(either, "m2")
    assert states(await do(either, "invalidateConsent", token, **asked)) == {
        "B.ins_group": "INVALIDATED"
    }
    assert not await seen_by_life(either, "m2")
    assert await kinds_since(either, "m2", before) == [
        EventKind.SUSPENDED,
        EventKind.REINSTATED,
        EventKind.INVALIDATED,
    ]
    evidence = (await log_of(either, "m2"))[-1].evidence
    assert evidence is not None
    assert (evidence.actor, evidence.reference) == ("officer:ssi:officer-1", "R-2026-17")


async def test_an_officer_s_act_shows_no_value_and_is_on_record_even_when_it_fails(
    either: Door,
) -> None:
    token, of = office(either, "ssi", "m2")
    asked: dict[str, Any] = {"memberId": of, "items": ["B.sensitive"], "reason": "R-1"}
    before = len(await either.entries())
    payload = await do(
        either, "suspendConsent", token, "member { fullName } userErrors { code }", **asked
    )
    assert payload == {"member": {"fullName": None}, "userErrors": [{"code": "NOTHING_TO_SUSPEND"}]}
    await do(either, "suspendConsent", token, "userErrors { code }", **asked)
    first, second = (await either.entries())[before:]
    for entry in (first, second):
        assert (entry.role, entry.company) == ("officer", "ssi")
        assert any("m2" in part.members for part in entry.disclosures)


@pytest.mark.parametrize(
    ("company", "key", "item", "status"),
    [
        ("ssi", "m2", "B.use", 200),
        ("*", "m2", "B.use", 200),
        ("rakuten_group", "m2", "A", 200),
        ("ichiba", "m1", "A", 200),
        ("card", "m1", "A", 403),
        ("card", "m1", "B.use", 403),
        ("rakuten_group", "m2", "B.use", 403),
    ],
)
async def test_officers_decide_about_documents_of_their_own_company(
    door: Door, company: str, key: str, item: str, status: int
) -> None:
    token, of = office(door, company, key)
    asked = {"memberId": of, "items": [item], "reason": "R-1"}
    response = await door.send(
        *operation("suspendConsent", "userErrors { code }", asked), token=token
    )
    if status == 200:
        assert response.json()["data"]["suspendConsent"]["userErrors"] == []
    else:
        refused(response, status, "FORBIDDEN", "their company")


async def test_an_officer_knows_the_members_of_their_company_alone(door: Door) -> None:
    """m4 was never the small insurer's."""
    token, of = office(door, "ssi", "m4")
    asked = {"memberId": of, "items": ["B.use"], "reason": "R-1"}
    response = await door.send(
        *operation("suspendConsent", "userErrors { code }", asked), token=token
    )
    refused(response, 400, "BAD_USER_INPUT", "no id")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *product(("giveConsent", "refuseConsent", "deferConsent"), [{"items": []}]),
        *product(("giveConsent",), [{"items": ["B.use", "B.use"]}, {}]),
        ("giveConsent", {"items": ["B.use"], "country": "SG"}),
    ],
)
async def test_nothing_is_ticked_that_was_not_named(
    door: Door, name: str, given: dict[str, Any]
) -> None:
    token = member(door, "m1")
    asked = {"presentation": await present(door, token), **given}
    response = await door.send(*operation(name, "userErrors { code }", asked), token=token)
    refused(response, 400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "given",
    [{}, {"items": []}, {"items": ["A"], "document": "DOC_A"}, {"document": "DOC_nothing"}],
)
async def test_what_is_taken_back_is_named_in_one_way(door: Door, given: dict[str, Any]) -> None:
    sent = operation("withdrawConsent", "userErrors { code }", given)
    refused(await door.send(*sent, token=member(door, "m1")), 400, "BAD_USER_INPUT")


async def test_members_are_themselves(door: Door) -> None:
    own = door.checkpoint.seal.node_id("member:m1", "Member", "m1")
    for of, code in ((own, None), (door.checkpoint.seal.node_id("member:m1", "Member", "m2"), 400)):
        asked = INPUTS["presentDocument"] | {"memberId": of}
        response = await door.send(
            *operation("presentDocument", "userErrors { code }", asked), token=member(door, "m1")
        )
        assert response.status_code == (code or 200)


async def test_a_guardian_token_does_not_act_for_its_bearer(door: Door) -> None:
    token = member(door, "m1", guardian_of="m5")
    before = await log_of(door, "m1")
    assert codes(await do(door, "registerGuardian", token)) == []
    await do(door, "setAdsPreference", token, wanted=False)
    assert await log_of(door, "m1") == before
    assert [event.kind for event in (await log_of(door, "m5"))[-2:]] == [
        EventKind.GUARDIAN_REGISTERED,
        EventKind.ADS_PREFERENCE,
    ]


async def test_nobody_is_their_own_guardian(door: Door) -> None:
    token = member(door, "m5", guardian_of="m5")
    response = await door.send(
        *operation("registerGuardian", "userErrors { code }", {}), token=token
    )
    refused(response, 401, "UNAUTHENTICATED", "guardian_of")


async def test_a_stranger_who_says_to_be_a_guardian_is_told_nothing(door: Door) -> None:
    for name, given in (
        ("withdrawConsent", {"items": ["A"]}),
        ("unlinkAccount", {"company": "card"}),
        ("closeAccount", {}),
    ):
        for ward in ("m4", "m5", "nobody"):
            token = member(door, "m1", guardian_of=ward)
            payload = await do(door, name, token, **given)
            assert (payload["consents"], codes(payload)) == (None, ["NOT_GUARDIAN"])
