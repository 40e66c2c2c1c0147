"""The few instants at which everything in a random world happens, so that boundaries coincide."""

from datetime import UTC, datetime, timedelta

from policy.vocabulary import FOREVER, TICK, YEAR, Interval
from tests.dice import Dice

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


def period(dice: Dice, odds: int = 4) -> Interval:
    """`odds` times to one always; else from, until or between two of the dates."""
    if dice.mostly(odds):
        return ALWAYS
    start, end = dice.pick(*PAIRS)
    return dice.pick(Interval(start), Interval(BEGIN, start), Interval(start, end))
