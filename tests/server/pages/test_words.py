"""What the pages say: every sentence in both languages, and none that nobody says."""

import re
import string
from pathlib import Path

import pytest

from server.pages.words import LANGUAGES, preferred, words_in

SERVER = Path(__file__).parents[3] / "server"
SOURCES = [*SERVER.glob("templates/*.html"), *SERVER.glob("pages/*.py")]
KEY = re.compile(r"""["']([a-z_]+(?:\.[A-Za-z_0-9]+)+)["']""")
BEGUN = re.compile(r"""["']([a-z_]+\.(?:\w+\.)?\w*)["'] ~""")
TAKEN = re.compile(r"""f["']([a-z_]+\.(?:\w+\.)?\w*)\{""")


def said() -> tuple[set[str], set[str]]:
    """The keys that pages name, and how those begin that they put together."""
    text = "\n".join(source.read_text("utf-8") for source in SOURCES)
    return set(KEY.findall(text)), {*BEGUN.findall(text), *TAKEN.findall(text)}


def holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    ja, en = (words_in(language).sentences for language in LANGUAGES)
    assert ja.keys() == en.keys()
    assert {key: holes(ja[key]) for key in ja} == {key: holes(en[key]) for key in en}


def test_every_sentence_is_said_somewhere() -> None:
    named, begun = said()
    keys = words_in("en").sentences
    assert [k for k in keys if k not in named and not k.startswith(tuple(begun))] == []


def test_every_sentence_that_is_said_is_there() -> None:
    tables = {key.partition(".")[0] for key in words_in("en").sentences}
    named, _ = said()
    asked = {key for key in named if key.partition(".")[0] in tables}
    asked = {key for key in asked if not key.endswith((".html", ".css", "_"))}
    assert asked - set(words_in("en").sentences) == set()


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("ja", "en", "ja"),
        (None, "ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        (None, "fr, en;q=0.5, ja;q=0.7", "ja"),
        (None, "ja;q=0, de", "en"),
        (None, "ja;q=x", "en"),
        (None, "", "en"),
        ("fr", "ja", "ja"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_best_that_is_accepted(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert preferred(chosen, accepted) == language
