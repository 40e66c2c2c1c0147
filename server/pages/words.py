"""What the pages say: whole sentences, in Japanese and in English."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from server.settings import CHECKOUT

FOLDER = CHECKOUT / "server" / "words"
LANGUAGES: Mapping[str, str] = {"ja": "日本語", "en": "English"}
"""Each language under its own name."""
COOKIE = "sekisho-language"
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language, by their keys (`server/words/*.toml`)."""

    language: str
    sentences: Mapping[str, str] = field(repr=False)

    def say(self, key: str, **values: object) -> str:
        """Give a sentence with its values in it. Raises KeyError for one that is not there."""
        return self.sentences[key].format(**values)

    def has(self, key: str) -> bool:
        return key in self.sentences

    def of(self, label: Mapping[str, str]) -> str:
        """Give a label of the catalogue in this language."""
        return label[self.language]


@cache
def words_in(language: str) -> Words:
    """Read the sentences of a language."""
    said = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    return Words(language, dict(_flat(said)))


def preferred(chosen: str | None, accepted: str) -> str:
    """Give the language that was chosen, or else the best of `Accept-Language` that there is."""
    if chosen and chosen in LANGUAGES:
        return chosen
    offers = sorted(map(_offer, accepted.split(",")), key=lambda offer: -offer[1])
    return next((tag for tag, weight in offers if tag in LANGUAGES and weight > 0), _ENGLISH)


def _offer(text: str) -> tuple[str, float]:
    """Give one entry of `Accept-Language`: its language and its weight."""
    tag, _, weight = text.partition(";q=")
    try:
        return tag.strip().lower().partition("-")[0], float(weight or 1)
    except ValueError:
        return "", 0


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value
