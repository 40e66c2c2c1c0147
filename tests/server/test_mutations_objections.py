"""What the rules forbid has a stable code, names its place in the input, and leaves no event."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from policy.acts import OBJECTIONS, Objection
from tests.acts import codes, do, log_of, member, office, present
from tests.door import Door

pytestmark = pytest.mark.anyio

Forbidden = Callable[[Door], Awaitable[tuple[str, str, str, dict[str, Any]]]]
"""Prepares, and gives the member, the mutation, the token and its input."""

FORBIDDEN: dict[str, tuple[Objection, list[str] | None, Forbidden]] = {}


def forbidden(objection: Objection, *field: str) -> Callable[[Forbidden], Forbidden]:
    def put(case: Forbidden) -> Forbidden:
        FORBIDDEN[case.__name__] = (objection, ["input", *field] if field else None, case)
        return case

    return put


@forbidden(Objection.UNKNOWN_ITEM, "items", "1")
async def an_item_that_there_is_not(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    shown = await present(door, token)
    return "m1", "giveConsent", token, {"presentation": shown, "items": ["B.use", "B.nothing"]}


@forbidden(Objection.UNKNOWN_ITEM, "items", "0")
async def an_item_of_another_document(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    return "m1", "giveConsent", token, {"presentation": await present(door, token), "items": ["A"]}


@forbidden(Objection.ITEM_APART, "items", "0")
async def a_sensitive_item_among_others(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    shown = await present(door, token)
    return "m1", "giveConsent", token, {"presentation": shown, "items": ["B.sensitive", "B.use"]}


@forbidden(Objection.SESSION_TOO_WEAK, "items", "0")
async def a_session_of_another_id(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    shown = await present(door, member(door, "m1"))
    token = member(door, "m1", acr="PASSWORD_OF_A_SHOP")
    return "m1", "giveConsent", token, {"presentation": shown, "items": ["B.use"]}


@forbidden(Objection.GUARDIAN_REQUIRED, "items", "0")
async def a_child_without_a_guardian(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m5")
    shown = await present(door, token)
    return "m5", "giveConsent", token, {"presentation": shown, "items": ["B.use"]}


@forbidden(Objection.PRESENTATION_OUTDATED, "presentation")
async def a_presentation_that_a_later_one_follows(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    first = await present(door, token)
    await present(door, token, language="EN")
    return "m1", "giveConsent", token, {"presentation": first, "items": ["B.use"]}


@forbidden(Objection.PRESENTATION_OUTDATED, "presentation")
async def a_presentation_that_a_refusal_used_up(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    shown = await present(door, token)
    await do(door, "refuseConsent", token, presentation=shown, items=["B.use"])
    return "m1", "giveConsent", token, {"presentation": shown, "items": ["B.use"]}


@forbidden(Objection.TERM_OVER, "validUntil")
async def a_term_that_is_over(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    given = {"presentation": await present(door, token), "items": ["B.use"]}
    until = door.clock() - timedelta(seconds=1)
    return "m1", "giveConsent", token, {**given, "validUntil": until.isoformat()}


@forbidden(Objection.UNKNOWN_COUNTRY, "country")
async def a_country_that_the_notice_does_not_name(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m2")
    shown = await present(door, token, "DOC_A")
    return "m2", "giveConsent", token, {"presentation": shown, "country": "AQ"}


@forbidden(Objection.NOT_ASKED, "document")
async def a_notice_that_asks_nothing(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    asked = {"document": "DOC_card", "language": "JA"}
    return "m1", "presentDocument", member(door, "m1"), asked


@forbidden(Objection.NOTHING_TO_WITHDRAW, "items", "0")
async def taking_back_what_was_not_given(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "withdrawConsent", member(door, "m1"), {"items": ["B.use"]}


@forbidden(Objection.NOTHING_TO_WITHDRAW, "document")
async def taking_back_a_document_of_which_nothing_was_given(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "withdrawConsent", member(door, "m1"), {"document": "DOC_B"}


@forbidden(Objection.NOTHING_TO_WITHDRAW, "country")
async def taking_back_a_country_that_was_not_given(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "withdrawConsent", member(door, "m1"), {"country": "SG"}


@forbidden(Objection.NOTHING_TO_WITHDRAW, "items", "1")
async def taking_back_one_that_was_given_and_one_that_was_not(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    """As a whole or not at all."""
    return "m2", "withdrawConsent", member(door, "m2"), {"items": ["B.use", "B.sensitive"]}


@forbidden(Objection.ACCOUNT_CLOSED)
async def a_wish_of_a_closed_account(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    wish = {"sender": "rakuten_group", "wanted": False}
    return "m4", "setMailPreference", member(door, "m4"), wish


@forbidden(Objection.ACCOUNT_CLOSED)
async def closing_an_account_twice(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1")
    assert codes(await do(door, "closeAccount", token)) == []
    return "m1", "closeAccount", token, {}


@forbidden(Objection.ACCOUNT_CLOSED)
async def new_contact_data_of_a_closed_account(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m4", "updateContact", member(door, "m4"), {"phone": "03-0000-0000"}


@forbidden(Objection.NO_ACCOUNT)
async def somebody_whom_nobody_knows(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "nobody", "setAdsPreference", member(door, "nobody"), {"wanted": False}


@forbidden(Objection.NO_ACCOUNT)
async def contact_data_of_somebody_whom_nobody_knows(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    return "nobody", "updateContact", member(door, "nobody"), {"city": "世田谷区"}


@forbidden(Objection.NOT_GUARDIAN)
async def a_guardian_who_is_not_registered(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token = member(door, "m1", guardian_of="m5")
    return "m5", "setAdsPreference", token, {"wanted": False}


@forbidden(Objection.NOT_GUARDIAN)
async def a_guardian_of_an_adult(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m2", "registerGuardian", member(door, "m1", guardian_of="m2"), {}


@forbidden(Objection.SESSION_TOO_WEAK)
async def a_guardian_in_a_weak_session(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m5", "registerGuardian", member(door, "m1", guardian_of="m5", acr=None), {}


@forbidden(Objection.UNKNOWN_COMPANY, "sender")
async def mail_of_nobody(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    wish = {"sender": "no_such_company", "wanted": False}
    return "m1", "setMailPreference", member(door, "m1"), wish


@forbidden(Objection.UNKNOWN_COMPANY, "company")
async def a_report_of_nobody(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    told = {"company": "no_such_company", "report": "They asked for my password."}
    return "m1", "reportSuspiciousContact", member(door, "m1"), told


@forbidden(Objection.UNKNOWN_CATEGORY, "categories")
async def a_stop_of_no_category(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    stop = {"company": "card", "categories": ["login", "no_such_category"]}
    return "m1", "requestStop", member(door, "m1"), stop


@forbidden(Objection.NOT_LINKED, "company")
async def unlinking_what_was_not_linked(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "unlinkAccount", member(door, "m1"), {"company": "bank"}


@forbidden(Objection.ALREADY_LINKED, "company")
async def linking_twice(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "linkAccount", member(door, "m1"), {"company": "card"}


@forbidden(Objection.NOT_LIVE, "company")
async def linking_a_company_that_is_only_planned(
    door: Door,
) -> tuple[str, str, str, dict[str, Any]]:
    return "m1", "linkAccount", member(door, "m1"), {"company": "new_service"}


@forbidden(Objection.REASON_MISSING, "reason")
async def an_officer_without_a_reason(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token, of = office(door, "ssi", "m2")
    return "m2", "suspendConsent", token, {"memberId": of, "items": ["B.use"], "reason": " "}


@forbidden(Objection.NOTHING_TO_SUSPEND, "items", "0")
async def suspending_what_does_not_stand(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token, of = office(door, "ssi", "m2")
    return "m2", "suspendConsent", token, {"memberId": of, "items": ["B.sensitive"], "reason": "R1"}


@forbidden(Objection.NOT_SUSPENDED, "items", "0")
async def reinstating_what_was_not_suspended(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token, of = office(door, "ssi", "m2")
    return "m2", "reinstateConsent", token, {"memberId": of, "items": ["B.use"], "reason": "R1"}


@forbidden(Objection.NOTHING_TO_INVALIDATE, "items", "0")
async def declaring_void_what_was_not_given(door: Door) -> tuple[str, str, str, dict[str, Any]]:
    token, of = office(door, "*", "m1")
    return "m1", "invalidateConsent", token, {"memberId": of, "items": ["B.use"], "reason": "R1"}


@pytest.mark.parametrize("case", FORBIDDEN)
async def test_what_is_forbidden_is_told_by_its_code_and_leaves_no_event(
    door: Door, case: str
) -> None:
    objection, field, prepare = FORBIDDEN[case]
    key, name, token, given = await prepare(door)
    before = await log_of(door, key)
    payload = await do(door, name, token, "userErrors { code message field }", **given)
    assert payload["userErrors"] == [
        {"code": objection, "message": OBJECTIONS[objection], "field": field}
    ]
    assert await log_of(door, key) == before
