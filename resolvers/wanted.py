"""What is read of each member, however many response keys show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from models.criteria import Below, RowsBelow
from resolvers.binding import Bound
from resolvers.lists import Asked
from resolvers.plan import Access, Beside, Connection, Consents


@dataclass(frozen=True, slots=True, eq=False)
class WantedList:
    """One list below members. Of what was asked, only the shape is looked at here."""

    number: int
    """Which of the lists that a plan's slots hold."""
    place: int
    """Which of the lists that members' tuples tell of."""
    asked: Asked
    counted: bool
    """Whether the number of its entries is told."""
    shown: tuple[str, ...] | None
    """The fields selected on its entries; None: none of them is shown."""
    goes_on: bool
    """Whether it is told that there is an entry beyond its page."""

    @property
    def relation(self) -> str:
        return self.asked.relation

    @property
    def prefix(self) -> str:
        """How the names of what its page binds begin."""
        return f"list_{self.number}_"

    @property
    def below(self) -> Below:
        """The list as the members' own tuples tell of it: open or not, and how many."""
        return Below(self.relation, self.asked.where if self.counted else None)

    @property
    def rows(self) -> RowsBelow:
        """Its page, as it is read with the members."""
        listing = self.asked.listing(self.prefix)
        return RowsBelow(self.relation, self.shown or (), listing, self.asked.used)


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What the selections on members want together."""

    selected: tuple[str, ...]
    lists: Sequence[WantedList]
    beside: tuple[Beside, ...] = ()
    accessed: tuple[str, ...] = ()
    """The fields that `access` asks about, each once, wherever it stands."""
    goes_on: bool = False
    """Whether it is told that there is a member beyond the page."""

    @classmethod
    def by(cls, bound: Bound) -> Self:
        """Give what the selections of a plan want, its slots filled."""
        selected = tuple(bound.plan.objects())
        shown: dict[int, list[Connection]] = {number: [] for number in range(len(bound.lists))}
        for each in (each for one in selected for each in one.connections):
            shown[bound.list_of[each.slot]].append(each)
        beside = tuple(each for one in selected for each in one.beside)
        slots = (each.slot for each in beside if isinstance(each, Access))
        return cls(
            _each_once(path for one in selected for path in one.paths),
            [
                _list(number, place, bound.lists[number], shown[number])
                for place, number in enumerate(number for number in shown if shown[number])
            ],
            beside,
            _each_once(path for slot in slots for path in bound.access[slot]),
            _root_goes_on(bound),
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """The account's fields that a member's own tuple holds: `access` reads its part there."""
        return _each_once((*self.selected, *(path for path in self.accessed if "." not in path)))

    @property
    def shown(self) -> Sequence[WantedList]:
        """The lists whose entries are read."""
        return [each for each in self.lists if each.shown is not None]

    @property
    def consents(self) -> bool:
        """Whether any selection asks where consents stand."""
        return any(isinstance(each, Consents) for each in self.beside)

    def binds(self, bound: Bound) -> Mapping[str, object]:
        """What reading the lists binds, as this request asks for them."""
        binds: dict[str, object] = {}
        for each in self.lists:
            asked = bound.lists[each.number]
            binds |= asked.operands if each.shown is None else asked.binds(each.prefix)
        return binds


def _list(number: int, place: int, asked: Asked, connections: Sequence[Connection]) -> WantedList:
    counted = any(each.counts for each in connections)
    entries = any(each.shows_entries for each in connections)
    paths = _each_once(path for each in connections for path in each.paths)
    goes_on = any(each.shows(asked.page.open_end) for each in connections)
    return WantedList(number, place, asked, counted, paths if entries else None, goes_on)


def _root_goes_on(bound: Bound) -> bool:
    root = bound.plan.root
    if not isinstance(root, Connection):
        return False
    return root.shows(bound.lists[bound.list_of[root.slot]].page.open_end)


def _each_once(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))
