"""Lives of members on a real database: acts, a clock, and versions that come out meanwhile.

After each step what is stored is what a naive fold makes of all that was allowed to happen, and
the next read opens what is decided (life_watch.py); what may happen is in life_rules.py.
"""

import asyncio
from collections import Counter

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from models.database import Database
from policy.events import EventKind
from tests.life_rules import Life
from tests.life_stage import Stage
from tests.life_watch import ENDING, MEMBERS
from tests.made import make_tables
from tests.say import Say

Kind = EventKind

FEW = 8
LIVES = 24
MANY = 25
"""Times as many in the long run: thousands of sequences of events, clock steps and versions."""
STEPS = 20
PHASES = (Phase.generate, Phase.shrink)

OFTEN = ("took back what was open", "gave what was closed", "publications")
SELDOM = (
    "given again",
    "in either order, both allowed",
    "opened the new scope",
    "the new scope stays closed",
    "the old scope stays open",
    "left out by a new version",
    "told of an editorial version",
    "cells open between two versions",
    "said again",
)


def lived(url: str, examples: int, say: Say) -> Counter[str]:
    """Let so many lives be lived on this database, and tell what happened in them."""
    seen = Counter[str]()
    with asyncio.Runner() as runner:
        database = Database.open(url)
        stage = Stage(database)

        class Lived(Life):
            def __init__(self) -> None:
                super().__init__(stage, runner.run, seen)

        try:
            runner.run(make_tables(database))
            runner.run(stage.furnish(MEMBERS))
            plan = settings(max_examples=examples, stateful_step_count=STEPS, phases=PHASES)
            run_state_machine_as_test(Lived, settings=plan)
        finally:
            runner.run(database.close())
    say(", ".join(f"{name} {count}" for name, count in sorted(seen.items()) if count))
    return seen


def told(seen: Counter[str], lives: int) -> None:
    """Enough happened of what the claims are about, where there are not only a few lives."""
    if lives < LIVES:
        return
    acts = seen["allowed"] + seen["refused"]
    assert seen["allowed"] > 0.4 * acts
    assert seen["refused"] > 0.15 * acts
    assert seen["cells open"] > 0.1 * seen["cells read"]
    assert sum(count > 0 and name.startswith("refused ") for name, count in seen.items()) > 12
    assert {f"allowed {kind}" for kind in (Kind.PRESENTED, Kind.GRANTED, *ENDING)} <= set(seen)
    assert min(seen[name] for name in OFTEN) > lives / 4
    assert min(seen[name] for name in SELDOM) >= max(1, lives // 50)


@pytest.mark.parametrize(
    "lives",
    [
        FEW,
        pytest.param(LIVES, marks=pytest.mark.exhaustive),
        pytest.param(MANY * LIVES, marks=pytest.mark.long),
    ],
)
def test_a_life_on_sqlite_is_what_was_allowed_to_happen(
    sqlite_url: str, lives: int, say: Say
) -> None:
    told(lived(sqlite_url, lives, say), lives)


@pytest.mark.parametrize(
    "lives",
    [
        FEW // 2,
        pytest.param(LIVES // 3, marks=pytest.mark.exhaustive),
        pytest.param(MANY * LIVES // 3, marks=pytest.mark.long),
    ],
)
def test_a_life_on_postgresql_is_what_was_allowed_to_happen(
    postgresql_url: str, lives: int, say: Say
) -> None:
    lived(postgresql_url, lives, say)
