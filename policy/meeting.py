"""What several versions of the catalogue all allow: how it is answered while one is being applied.

Until every member's standing is folded by the new version, some follow the old one. A cell is open
in that time only where each version opens it by the same provision, and only by items that mean
the same to each: of those a standing says the same, whichever version it was folded by.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, reduce

from policy.catalogue import Catalogue
from policy.conditions import RowTest, Test
from policy.grant import Alternative, Asker, Grant, Grants
from policy.member_tests import ConsentedTo, Explicit, Published, Reaches, Stands
from policy.row_tests import AcquiredBy, ConsentedToRow, Listed, consented_to
from policy.vocabulary import Reason

Tests = Sequence[Test]


class Meeting(Grants):
    """The grants of one catalogue, less what some other one withholds."""

    def __init__(self, own: Catalogue, others: Iterable[Catalogue]) -> None:
        super().__init__(own)
        self._others = tuple(Grants(other) for other in others)
        self._shared = Shared((own, *(other.catalogue for other in self._others)))
        first: dict[object, str] = {}
        self._met_classes = {
            path: first.setdefault(tuple(self._classes_of(path)), path) for path in own.fields
        }

    def access_class(self, path: str) -> str:
        return self._met_classes[path]

    def epoch(self, at: datetime) -> tuple[datetime, datetime]:
        """Give the interval around `at` in which nothing dated in any of them changes."""
        epochs = [super().epoch(at), *(other.epoch(at) for other in self._others)]
        return max(start for start, _ in epochs), min(end for _, end in epochs)

    @cached_property
    def needed_together(self) -> Mapping[frozenset[str], int]:
        """Those of which every version keeps the same index."""
        return {
            items: number
            for items, number in super().needed_together.items()
            if all(other.needed_together.get(items) == number for other in self._others)
        }

    def _classes_of(self, path: str) -> Iterable[str | None]:
        yield super().access_class(path)
        for other in self._others:
            yield other.access_class(path) if path in other.catalogue.fields else None

    def _build(self, asker: Asker, purpose: str, path: str, at: datetime) -> Grant:
        met = super()._build(asker, purpose, path, at)
        for other in self._others:
            known = path in other.catalogue.fields and purpose in other.catalogue.purposes
            theirs = other.grant(asker, purpose, path, at) if known else None
            ways = (
                replace(way, tests=tests)
                for way in met.alternatives
                for their in (theirs.alternatives if theirs else ())
                if their.key == way.key
                if (tests := self._shared.both(way, their)) is not None
            )
            closed = theirs is None or theirs.reason is Reason.NOT_PERMITTED
            reason = Reason.NOT_PERMITTED if closed else met.reason
            met = replace(met, alternatives=tuple(dict.fromkeys(ways)), reason=reason)
        return met


class Shared:
    """What the words of a test mean alike in each of these catalogues."""

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        keys = reduce(frozenset.intersection, (frozenset(each.items) for each in catalogues))
        self.versions = {
            key: reduce(
                frozenset.intersection,
                (frozenset(each.items[key].version_bits) for each in catalogues),
            )
            for key in keys
            if len({_meaning(each, key) for each in catalogues}) == 1
        }
        """Item → its versions that all of them know; of items that mean the same to all alone."""
        first, *others = (each.sensitive_lists for each in catalogues)
        self.lists = frozenset(
            key
            for key, its in first.items()
            if all(key in other and other[key].kinds == its.kinds for other in others)
        )

    def both(self, way: Alternative, other: Alternative) -> tuple[Test, ...] | None:
        """Give what asks for all that both ways ask for; None where nothing could pass."""
        tests = [self._told_alike(test) for test in dict.fromkeys((*way.tests, *other.tests))]
        known = [test for test in tests if test is not None]
        if len(known) < len(tests):
            return None
        return self._acquirers_first(known)

    def _acquirers_first(self, tests: Tests) -> tuple[Test, ...] | None:
        """Say with one test who acquired the value, as a single way does."""
        acquirers = [test.companies for test in tests if isinstance(test, AcquiredBy)]
        if not acquirers:
            return tuple(dict.fromkeys(tests))
        companies = reduce(frozenset.intersection, acquirers)
        rest = (test for test in tests if not isinstance(test, AcquiredBy))
        return tuple(dict.fromkeys((AcquiredBy(companies), *rest))) if companies else None

    def _told_alike(self, test: Test) -> Test | None:
        """Give the test as every version would read it, None where they would not."""
        match test:
            case Stands() | Reaches() | Explicit():
                return test if test.item in self.versions else None
            case Published():
                return test if test.item is None or test.item in self.versions else None
            case ConsentedTo():
                versions = test.versions & self.versions.get(test.item, frozenset())
                return replace(test, versions=versions) if versions else None
            case ConsentedToRow():
                return self._of_row(test)
            case Listed():
                lists = test.lists & self.lists
                return replace(test, lists=lists) if lists else None
        return test

    def _of_row(self, test: ConsentedToRow) -> Test | None:
        scopes = []
        for version, asked in test.scopes:
            told = [self._told_alike(each) for each in asked]
            if version in self.versions.get(test.item, frozenset()) and None not in told:
                scopes.append((version, tuple(each for each in told if isinstance(each, RowTest))))
        return consented_to(test.item, scopes) if scopes else None


def _meaning(catalogue: Catalogue, key: str) -> object:
    """Give all of an item that its fold and its bits rest on, its versions aside."""
    item = catalogue.items[key]
    document = catalogue.documents[item.document]
    return (
        *(item.document, item.sensitive, item.explicit_bit, tuple(sorted(item.reach_bits.items()))),
        *(document.consent, document.requires_account_session),
    )
