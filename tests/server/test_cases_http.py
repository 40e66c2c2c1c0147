"""The worked examples over HTTP, on both engines: what the rules require is what comes back."""

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from models.records import Record, RecordFilter, records
from server import checkpoint
from tests.clock import START, Clock
from tests.demo import demo
from tests.door import Door, opened
from tests.engines import ENGINES
from tests.over_http import answered, fill, told, write_catalogue
from tests.real import CATALOGUE
from tests.worked_examples import Case, all_cases

pytestmark = pytest.mark.anyio


def worlds() -> list[ParameterSet]:
    """The cases that share a world and a time, together.

    Every other case on one engine, the rest on the other; all on both in the long run.
    """
    found: dict[str, list[Case]] = {}
    for number, case in enumerate(all_cases(CATALOGUE)):
        for turn, engine in enumerate(ENGINES):
            when = "later" if (number + turn) % 2 else "now"
            shared = f"{engine} {when} {case.given} {case.ask.at}"
            found.setdefault(shared, []).append(case)
    return [
        pytest.param(
            engine,
            cases,
            id=f"{engine}-{cases[0].id}",
            marks=[pytest.mark.long] if when == "later" else [],
        )
        for shared, cases in found.items()
        for engine, when, *_ in [shared.split()]
    ]


@pytest.mark.parametrize(("database_url", "cases"), worlds(), indirect=["database_url"])
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
        answers, recorded = {}, {}
        for case in cases:
            allowed = case.expect.verdict == "ALLOW"
            before = await records_of(door, case) if allowed else set[Record]()
            answers[case.id] = await answered(door, world, case)
            if allowed:
                recorded[case.id] = await records_of(door, case) - before
    assert answers == {case.id: {told(case.expect)} for case in cases}
    for case in cases:
        if case.id in recorded:
            appended = recorded[case.id]
            keys, its_own = CATALOGUE.provision_keys, {None, case.expect.provision}
            statutory = {
                each.statutory for each in appended if keys.get(each.provision or 0) in its_own
            }
            assert statutory == {case.expect.record}, f"{case.id}: {appended}"


async def records_of(door: Door, case: Case) -> set[Record]:
    """The records about the member asked for."""
    where = RecordFilter(member=case.ask.member)
    return set(await records(door.checkpoint.folder, where, limit=1000))
