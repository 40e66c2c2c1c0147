"""What tuples tell: alike for all of one layout whose judgements and origin are alike."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Self

from models.disclosure import RETURNED, Item, Opened, Origin, Outcome, Use
from models.opened_sql import read_openings
from models.provenance import OF_ACCOUNT
from models.view import ACCOUNT, Layout, Paths, View
from resolvers.lists import Asked
from resolvers.snapshot import Row

ORIGIN = ("acquired_by", "source", "channel")
"""Of a row; the account has one for all members."""
KNOWN_AT_MOST = 4096

Told = tuple[Item, Opened]
Cells = frozenset[tuple[frozenset["Pattern"], int]]
"""What was told together of a member, a row or a list, and of how many of them."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """What is told of one member, of one row, or of a list as a whole.

    Compared by identity: who reads the same again meets the same pattern.
    """

    told: frozenset[Told] = frozenset()
    disclosed: frozenset[str] = frozenset()
    withheld: frozenset[tuple[str, str]] = frozenset()
    """(path, reason)"""

    @cached_property
    def outcome(self) -> Outcome:
        """What comes of it for a member of whom nothing else is told."""
        return outcome_of(frozenset({(self.alone, 1)}))

    @cached_property
    def alone(self) -> frozenset["Pattern"]:
        """It and no other."""
        return frozenset((self,))


MEMBER = Pattern(frozenset({(("", Use.SELECT), Opened(RETURNED))}))
"""A member returned is itself an item, also when only the id is asked for."""


@lru_cache(maxsize=1024)
def pattern_of(told: frozenset[Told]) -> Pattern:
    """Give the one pattern that tells this, and of no field whether it is disclosed."""
    return Pattern(told)


def outcome_of(cells: Cells) -> Outcome:
    """Give what these patterns tell together of one member."""
    items, reasons = dict[Item, set[Opened]](), Counter[str]()
    for patterns, number in cells:
        for item, opened in frozenset[Told]().union(*(each.told for each in patterns)):
            items.setdefault(item, set()).add(opened)
        for _, reason in withheld_by(patterns):
            reasons[reason] += number
    return Outcome({item: frozenset(opened) for item, opened in items.items()}, reasons)


def disclosed_by(patterns: Collection[Pattern]) -> frozenset[str]:
    """Give what was disclosed of one member, row or list."""
    if len(patterns) == 1:
        return next(iter(patterns)).disclosed
    return frozenset[str]().union(*(each.disclosed for each in patterns))


def withheld_by(patterns: Collection[Pattern]) -> frozenset[tuple[str, str]]:
    """Give what was withheld of it: path and reason."""
    if len(patterns) == 1:
        return next(iter(patterns)).withheld
    return frozenset[tuple[str, str]]().union(*(each.withheld for each in patterns))


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Reads tuples of one layout; every pattern among them is looked at once."""

    view: View
    relation: str
    selected: Paths
    asked: Asked | None
    """The list whose entries they are, or one of its shape: what its filter and its order looked
    at is told too."""
    key_at: int
    names: tuple[str, ...]
    """Of what in the layout a tuple's pattern depends on."""
    said: Callable[[Row], Any]
    """Gives that of a tuple."""
    use: Use = Use.SELECT
    """How the answer shows that the entry itself is there."""
    known: dict[Any, Pattern] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        view: View,
        relation: str,
        layout: Layout,
        selected: Paths,
        asked: Asked | None = None,
    ) -> Self:
        """Read tuples of this layout, of members (relation "") or of rows."""
        judged = view.classes((*selected, *(asked.used if asked else ())))
        names = [f"why {path}" for path in judged]
        names += (f"why {relation}", *ORIGIN) if relation != ACCOUNT else ()
        names += [name for name, _ in _below(view, asked)]
        positions = [layout.positions[name] for name in names]
        said = itemgetter(*positions) if positions else _nothing
        key_at = layout.positions["member_key" if relation == ACCOUNT else "row_key"]
        return cls(view, relation, selected, asked, key_at, tuple(names), said)

    def beyond(self) -> Self:
        """Read the entry beyond a page: that it is there is told, by what led to it alone."""
        return replace(self, selected=(), known={}, use=Use.COUNT)

    def told(self, row: Row) -> Pattern:
        """Give what the tuple tells."""
        said = self.said(row)
        pattern = self.known.get(said)
        if pattern is None:
            if len(self.known) >= KNOWN_AT_MOST:
                self.known.clear()
            of_names = said if len(self.names) > 1 else (said,) * len(self.names)
            pattern = self._pattern(dict(zip(self.names, of_names, strict=True)))
            self.known[said] = pattern
        return pattern

    def _pattern(self, said: Mapping[str, Any]) -> Pattern:
        """Give what is told by a tuple that holds this under these names of the layout."""
        of_class, why = self.view.grants.access_class, dict[str, int | None]()
        for path in (*self.selected, *(self.asked.used if self.asked else ())):
            why[path] = said[f"why {of_class(path)}"]
        shut = [path for path in self.selected if why[path] is None]
        origin = None if self.relation == ACCOUNT else Origin(*(said[name] for name in ORIGIN))
        # An entry is itself an item, also when only its id is asked for.
        why_there = said[f"why {self.relation}"] if origin else RETURNED
        told = {((self.relation, self.use), Opened(why_there, origin))}
        for path, use in self._uses():
            if (number := why[path]) is not None:
                told.add(((path, use), Opened(number, origin or OF_ACCOUNT)))
        for name, item in _below(self.view, self.asked):
            told |= {(item, opened) for opened in read_openings(said[name])}
        return Pattern(
            frozenset(told),
            frozenset(self.selected) - frozenset(shut),
            frozenset((path, self.view.reason(path)) for path in shut),
        )

    def _uses(self) -> Iterator[Item]:
        yield from ((path, Use.SELECT) for path in self.selected)
        if self.asked is not None:
            yield from ((path, Use.FILTER) for path in self.asked.filtered)
            yield from ((path, Use.ORDER) for path in self.asked.sorted)


def _nothing(_row: Row) -> tuple[()]:
    return ()


def _below(view: View, asked: Asked | None) -> Iterator[tuple[str, Item]]:
    """Give, of the conditions on rows below, what is looked at, and under which name it is told."""
    for number, (relation, paths) in enumerate(asked.below if asked else ()):
        yield f"some {number}", (relation, Use.FILTER)
        for path in paths:
            yield f"some {number} {view.grants.access_class(path)}", (path, Use.FILTER)
