"""Ways in: conjunctions of tests of which one must hold, said with as few tests as may be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from policy.conditions import MemberTest, Test
from policy.member_tests import ConsentedTo, NotStopped, Reaches
from policy.row_tests import AcquiredBy

Way = tuple[Test, ...]
"""All of these must hold."""


def least(ways: Iterable[Iterable[Test]]) -> Sequence[Way]:
    """Give the fewest of these ways that together open the same.

    Ways that differ in who acquired the value become one; a way that asks for all that another
    asks for, or for more, opens nothing that the other does not.
    """
    return _least(tuple(map(tuple, ways)))


@lru_cache(maxsize=1024)
def _least(ways: tuple[Way, ...]) -> Sequence[Way]:
    joined = sorted(_joined(ways), key=len)
    shared = frozenset[Test](*joined[:1]).intersection(*joined[1:])  # each of them implies itself
    found: list[tuple[Way, Way]] = []
    for way in joined:
        own = tuple(test for test in way if test not in shared)
        if not any(_implies(way, other) for _, other in found):
            found = [each for each in found if not _implies(each[0], own)]
            found.append((way, own))
    return tuple(way for way, _ in found)


def most_shared(ways: Sequence[Way]) -> Test | None:
    """Give the test that most of these ways ask for, None if no two ask for the same."""
    counts = Counter(test for way in ways for test in dict.fromkeys(way))
    found = max(counts, key=counts.__getitem__, default=None)
    return found if found is not None and counts[found] > 1 else None


def apart(test: MemberTest) -> Sequence[MemberTest]:
    """Give tests that are passed together iff this one is, and of which other tests share most."""
    if not isinstance(test, NotStopped):
        return (test,)
    each = product(sorted(test.companies), sorted(test.categories))
    alone = [NotStopped(frozenset({company}), frozenset({key})) for company, key in each]
    return alone or (test,)


def _joined(ways: Iterable[Way]) -> Iterator[Way]:
    """Give ways that differ in the acquirers alone as one, which names them all."""
    acquirers: dict[frozenset[Test], frozenset[str]] = {}
    said: dict[frozenset[Test], Way] = {}
    for way in ways:
        match [test.companies for test in way if isinstance(test, AcquiredBy)]:
            case [companies]:
                rest = tuple(test for test in way if not isinstance(test, AcquiredBy))
                key = frozenset(rest)
                said.setdefault(key, rest)
                acquirers[key] = acquirers.get(key, frozenset()) | companies
            case _:
                yield way
    for key, rest in said.items():
        yield (AcquiredBy(acquirers[key]), *rest)


def _implies(way: Way, other: Way) -> bool:
    """Whether who passes the first passes the other as well."""
    return all(
        any(implies(test, asked) for test in way if type(test) is type(asked)) for asked in other
    )


def implies(test: Test, other: Test) -> bool:
    """Whether what passes the first test passes the other as well, as far as it can be told."""
    match test, other:
        case NotStopped(), NotStopped():
            return other.companies <= test.companies and other.categories <= test.categories
        case Reaches(), Reaches():
            return test.item == other.item and test.reaches <= other.reaches
        case ConsentedTo(), ConsentedTo():
            return test.item == other.item and test.versions <= other.versions
        case AcquiredBy(), AcquiredBy():
            return test.companies <= other.companies
    return test == other
