"""What a personal entry lets out: per field for the caller, per member for the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from models.disclosure import (
    RETURNED,
    SELF_ACCESS,
    Alike,
    Count,
    Disclosure,
    Members,
    Opened,
    Outcome,
    Use,
)
from models.view import Layout, View
from resolvers.patterns import (
    KNOWN_AT_MOST,
    MEMBER,
    Cells,
    Pattern,
    disclosed_by,
    outcome_of,
    pattern_of,
    withheld_by,
)
from resolvers.snapshot import Row

Cell = tuple[str | None, str]
"""Key of a row with the path of a field; None with the name of a list."""
Sums = tuple[Mapping[str, int], Mapping[tuple[str, str], int]]
"""Disclosed cells by path, withheld ones by path and reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """All that was told of one member, for the ledger and for the caller."""

    outcome: Outcome
    sums: Sums


@dataclass(frozen=True, slots=True)
class Known:
    """What patterns come to together; kept by whoever reads the same again."""

    wholes: dict[tuple[frozenset[Pattern], ...], Whole] = field(default_factory=dict)
    sums: dict[Cells, Sums] = field(default_factory=dict)

    def whole(self, *told: frozenset[Pattern]) -> Whole:
        """Give what was told of one member: of itself, of each of its rows, of each list."""
        told = tuple(sorted(told, key=id))  # in whichever order they were read
        return self.wholes.get(told) or _keep(self.wholes, told, self._whole(told))

    def sums_of(self, cells: Cells) -> Sums:
        """Give how many cells of each field were disclosed and withheld."""
        return self.sums.get(cells) or _keep(self.sums, cells, _sums(cells))

    def _whole(self, told: tuple[frozenset[Pattern], ...]) -> Whole:
        cells = frozenset(Counter(told).items())
        return Whole(outcome_of(cells), self.sums_of(cells))


@dataclass(slots=True)
class Tally:
    """Counts each cell once, however many lists and response keys show it."""

    view: View
    known: Known = field(default_factory=Known)
    last_seq: dict[str, int] = field(default_factory=dict)
    own: dict[str, Pattern] = field(default_factory=dict)
    """Member → what its own tuple told."""
    owners: dict[str, dict[str | None, frozenset[Pattern]]] = field(default_factory=dict)
    """Member → what else was told of it."""
    counts: list[Count] = field(default_factory=list)
    counted: set[tuple[str, int]] = field(default_factory=set)
    seen_through: dict[str, int] = field(default_factory=dict)
    """What members were shown of what companies would be."""
    fine: dict[tuple[str, str], int] = field(default_factory=dict)
    """(path, code) of what the member is told about being withheld from others."""

    def member(self, key: str, last_seq: int, own: Pattern = MEMBER) -> None:
        """A member is returned, with what its own tuple tells."""
        self.own[key], self.last_seq[key] = own, last_seq

    def told(self, member: str, owner: str | None, pattern: Pattern) -> None:
        """A tuple of this row was read; or something was told beside the tuples."""
        owners = self.owners.setdefault(member, {})
        before = owners.get(owner)
        owners[owner] = pattern.alone if before is None else before | pattern.alone

    def used(self, member: str, path: str, use: Use, opened: Iterable[Opened]) -> None:
        """Something was told of a value that this had opened."""
        self.told(member, None, pattern_of(frozenset(((path, use), each) for each in opened)))

    def returned(self, member: str, path: str, use: Use) -> None:
        """Something was told that no provision had to open: that it is there, or is not."""
        self.used(member, path, use, [Opened(RETURNED)])

    def count(self, fields: tuple[str, ...], number: int) -> None:
        """A number of members was told."""
        self.counts.append(Count("members", fields, number))

    def count_rows(
        self, member: str, relation: str, fields: tuple[str, ...], number: int, which: int
    ) -> None:
        """A number of one member's rows was told; of each list (`which`) once."""
        if (member, which) not in self.counted:
            self.counted.add((member, which))
            self.counts.append(Count(relation, fields, number))

    @property
    def shut(self) -> Sequence[Cell]:
        """What is withheld; from the member themself, of whom a company is told nothing."""
        of_members = [(key, path) for key, own in self.own.items() for path, _ in own.withheld]
        every = (each for owners in self.owners.values() for each in owners.items())
        return of_members + [(key, path) for key, cells in every for path, _ in withheld_by(cells)]

    def looked_on(self, member: str, through: "Tally", codes: Mapping[Cell, str]) -> None:
        """The member read about themself what a company would get: by self access, not by its."""
        _add(self.fine, Counter((path, code) for (_, path), code in codes.items()))
        seen = through.disclosure()
        _add(self.seen_through, seen.disclosed)
        self.counts += through.counts
        for item, opened in seen.members[member].items.items():
            self.used(member, *item, (_by_oneself(each) for each in opened))

    def disclosure(self) -> Disclosure:
        """Give what this entry let out."""
        if len(self.own) == 1 and self.owners.keys() <= self.own.keys():
            ((member, own),) = self.own.items()
            whole = self.known.whole(own.alone, *self.owners.get(member, {}).values())
            told: Mapping[str, Alike] = {member: whole}
            disclosed, withheld = whole.sums
        else:
            told = self._told() if self.owners else self.own
            disclosed, withheld = self.known.sums_of(self._cells())
        if self.seen_through:
            disclosed = dict(disclosed)
            _add(disclosed, self.seen_through)
        members = Members(self.last_seq, told)
        return Disclosure(members, disclosed, withheld, tuple(self.counts), self.fine)

    def _cells(self) -> Cells:
        cells = Counter(own.alone for own in self.own.values())
        for owners in self.owners.values():
            cells.update(owners.values())
        return frozenset(cells.items())

    def _told(self) -> Mapping[str, Alike]:
        """Give what was told of each member; the same object where it is the same."""
        whole, owners = self.known.whole, self.owners
        return {
            member: whole(own.alone, *owners[member].values()) if member in owners else own
            for member, own in self.own.items()
        }


K = TypeVar("K")
V = TypeVar("V")


def _keep(known: dict[K, V], key: K, value: V) -> V:
    if len(known) >= KNOWN_AT_MOST:
        known.clear()
    known[key] = value
    return value


def _add(sums: dict[K, int], others: Mapping[K, int]) -> None:
    for key, number in others.items():
        sums[key] = sums.get(key, 0) + number


def _sums(cells: Cells) -> Sums:
    disclosed, withheld = dict[str, int](), dict[tuple[str, str], int]()
    for told, number in cells:
        for path in disclosed_by(told):
            disclosed[path] = disclosed.get(path, 0) + number
        for cell in withheld_by(told):
            withheld[cell] = withheld.get(cell, 0) + number
    return disclosed, withheld


def last_seq(layout: Layout, row: Row) -> int:
    """Give up to which event the member's facts are folded."""
    number = layout.of(row, "last_seq")
    return number if isinstance(number, int) else 0


def _by_oneself(opened: Opened) -> Opened:
    return opened._replace(provision=min(opened.provision, SELF_ACCESS))
