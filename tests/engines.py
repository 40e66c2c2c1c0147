"""The engines that tests run on, each as often as the other."""

from collections.abc import Collection, Iterable, Sequence

import pytest
from _pytest.mark import ParameterSet

ENGINES = ("sqlite", "postgresql")


def in_turns(names: Iterable[object], first: int | None = None) -> list[ParameterSet]:
    """Pairs (engine, name), for what takes long: the first on one engine, the next on the other.

    On the one that it is not its turn on, it is exhaustive; where only the first so many are
    wanted, all others are on both.
    """
    return [
        pytest.param(
            engine,
            name,
            id=f"{engine}-{getattr(name, '__name__', name)}",
            marks=[pytest.mark.exhaustive] if later else [],
        )
        for number, name in enumerate(names)
        for turn, engine in enumerate(ENGINES)
        for later in [(number + turn) % 2 == 1 or (first is not None and number >= first)]
    ]


def in_halves(things: Sequence[object], on: Collection[str] = ENGINES) -> list[ParameterSet]:
    """Pairs (engine, some of these), for what takes long: every other one on each engine.

    The other half of them is exhaustive there, and on an engine that is left out so is all.
    """
    return [
        pytest.param(
            engine,
            tuple(things[half::2]),
            id=f"{engine}-{('even', 'odd')[half]}",
            marks=[pytest.mark.exhaustive] if half != turn or engine not in on else [],
        )
        for turn, engine in enumerate(ENGINES)
        for half in (turn, 1 - turn)
    ]


def first_on(engine: str) -> list[ParameterSet]:
    """The engines, for one thing that takes long: on all but this one it is exhaustive."""
    return [
        pytest.param(each, marks=[] if each == engine else [pytest.mark.exhaustive])
        for each in ENGINES
    ]
