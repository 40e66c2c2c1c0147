"""The few instants at which everything in a random world happens, so that boundaries coincide."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from policy.vocabulary import FOREVER, TICK, YEAR, Interval

T = TypeVar("T")

BEGIN = datetime(2019, 8, 1, tzinfo=UTC)
FIRST = datetime(2023, 4, 2, tzinfo=UTC)
DATES = (
    FIRST,
    FIRST + timedelta(days=100),
    FIRST + YEAR,
    FIRST + YEAR + timedelta(days=100),
    FIRST + 2 * YEAR,
)
"""Some of them 365 days apart: a use or a review at the first expires with the third.

The third is also the day on which DOC_B of the real catalogue comes into force.
"""

INSTANTS = tuple(date + step for date in DATES for step in (-TICK, timedelta(0), TICK))
ALWAYS = Interval(BEGIN)
PAIRS = tuple((start, end) for start in DATES for end in (*DATES, FOREVER) if start < end)

dates: SearchStrategy[datetime] = st.sampled_from(DATES)
instants: SearchStrategy[datetime] = st.sampled_from(INSTANTS)


@lru_cache
def below(bound: int) -> SearchStrategy[int]:
    """Made once each: a world takes hundreds of draws."""
    return st.integers(0, bound - 1)


def mostly(draw: DrawFn, odds: int = 3) -> bool:
    """True `odds` times to one."""
    return draw(below(odds + 1)) < odds


def pick(draw: DrawFn, *choices: T) -> T:
    return choices[draw(below(len(choices)))]


def some(draw: DrawFn, choices: Sequence[T], most: int, least: int = 1) -> tuple[T, ...]:
    """Between `least` and `most` of them, in order."""
    left = list(range(len(choices)))
    for _ in range(len(choices) - least - draw(below(most - least + 1))):
        left.pop(draw(below(len(left))))
    return tuple(choices[index] for index in left)


def period(draw: DrawFn, odds: int = 4) -> Interval:
    """`odds` times to one always; else from, until or between two of the dates."""
    if mostly(draw, odds):
        return ALWAYS
    start, end = pick(draw, *PAIRS)
    return pick(draw, Interval(start), Interval(BEGIN, start), Interval(start, end))
