"""Ways in: conjunctions of tests of which one must hold, said with as few tests as may be."""

from collections import Counter
from collections.abc import Iterable, Sequence

from policy.conditions import Test
from policy.row_tests import AcquiredBy

Way = tuple[Test, ...]
"""All of these must hold."""
Companies = frozenset[str] | None
"""Who acquired a value; None: whoever."""


def least(ways: Iterable[Iterable[Test]]) -> Sequence[Way]:
    """Give the fewest of these ways that together open the same.

    Ways that differ in who acquired the value become one; a way that asks for all that another
    asks for, and for more, opens nothing that the other does not.
    """
    acquirers: dict[frozenset[Test], Companies] = {}
    said: dict[frozenset[Test], Way] = {}
    for way in ways:
        rest = tuple(test for test in way if not isinstance(test, AcquiredBy))
        key = frozenset(rest)
        said.setdefault(key, rest)
        acquirers[key] = _both(acquirers.get(key, frozenset()), _acquirers(way))
    return [
        way if by is None else (AcquiredBy(by), *way)
        for (key, way), by in zip(said.items(), acquirers.values(), strict=True)
        if not any(
            other < key and _both(by, others) == others for other, others in acquirers.items()
        )
    ]


def _acquirers(way: Iterable[Test]) -> Companies:
    """Give who must have acquired the value; a way says so at most once."""
    return next((test.companies for test in way if isinstance(test, AcquiredBy)), None)


def _both(some: Companies, others: Companies) -> Companies:
    return None if some is None or others is None else some | others


def most_shared(ways: Sequence[Way]) -> Test | None:
    """Give the test that most of these ways ask for, None if no two ask for the same."""
    counts = Counter(test for way in ways for test in dict.fromkeys(way))
    found = max(counts, key=counts.__getitem__, default=None)
    return found if found is not None and counts[found] > 1 else None
