"""A company's system acts in its own name, and learns nothing of what the member decided."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from policy.events import EventKind
from tests.acts import codes, do, kinds_since, log_of, member, node_id, office, operation, present
from tests.clock import Clock
from tests.door import Door, copy_of, opened, refused

pytestmark = pytest.mark.anyio

ALL = "consents { state } userErrors { code message field }"
Life = Callable[[Door], Awaitable[object]]


async def nothing(_door: Door) -> None:
    """m1 as the world has them: A is deemed."""


async def taken_back(door: Door) -> None:
    await do(door, "withdrawConsent", member(door, "m1"), items=["A"])


async def refused_anew(door: Door) -> None:
    await taken_back(door)
    shown = await present(door, member(door, "m1"), "DOC_A")
    await do(door, "refuseConsent", member(door, "m1"), presentation=shown, items=["A"])


async def held(door: Door) -> None:
    token, of = office(door, "*", "m1")
    await do(door, "suspendConsent", token, memberId=of, items=["A"], reason="R-1")


async def given(door: Door) -> None:
    shown = await present(door, member(door, "m1"), "DOC_A")
    await do(door, "giveConsent", member(door, "m1"), presentation=shown, items=["A"])


async def closed(door: Door) -> None:
    await do(door, "closeAccount", member(door, "m1"))


async def linked(door: Door) -> None:
    await do(door, "linkAccount", member(door, "m1"), company="travel")


async def linked_by_another(door: Door) -> None:
    """The account that the company means stands for m2 already."""
    token = door.issuer.token(company="travel", sub="travel", purposes=[])
    asked = {"memberId": node_id(door, "travel", "m2"), "accountId": "travel-1"}
    await do(door, "linkAccount", token, **asked)


LIVES: tuple[Life, ...] = (
    *(nothing, taken_back, refused_anew, held, given, closed, linked, linked_by_another),
)
ACTS: dict[str, dict[str, Any]] = {
    "presentDocument": {"document": "DOC_A", "language": "EN"},
    "recordFirstUse": {"service": "travel_booking"},
    "linkAccount": {"accountId": "travel-1"},
}


@pytest.mark.parametrize("name", ACTS)
async def test_a_company_s_system_is_answered_alike_whatever_the_member_decided(
    seed_file: Path, tmp_path: Path, name: str
) -> None:
    answers = {}
    for life in LIVES:
        folder = tmp_path / life.__name__
        folder.mkdir()
        async with opened(copy_of(seed_file, folder), Clock(), folder) as door:
            await life(door)
            token = door.issuer.token(company="travel", sub="travel", purposes=[])
            asked = {"memberId": node_id(door, "travel", "m1"), **ACTS[name]}
            shown = "presentation { id contentHash presentedAt }" if "present" in name else ""
            response = await door.send(*operation(name, f"{shown} {ALL}", asked), token=token)
            assert response.status_code == 200
            answers[life.__name__] = response.content
            unknown = {**asked, "memberId": node_id(door, "travel", "nobody")}
            other = await door.send(*operation(name, ALL, unknown), token=token)
            assert other.json()["data"][name] == {"consents": None, "userErrors": []}
            assert await log_of(door, "nobody") == ()
    assert len(set(answers.values())) == 1, answers


async def test_first_use_deems_what_it_binds_if_it_was_presented(either: Door) -> None:
    """m1 takes A back, is shown it again, and goes on using a shop."""
    token = member(either, "m1")
    service = either.issuer.token(company="travel", sub="travel", purposes=[])
    use = {"memberId": node_id(either, "travel", "m1"), "service": "travel_booking"}
    await taken_back(either)
    before = len(await log_of(either, "m1"))
    await do(either, "recordFirstUse", service, ALL, **use)
    await present(either, token, "DOC_A")
    await do(either, "recordFirstUse", service, ALL, **use)
    assert await kinds_since(either, "m1", before) == [
        EventKind.USED,
        EventKind.PRESENTED,
        EventKind.USED,
        EventKind.DEEMED,
    ]
    event = (await log_of(either, "m1"))[-1]
    assert event.evidence is not None
    assert (event.evidence.actor, event.evidence.service) == ("service:travel", "travel_booking")


async def test_a_company_s_link_is_under_its_own_account_id(either: Door) -> None:
    token = either.issuer.token(company="travel", sub="travel", purposes=["id_login"])
    asked = {"memberId": node_id(either, "travel", "m1"), "accountId": "travel-77"}
    payload = await do(either, "linkAccount", token, ALL, **asked)
    assert payload == {"consents": None, "userErrors": []}
    event = (await log_of(either, "m1"))[-1]
    assert (event.kind, event.company) == (EventKind.LINKED, "travel")
    answered = await either.ask(
        '{ memberByAccount(accountId: "travel-77") { id } }', token=token, purpose="id_login"
    )
    assert answered["data"]["memberByAccount"]["id"] == asked["memberId"]


async def test_the_answer_shows_the_member_as_the_company_sees_them(either: Door) -> None:
    """`bank` sees the login of members for `id_login`, and no more."""
    token = either.issuer.token(company="bank", sub="bank", purposes=["id_login"])
    payload = await do(
        either,
        "linkAccount",
        token,
        "member { loginName fullName consents { state } } consents { state }",
        memberId=node_id(either, "bank", "m1"),
        accountId="bank-m1",
        purpose="id_login",
    )
    seen = {"loginName": "mihon.hanako", "fullName": None, "consents": None}
    assert payload == {"member": seen, "consents": None}


@pytest.mark.parametrize(
    ("company", "given", "code"),
    [
        ("card", {"service": "travel_booking"}, "BAD_USER_INPUT"),
        ("card", {"service": "nothing"}, "BAD_USER_INPUT"),
    ],
)
async def test_a_company_records_the_use_of_its_own_services_alone(
    door: Door, company: str, given: dict[str, Any], code: str
) -> None:
    asked = {"memberId": node_id(door, company, "m1"), **given}
    token = door.issuer.token(company=company)
    refused(await door.send(*operation("recordFirstUse", ALL, asked), token=token), 400, code)


async def test_another_company_s_id_of_the_member_is_no_id(door: Door) -> None:
    asked = {"memberId": node_id(door, "travel", "m1"), "accountId": "card-9"}
    refused(await door.send(*operation("linkAccount", ALL, asked)), 400, "BAD_USER_INPUT")


async def test_members_state_no_account_id(door: Door) -> None:
    for asked in ({"company": "bank", "accountId": "bank-1"}, {"accountId": "bank-1"}, {}):
        sent = operation("linkAccount", ALL, asked)
        refused(await door.send(*sent, token=member(door, "m1")), 400, "BAD_USER_INPUT")
    assert codes(await do(door, "linkAccount", member(door, "m1"), company="bank")) == []
