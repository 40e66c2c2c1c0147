"""Listening to what happens to a member, and making it happen."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.event_log import append
from policy.events import Event, EventKind
from tests.door import Door
from tests.sockets import Talk, until

NOTICES = """subscription ($after: String) { consentEvents(after: $after) {
  cursor kind at item { key } company { key } consent { state since }
} }"""
SHORT = "subscription ($after: String) { consentEvents(after: $after) { cursor kind at } }"
WITH_ME = """subscription { consentEvents {
  kind member { id fullName consents { item { key } state } }
} }"""
ACCESS = """subscription ($after: String) { accessToMyData(after: $after) {
  cursor disclosure { at role purpose { key } recipient { key } items { field use } memberCount }
} }"""
CHANGES = """subscription ($after: String) { consentChanges(after: $after) {
  cursor kind at memberId categories { key }
} }"""
PAGE = Path(__file__).parents[1] / "docs" / "clients.md"
A, VERSION = "A", "2022-03-31"


def on_the_page() -> Sequence[str]:
    """The subscriptions that the page for clients shows."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"```graphql\n(subscription .*?)```", text, re.DOTALL)


def event(door: Door, kind: EventKind, **parts: Any) -> Event:
    return Event(kind, door.clock(), **parts)


def withdrawn(door: Door) -> Event:
    return event(door, EventKind.WITHDRAWN, item=A)


async def listening(
    talk: Talk, door: Door, member: str | None, query: str = SHORT, **asked: Any
) -> str:
    """Subscribe, and wait until it is under way."""
    before = len(door.checkpoint.listeners.waiting.get(member, ()))
    id_ = await talk.begin(query, **asked)
    await until(lambda: len(door.checkpoint.listeners.waiting.get(member, ())) > before)
    return id_


async def resting(door: Door, member: str) -> None:
    """Wait until who listens to the member looked, as all do at first, and has nothing to do."""
    listeners = door.checkpoint.listeners

    def holds() -> bool:
        woken = any(each.is_set() for each in listeners.waiting[member])
        return bool(listeners.position and not woken and not door.checkpoint.admission.under_way)

    await until(holds)


def told(payload: dict[str, Any]) -> dict[str, Any]:
    """The notice, which must have come without an error."""
    assert "errors" not in payload
    (notice,) = payload["data"].values()
    found: dict[str, Any] = notice
    return found


def waiting(door: Door) -> int:
    """How many streams have told all there is, and wait for more."""
    moved: Any = door.checkpoint.folder._moved  # noqa: SLF001 (nobody else counts them)
    return len(moved._waiters)  # noqa: SLF001


async def following(talk: Talk, door: Door, query: str = ACCESS, **asked: Any) -> str:
    """Listen to the looks at one's data, and wait until it is under way."""
    before = waiting(door)
    id_ = await talk.begin(query, **asked)
    await until(lambda: waiting(door) > before)
    return id_


async def kinds(talk: Talk, number: int) -> Sequence[str]:
    return [told(await talk.next())["kind"] for _ in range(number)]


async def happen(door: Door, member: str, *events: Event) -> None:
    """Record what happens to a member."""
    here = door.checkpoint
    async with here.database.write() as connection:
        await append(connection, here.catalogue, {member: events}, door.clock())
