"""Mutations as a front end sends them, and what a test says of their answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.event_log import events_of
from policy.events import Event, EventKind
from tests.door import Door

STANDING = "consents { item { key } state level version { key } }"
ERRORS = "userErrors { code message field }"
ANSWER = f"{STANDING} {ERRORS}"
PRESENTATION = "presentation { id version { key } items { key } disadvantages contentHash }"


async def do(
    door: Door, name: str, token: str, answer: str = ANSWER, **given: Any
) -> dict[str, Any]:
    """Send one mutation, which must be answered, and give its payload."""
    sent = {key: given.pop(key) for key in ("purpose", "headers") if key in given}
    answered = await door.ask(*operation(name, answer, given), token=token, **sent)
    payload: dict[str, Any] = answered["data"][name]
    return payload


def operation(name: str, answer: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The document and the variables of one mutation."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {answer} }} }}"
    return query, {"input": dict(given)}


def member(door: Door, key: str, **claims: Any) -> str:
    """A member's token, of a session with the group's ID unless told otherwise."""
    return door.issuer.member(key, **{"acr": "RAKUTEN_ID"} | claims)


async def present(door: Door, token: str, document: str = "DOC_B", **given: Any) -> str:
    """Be shown a document; the id to answer with."""
    asked = {"document": document, "language": "JA"} | given
    payload = await do(door, "presentDocument", token, f"{PRESENTATION} {ERRORS}", **asked)
    assert payload["userErrors"] == []
    return str(payload["presentation"]["id"])


async def give(door: Door, token: str, *items: str, document: str = "DOC_B") -> dict[str, Any]:
    """Be shown a document, and give these items of it."""
    shown = await present(door, token, document)
    return await do(door, "giveConsent", token, presentation=shown, items=list(items))


def states(payload: Mapping[str, Any]) -> dict[str, str]:
    """Where the items stand, as the payload says."""
    return {each["item"]["key"]: each["state"] for each in payload["consents"]}


def codes(payload: Mapping[str, Any]) -> list[str]:
    return [each["code"] for each in payload["userErrors"]]


async def log_of(door: Door, key: str) -> Sequence[Event]:
    """Everything recorded about a member."""
    async with door.checkpoint.database.read() as connection:
        return await events_of(connection, key)


async def kinds_since(door: Door, key: str, number: int) -> list[EventKind]:
    """What happened to a member after so many events."""
    return [event.kind for event in (await log_of(door, key))[number:]]


def node_id(door: Door, company: str, key: str) -> str:
    """The id under which a company knows a member."""
    return door.checkpoint.seal.node_id(f"company:{company}", "Member", key)


async def seen_by_life(door: Door, key: str) -> bool:
    """Whether `life` is shown a policy of the member's, which rests on B.ins_group."""
    answered = await door.ask(
        "query ($id: ID!) { member(id: $id) { insurancePolicies { totalCount } } }",
        {"id": node_id(door, "life", key)},
        token=door.issuer.token(company="life", purposes=["ads_marketing*", "ads_marketing"]),
        purpose="ads_marketing",
    )
    found = answered["data"]["member"]
    return bool(found and found["insurancePolicies"] and found["insurancePolicies"]["totalCount"])


def office(door: Door, company: str, key: str) -> tuple[str, str]:
    """A privacy officer's token, and the id under which their office knows a member."""
    token = door.issuer.token(role="officer", company=company, sub="officer-1", purposes=None)
    return token, door.checkpoint.seal.node_id(f"officer:{company}", "Member", key)
