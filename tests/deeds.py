"""Every mutation with what it takes to do it once, in the demo world."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.acts import ERRORS, codes, give, member, node_id, office, operation, present
from tests.door import Door

Given = dict[str, Any]
Prepare = Callable[[Door], Awaitable[tuple[str, Given]]]
DEEDS: dict[str, Prepare] = {}
"""Mutation → what brings it about that it can be done, its caller's token and its input."""


def case(name: str) -> Callable[[Prepare], Prepare]:
    def named(prepare: Prepare) -> Prepare:
        DEEDS[name] = prepare
        return prepare

    return named


@case("presentDocument")
async def presenting(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"document": "DOC_B", "language": "JA"}


@case("recordFirstUse")
async def first_use(door: Door) -> tuple[str, Given]:
    await present(door, member(door, "m1"), "DOC_GX")
    service = door.issuer.token(company="rakuten_group", sub="gx", purposes=["service_provision"])
    of = node_id(door, "rakuten_group", "m1")
    return service, {"memberId": of, "service": "global_express"}


@case("giveConsent")
async def giving(door: Door) -> tuple[str, Given]:
    token = member(door, "m1")
    return token, {"presentation": await present(door, token), "items": ["B.use", "B.group"]}


@case("refuseConsent")
async def refusing(door: Door) -> tuple[str, Given]:
    token = member(door, "m1")
    return token, {"presentation": await present(door, token), "items": ["B.sensitive"]}


@case("deferConsent")
async def deferring(door: Door) -> tuple[str, Given]:
    token = member(door, "m1")
    return token, {"presentation": await present(door, token), "items": ["B.use"]}


@case("withdrawConsent")
async def withdrawing(door: Door) -> tuple[str, Given]:
    return member(door, "m2"), {"document": "DOC_B"}


@case("suspendConsent")
async def suspending(door: Door) -> tuple[str, Given]:
    token, of = office(door, "ssi", "m3")
    return token, {"memberId": of, "items": ["B.use"], "reason": "R-1"}


@case("reinstateConsent")
async def reinstating(door: Door) -> tuple[str, Given]:
    token, suspended = await suspending(door)
    await tell(door, "suspendConsent", token, suspended)
    return token, suspended


@case("invalidateConsent")
async def invalidating(door: Door) -> tuple[str, Given]:
    return await suspending(door)


@case("linkAccount")
async def linking(door: Door) -> tuple[str, Given]:
    service = door.issuer.token(company="bank", sub="bank-front", purposes=["id_login"])
    return service, {"memberId": node_id(door, "bank", "m1"), "accountId": "bank-1"}


@case("unlinkAccount")
async def unlinking(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"company": "card"}


@case("setMailPreference")
async def mail(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"sender": "rakuten_group", "wanted": True}


@case("setAdsPreference")
async def ads(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"wanted": False}


@case("requestStop")
async def stopping(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"company": "card", "categories": ["login", "profile"]}


@case("updateContact")
async def contact(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"phone": "03-0000-0001", "city": "世田谷区"}


@case("reportSuspiciousContact")
async def reporting(door: Door) -> tuple[str, Given]:
    return member(door, "m1"), {"company": "card", "report": "They asked for my password."}


@case("registerGuardian")
async def guarding(door: Door) -> tuple[str, Given]:
    return member(door, "m1", guardian_of="m5"), {}


@case("closeAccount")
async def closing(door: Door) -> tuple[str, Given]:
    await give(door, member(door, "m7"), "B.use")
    return member(door, "m7"), {}


async def tell(door: Door, name: str, token: str, given: Given) -> None:
    answered = await door.ask(*operation(name, ERRORS, given), token=token)
    assert codes(answered["data"][name]) == []
