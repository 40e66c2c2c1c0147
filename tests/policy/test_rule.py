"""One rule, three readings: the decision and the evaluated grant are the reference's, always."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given

from policy.vocabulary import Code
from tests.readings import UNDECIDED, Readings, report
from tests.real import CATALOGUE
from tests.say import Say
from tests.small_world import SMALL_WORLD, histories, provenances, questions
from tests.worlds import World, worlds


@pytest.mark.exhaustive
def test_the_readings_agree_on_every_combination_of_a_small_world(
    say: Say,
) -> None:
    readings = Readings(SMALL_WORLD)
    for question, value in questions():
        company = question.on_behalf_of or question.company
        assert company is not None
        for events, facts in product(
            histories(company, question.at), provenances(value, question.at)
        ):
            readings.answer(question, events, facts)
    say(f"small world: {report(readings.tally)}")
    assert readings.tally.total() > 40_000
    assert readings.tally["ALLOW"] > 0.05 * readings.tally.total()


@pytest.mark.exhaustive
def test_the_readings_agree_on_random_worlds(say: Say) -> None:
    tally: Counter[Code | str] = Counter()

    @given(worlds(asks=40))
    def agree(world: World) -> None:
        readings = Readings(world.catalogue)
        for ask in world.asks:
            readings.answer(ask.question, world.events, ask.value)
        tally.update(readings.tally)

    agree()
    say(f"random worlds: {report(tally)}")
    assert tally.total() >= 5_000
    assert tally["ALLOW"] > 0.05 * tally.total()
    assert set(Code) - UNDECIDED <= set(tally)


@pytest.mark.exhaustive
def test_the_readings_agree_on_the_real_catalogue(say: Say) -> None:
    readings = Readings(CATALOGUE)

    @given(worlds(CATALOGUE, asks=6))
    def agree(world: World) -> None:
        for ask in world.asks:
            readings.answer(ask.question, world.events, ask.value)

    agree()
    say(f"real catalogue: {report(readings.tally)}")
    assert readings.tally["ALLOW"] > 0.05 * readings.tally.total()
