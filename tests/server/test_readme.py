"""What the README shows is what the server says."""

import re
from pathlib import Path

import orjson
import pytest

from tests.door import Door

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
VARYING = ("decisionId", "asOf", "policyVersion")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.anyio
async def test_the_example_gets_the_answer_shown(either: Door) -> None:
    answer = await either.ask(block("graphql"), purpose="own:card:service")
    shown = answer["extensions"]["privacy"]
    assert all(shown.pop(name) for name in VARYING)
    assert answer == orjson.loads(block("json"))


def test_the_query_sent_by_curl_is_the_query_shown() -> None:
    sent = re.search(r"-d '(.*)'", README)
    assert sent is not None
    assert orjson.loads(sent[1])["query"].split() == block("graphql").split()


def test_the_files_and_folders_it_points_to_exist() -> None:
    root = Path(__file__).parents[2]
    named = re.findall(r"\]\(([\w./]+)\)|^\| `(\w+)/`", README, re.MULTILINE)
    assert len(named) > 10
    assert [path for pair in named for path in pair if path and not (root / path).exists()] == []
