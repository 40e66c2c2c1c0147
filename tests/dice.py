"""Choices read off bytes: one draw of Hypothesis makes a whole world, quickly and all anew."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Each byte is one throw; after the last, every throw is a zero, the simplest choice."""

    def __init__(self, throws: bytes) -> None:
        self._throws = iter(throws)

    def below(self, bound: int) -> int:
        return next(self._throws, 0) % bound

    def mostly(self, odds: int = 3) -> bool:
        """True `odds` times to one."""
        return self.below(odds + 1) < odds

    def pick(self, *choices: T) -> T:
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], most: int, least: int = 1) -> tuple[T, ...]:
        """Between `least` and `most` of them, in order."""
        left = list(choices)
        for _ in range(len(choices) - least - self.below(most - least + 1)):
            del left[self.below(len(left))]
        return tuple(left)
