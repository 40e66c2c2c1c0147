"""Who can see what, as cards: the purposes of a company for which the same holds, together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One company, and purposes of it that the same provisions open or leave shut."""

    readers: Sequence[Told]
    """As the API tells them; they differ in their purpose alone."""

    @property
    def key(self) -> str:
        """The same after a choice, so that whoever made it stays where they were."""
        first = self.readers[0]
        controller = first["onBehalfOf"] or {"key": ""}
        named = (first["company"]["key"], controller["key"], first["purpose"]["key"])
        return "-".join(each.replace(":", "_") for each in named if each)

    @property
    def controller(self) -> Told | None:
        found: Told | None = self.readers[0]["onBehalfOf"]
        return found

    @property
    def purposes(self) -> Sequence[Told]:
        return [each["purpose"] for each in self.readers]

    @property
    def open(self) -> Sequence[Told]:
        return [way for way in self.readers[0]["ways"] if way["open"]]

    @property
    def shut(self) -> Sequence[Told]:
        return [way for way in self.readers[0]["ways"] if not way["open"]]

    @property
    def categories(self) -> Sequence[Told]:
        """What can be seen now, each once."""
        return list({each["key"]: each for way in self.open for each in way["categories"]}.values())

    @property
    def to_choose(self) -> bool:
        """Whether something is open, or would be if the member wished so."""
        return bool(self.open or any(way["missing"] for way in self.shut))


@dataclass(frozen=True, slots=True)
class Company:
    """A company with its cards."""

    company: Told
    cards: Sequence[Card]

    @property
    def sees(self) -> bool:
        return any(card.open for card in self.cards)

    @property
    def categories(self) -> Sequence[Told]:
        """What it can see now, for whatever purpose."""
        return list({each["key"]: each for card in self.cards for each in card.categories}.values())


def companies_of(readers: Sequence[Told]) -> Sequence[Company]:
    """Give the companies with their cards: first those that see something."""
    alike: dict[str, dict[bytes, list[Told]]] = {}
    companies: dict[str, Told] = {}
    for each in readers:
        key = each["company"]["key"]
        companies[key] = each["company"]
        same = orjson.dumps([each["onBehalfOf"], each["ways"]])
        alike.setdefault(key, {}).setdefault(same, []).append(each)
    found = [
        Company(companies[key], sorted(map(Card, groups.values()), key=lambda card: not card.open))
        for key, groups in alike.items()
    ]
    return sorted(found, key=lambda company: not company.sees)
