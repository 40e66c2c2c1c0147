"""What the workbench's source says of the API is so: its examples run, and it knows every code."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import parse, validate

from policy.openings import Needed
from schema.access import WithheldReason
from server.settings import CHECKOUT, Mode
from tests.clock import Clock
from tests.door import Door, copy_of, opened

pytestmark = pytest.mark.anyio

SOURCE = CHECKOUT / "web" / "src"
BEARERS: Mapping[str, Mapping[str, str]] = {
    "ANALYST": {"role": "analyst", "company": "card"},
    "SERVICE": {"role": "service", "company": "card"},
    "MEMBER": {"role": "member", "member": "m1"},
    "OFFICER": {"role": "officer", "company": "*"},
}


def read(name: str) -> Any:
    return orjson.loads((SOURCE / name).read_bytes())


EXAMPLES = [
    pytest.param(example, role, id=f"{example['title']['en']}, {role}")
    for example in read("examples.json")
    for role in example["roles"]
]


@pytest.fixture
async def trial(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """The application in development mode."""
    url, settings = copy_of(seed_file, tmp_path), {"mode": Mode.DEVELOPMENT, "id_keys": None}
    async with opened(url, clock, tmp_path, **settings) as door:
        yield door


@pytest.mark.parametrize(("example", "role"), EXAMPLES)
async def test_each_example_runs_on_the_demo_world(
    trial: Door, example: dict[str, Any], role: str
) -> None:
    response = await trial.client.post(
        "/workbench/token", json=BEARERS[role], headers={"Sec-Fetch-Site": "same-origin"}
    )
    token = response.json()["token"]
    query, variables = example["query"], example.get("variables")
    if example["query"].startswith("subscription"):
        assert validate(trial.checkpoint.schema.core, parse(query)) == []
        return
    named = example.get("purpose", "own:card:service") if "company" in BEARERS[role] else None
    purpose = None if role == "OFFICER" else named
    answer = await trial.ask(query, variables, token=token, purpose=purpose)
    assert answer["data"]


def test_every_reason_has_words_in_both_languages() -> None:
    reasons = read("reasons.json")
    assert set(reasons) == {str(reason) for reason in WithheldReason}
    assert all(said["ja"] and said["en"] for said in reasons.values())


def test_every_condition_has_words_in_both_languages() -> None:
    conditions = read("conditions.json")
    assert set(conditions) == set(Needed) - {Needed.CONSENT}
    assert all(said["ja"] and said["en"] for said in conditions.values())
