"""Companies that listen to what changes for them, and what makes it change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.events import Event, EventKind
from tests.door import Door
from tests.sockets import Talk, talking
from tests.streams import CHANGES, event, listening, told

SERVICE = "own:card:service"


@dataclass(frozen=True)
class Company:
    """A system that listens, and how it comes to know members."""

    key: str
    purpose: str
    on_behalf_of: str | None = None

    def token(self, door: Door, **changed: Any) -> str:
        claims = {
            "company": self.key,
            "on_behalf_of": self.on_behalf_of,
            "purposes": [self.purpose],
        }
        return door.issuer.token(**(claims | changed))

    async def receive(self, door: Door) -> Mapping[str, str]:
        """Read all that it may; the ids it was given, by the key inside."""
        asked = "{ members(first: 50) { nodes { id } } }"
        answer = await door.ask(asked, token=self.token(door), purpose=self.purpose)
        ids = [each["id"] for each in answer["data"]["members"]["nodes"]]
        return {door.checkpoint.seal.open_node_id(self.audience, id_)[1]: id_ for id_ in ids}

    @property
    def audience(self) -> str:
        if self.on_behalf_of:
            return f"processor:{self.key}:{self.on_behalf_of}"
        return f"company:{self.key}"

    def id_of(self, door: Door, member: str) -> str:
        return door.checkpoint.seal.node_id(self.audience, "Member", member)

    def talking(self, address: str, door: Door) -> Any:
        return talking(address, self.token(door), purpose=self.purpose)


CARD = Company("card", SERVICE)
INSURER = Company("ssi", "policy_servicing")
ICHIBA = Company("ichiba", "order_fulfil")
COURIER = Company("courier", "order_fulfil", "ichiba")


async def begin(talk: Talk, door: Door, **asked: Any) -> str:
    return await listening(talk, door, None, CHANGES, **asked)


async def changes(talk: Talk, number: int) -> Sequence[dict[str, Any]]:
    return [told(await talk.next()) for _ in range(number)]


async def kinds(talk: Talk, number: int) -> Sequence[str]:
    return [each["kind"] for each in await changes(talk, number)]


def keys(notice: Mapping[str, Any]) -> set[str]:
    return {each["key"] for each in notice["categories"]}


def stop(door: Door, company: str, *categories: str) -> Event:
    return event(door, EventKind.STOP_REQUESTED, company=company, categories=categories)


def lifted(door: Door, company: str) -> Event:
    return event(door, EventKind.STOP_LIFTED, company=company)
