"""The engines that tests run on, each as often as the other."""

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

ENGINES = ("sqlite", "postgresql")


def in_turns(names: Iterable[str]) -> list[ParameterSet]:
    """Pairs (engine, name), for what takes long: the first on one engine, the next on the other.

    On the one that it is not its turn on, it is exhaustive.
    """
    return [
        pytest.param(
            engine, name, id=f"{engine}-{name}", marks=[pytest.mark.exhaustive] if later else []
        )
        for number, name in enumerate(names)
        for turn, engine in enumerate(ENGINES)
        for later in [(number + turn) % 2 == 1]
    ]
