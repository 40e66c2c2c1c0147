"""The worked examples over HTTP, on both engines: what the rules require is what comes back."""

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from server import checkpoint
from tests.clock import START, Clock
from tests.demo import demo
from tests.door import opened
from tests.over_http import answered, fill, told, write_catalogue
from tests.real import CATALOGUE
from tests.worked_examples import Case, all_cases

pytestmark = pytest.mark.anyio


def worlds() -> list[ParameterSet]:
    """The cases that share a world and a time, together."""
    found: list[list[Case]] = []
    for case in all_cases(CATALOGUE):
        for group in found:
            if (group[0].given, group[0].ask.at) == (case.given, case.ask.at):
                group.append(case)
                break
        else:
            found.append([case])
    return [pytest.param(group, id=group[0].id) for group in found]


@pytest.mark.parametrize("cases", worlds())
async def test_an_example_is_answered_over_http_as_it_is_decided(
    cases: list[Case], database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, at = cases[0].given, cases[0].ask.at or START
    world = demo(given)
    await fill(database_url, world, at)
    if given.changes_catalogue:
        write_catalogue(given, tmp_path / "catalogue")
        monkeypatch.setattr(checkpoint, "CATALOGUE", tmp_path / "catalogue")
    async with opened(database_url, Clock(at), tmp_path) as door:
        answers = {case.id: await answered(door, world, case) for case in cases}
    assert answers == {case.id: {told(case.expect)} for case in cases}
