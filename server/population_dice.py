"""Draws for one member: the same for the same seed and number, whoever is drawn beside it."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Values of which some are likelier than others."""

    values: tuple[T, ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, weights: Mapping[T, int]) -> "Weighted[T]":
        return cls(tuple(weights), tuple(accumulate(weights.values())))


@dataclass(frozen=True, slots=True)
class Dice:
    """Every draw comes from here, in an order that the member's own draws alone decide."""

    random: Random

    @classmethod
    def of(cls, seed: int, number: int) -> "Dice":
        return cls(Random(f"{seed}/{number}"))  # noqa: S311 (nothing secret is drawn)

    def chance(self, share: int) -> bool:
        """Whether it happens, at so many of a thousand."""
        return self.random.random() * 1000 < share

    def one(self, values: Sequence[T]) -> T:
        return values[int(self.random.random() * len(values))]

    def likely(self, weighted: Weighted[T]) -> T:
        bounds = weighted.bounds
        return weighted.values[bisect(bounds, self.random.random() * bounds[-1])]

    def some(self, values: Sequence[T], most: int) -> list[T]:
        """Between one and `most` of them, none twice."""
        return self.random.sample(values, self.number(1, min(most, len(values))))

    def number(self, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        return low + int(self.random.random() * (high - low + 1))

    def digits(self, count: int) -> str:
        return f"{self.number(0, 10**count - 1):0{count}}"

    def count(self, mean: float) -> int:
        """How often something happened that happened `mean` times on average, to some never."""
        stop, count = 1 / (1 + mean), 0
        while self.random.random() > stop:
            count += 1
        return count

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A second within [start, end); `start` itself where nothing lies between."""
        seconds = int((end - start).total_seconds())
        return start + timedelta(seconds=int(self.random.random() * max(seconds, 1)))
