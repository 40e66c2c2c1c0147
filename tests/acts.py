"""Mutations as a front end sends them, and what a test says of their answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.event_log import events_of
from policy.events import Event
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
