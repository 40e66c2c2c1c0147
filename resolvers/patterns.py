"""What tuples tell: alike for all of one layout whose judgements and origin are alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from models.disclosure import Item, Opened, Origin, Use
from models.opened_sql import read_openings
from models.provenance import OF_ACCOUNT
from models.view import ACCOUNT, Layout, Paths, View
from resolvers.lists import Asked
from resolvers.snapshot import Row

ORIGIN = ("acquired_by", "source", "channel")
"""Of a row; the account has one for all members."""

Told = tuple[Item, Opened]


class Pattern(NamedTuple):
    """What is told of one member, of one row, or of a list as a whole."""

    items: frozenset[Told] = frozenset()
    disclosed: frozenset[str] = frozenset()
    withheld: frozenset[tuple[str, str]] = frozenset()
    """(path, reason)"""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Reads tuples of one layout; every pattern among them is looked at once."""

    view: View
    relation: str
    selected: Paths
    asked: Asked | None
    """The list whose entries they are: what its filter and its order looked at is told too."""
    layout: Layout
    names: tuple[str, ...]
    """Of what in the layout a tuple's pattern depends on."""
    known: dict[tuple[object, ...], Pattern] = field(default_factory=dict)

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
        return cls(view, relation, selected, asked, layout, tuple(names))

    def key_of(self, row: Row) -> str:
        """Give the key of the member or the row."""
        return str(self.layout.of(row, "member_key" if self.relation == ACCOUNT else "row_key"))

    def told(self, row: Row) -> Pattern:
        """Give what the tuple tells."""
        said = tuple([self.layout.of(row, name) for name in self.names])
        pattern = self.known.get(said)
        if pattern is None:
            pattern = self.known[said] = self._pattern(dict(zip(self.names, said, strict=True)))
        return pattern

    def _pattern(self, said: Mapping[str, Any]) -> Pattern:
        """Give what is told by a tuple that holds this under these names of the layout."""
        of_class, why = self.view.grants.access_class, dict[str, int | None]()
        for path in (*self.selected, *(self.asked.used if self.asked else ())):
            why[path] = said[f"why {of_class(path)}"]
        shut = [path for path in self.selected if why[path] is None]
        origin = None if self.relation == ACCOUNT else Origin(*(said[name] for name in ORIGIN))
        # A row returned is itself an item, also when only its id is asked for.
        row = (self.relation, Use.SELECT)
        items = {(row, Opened(said[f"why {self.relation}"], origin))} if origin else set()
        for path, use in self._uses():
            if (number := why[path]) is not None:
                items.add(((path, use), Opened(number, origin or OF_ACCOUNT)))
        for name, item in _below(self.view, self.asked):
            items |= {(item, opened) for opened in read_openings(said[name])}
        return Pattern(
            frozenset(items),
            frozenset(self.selected) - frozenset(shut),
            frozenset((path, self.view.reason(path)) for path in shut),
        )

    def _uses(self) -> Iterator[Item]:
        yield from ((path, Use.SELECT) for path in self.selected)
        if self.asked is not None:
            yield from ((path, Use.FILTER) for path in self.asked.filtered)
            yield from ((path, Use.ORDER) for path in self.asked.sorted)


def _below(view: View, asked: Asked | None) -> Iterator[tuple[str, Item]]:
    """Give, of the conditions on rows below, what is looked at, and under which name it is told."""
    for number, (relation, paths) in enumerate(asked.below if asked else ()):
        yield f"some {number}", (relation, Use.FILTER)
        for path in paths:
            yield f"some {number} {view.grants.access_class(path)}", (path, Use.FILTER)
