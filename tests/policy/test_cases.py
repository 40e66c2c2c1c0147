"""Every worked example is answered as the rules require, by each reading of the rule."""

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

import pytest
from _pytest.mark import ParameterSet

from policy.catalogue import Catalogue
from policy.decide import decide
from policy.grant import Asker, Grants
from policy.standing import fold
from tests.demo import Asked, Demo, demo
from tests.real import CATALOGUE
from tests.reference import reference
from tests.worked_examples import ANY, Case, Expect, all_cases

FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
YEARS_LATER = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
CASES = all_cases(CATALOGUE)


def timed(*verdicts: str) -> list[ParameterSet]:
    """The cases of these verdicts, each at its own time or at any from the first day on."""
    return [
        pytest.param(case, at, id=f"{case.id}@{at:%Y-%m-%d}")
        for case in CASES
        if case.expect.verdict in verdicts
        for at in ([case.ask.at] if case.ask.at else [FIRST_DAY, YEARS_LATER])
    ]


@cache
def grants_of(catalogue: Catalogue) -> Grants:
    return Grants(catalogue)


def answer(world: Demo, asked: Asked) -> Expect:
    facts = fold(asked.events, asked.question.at, world.catalogue)
    decision = decide(world.catalogue, asked.question, facts, asked.value)
    if decision.disclose:
        return Expect(
            "ALLOW", provision=decision.provision, via=decision.via, record=decision.record
        )
    return Expect("DENY", code=decision.code)


def questions(world: Demo, case: Case, at: datetime) -> list[Asked]:
    found = list(world.asked(case.ask, at))
    assert found
    assert len(found) == 1 or ANY in {case.ask.company, case.ask.field}, "the row is ambiguous"
    return found


@pytest.mark.parametrize(("case", "at"), timed("ALLOW", "DENY"))
def test_an_example_is_decided_as_the_rules_require(case: Case, at: datetime) -> None:
    world = demo(case.given)
    for asked in questions(world, case, at):
        assert str(answer(world, asked)) == str(case.expect), (case.why, asked.question)


@pytest.mark.parametrize(("case", "at"), timed("ALLOW", "DENY"))
def test_the_naive_reference_says_the_same(case: Case, at: datetime) -> None:
    world, expect = demo(case.given), case.expect
    for asked in questions(world, case, at):
        said = reference(world.catalogue, asked.question, asked.events, asked.value)
        assert said == (
            expect.verdict == "ALLOW",
            expect.code,
            expect.provision,
            expect.record,
        ), asked.question


@pytest.mark.parametrize(("case", "at"), timed("ALLOW", "DENY"))
def test_the_evaluated_grant_opens_by_the_same_provision(case: Case, at: datetime) -> None:
    world = demo(case.given)
    grants = grants_of(world.catalogue)
    for asked in questions(world, case, at):
        q = asked.question
        asker = Asker(q.company, q.on_behalf_of, q.subject_self)
        facts = fold(asked.events, at, world.catalogue)
        way = grants.grant(asker, q.purpose, q.field, at).opened_by(facts, asked.value, at)
        assert (way.key if way else None) == case.expect.provision, q


@pytest.mark.parametrize(("case", "at"), timed("COUNTS"))
def test_a_count_is_of_members_with_a_row_open_in_every_field_asked(
    case: Case, at: datetime
) -> None:
    world = demo(case.given)
    opened: dict[str, list[bool]] = defaultdict(list)
    for asked in world.counted(case.ask, at):
        opened[asked.member].append(answer(world, asked).verdict == "ALLOW")
    assert case.expect.members < opened.keys(), "nobody who matches is withheld"
    assert {member for member, cells in opened.items() if all(cells)} == case.expect.members


def test_every_worked_example_has_a_case() -> None:
    assert {case.example for case in CASES} == set(range(1, 51))


def test_no_two_cases_share_an_id() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
