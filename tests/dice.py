"""Choices read off bytes: one draw of Hypothesis makes a whole world, quickly and all anew."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import shake_256
from itertools import count
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Each byte is one throw; after the last, every throw is a zero, the simplest choice."""

    def __init__(self, throws: Iterable[int]) -> None:
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


def endless(name: str) -> Dice:
    """The same throws on every run for one name, and another throw after each."""
    return Dice(_throws(name))


def _throws(name: str) -> Iterator[int]:
    for block in count():
        yield from shake_256(f"{name} {block}".encode()).digest(65_536)
