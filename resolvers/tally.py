"""What a personal entry lets out: per field for the caller, per member for the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.disclosure import (
    RETURNED,
    SELF_ACCESS,
    Count,
    Disclosure,
    Item,
    Items,
    MemberDisclosure,
    Opened,
    Use,
)
from models.view import Layout, View
from resolvers.patterns import Pattern, Told
from resolvers.places import Mark
from resolvers.snapshot import Row

Cell = tuple[str | None, str]
"""Key of a row with the path of a field; None with the name of a list."""
Codes = Mapping[Cell, str]
Owners = Mapping[str | None, set[Pattern]]
"""Key of the member or a row → what was told of it; None → of lists, and by other ways."""


@dataclass(slots=True)
class Tally:
    """Counts each cell once, however many lists and response keys show it."""

    view: View
    last_seq: dict[str, int] = field(default_factory=dict)
    owners: dict[str, defaultdict[str | None, set[Pattern]]] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    counted: set[tuple[str, int]] = field(default_factory=set)
    seen_through: Counter[str] = field(default_factory=Counter)
    """What members were shown of what companies would be."""
    fine: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(path, code) of what the member is told about being withheld from others."""
    marks: list[Mark] = field(default_factory=list)
    """Where the answer says so, if that is asked for."""

    def member(self, key: str, last_seq: int) -> None:
        """A member returned is itself an item, also when only the id is asked for."""
        if key not in self.owners:
            self.owners[key], self.last_seq[key] = defaultdict(set), last_seq
            self.returned(key, "", Use.SELECT)

    def told(self, member: str, owner: str | None, pattern: Pattern) -> None:
        """A tuple of this member or row was read; or something was told beside the tuples."""
        self.owners[member][owner].add(pattern)

    def used(self, member: str, path: str, use: Use, opened: Iterable[Opened]) -> None:
        """Something was told of a value that this had opened."""
        self.told(member, None, Pattern(frozenset(((path, use), each) for each in opened)))

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
        every = (each for owners in self.owners.values() for each in owners.items())
        return [(owner, path) for owner, patterns in every for path, _ in _withheld(patterns)]

    def looked_on(self, member: str, through: "Tally", codes: Codes) -> None:
        """The member read about themself what a company would get: by self access, not by its."""
        self.fine.update((path, code) for (_, path), code in codes.items())
        for mark in through.marks:
            mark.reason = codes[mark.owner, mark.field]
        seen = through.disclosure()
        self.seen_through.update(seen.disclosed)
        self.counts += through.counts
        for item, opened in seen.members[member].items.items():
            self.used(member, *item, (_by_oneself(each) for each in opened))

    def disclosure(self) -> Disclosure:
        """Give what this entry let out."""
        cells = Counter(
            frozenset(patterns) for owners in self.owners.values() for patterns in owners.values()
        )
        disclosed, withheld = Counter(self.seen_through), Counter[tuple[str, str]]()
        for patterns, number in cells.items():
            disclosed.update(dict.fromkeys(_disclosed(patterns), number))
            withheld.update(dict.fromkeys(_withheld(patterns), number))
        return Disclosure(
            members=dict(self._members()),
            disclosed=dict(disclosed),
            withheld=dict(withheld),
            counts=tuple(self.counts),
            fine=dict(self.fine),
        )

    def _members(self) -> Iterator[tuple[str, MemberDisclosure]]:
        """Give what was told of each member; the same objects where it is the same."""
        items: dict[frozenset[Pattern], Items] = {}
        withheld: dict[frozenset[tuple[str, int]], Mapping[str, int]] = {}
        for member, owners in self.owners.items():
            told = frozenset(pattern for patterns in owners.values() for pattern in patterns)
            if told not in items:
                items[told] = _items(told)
            reasons = _reasons(owners)
            same = withheld.setdefault(frozenset(reasons.items()), reasons)
            yield member, MemberDisclosure(self.last_seq[member], items[told], same)


def last_seq(layout: Layout, row: Row) -> int:
    """Give up to which event the member's facts are folded."""
    number = layout.of(row, "last_seq")
    return number if isinstance(number, int) else 0


def _disclosed(patterns: Iterable[Pattern]) -> frozenset[str]:
    return frozenset[str]().union(*(each.disclosed for each in patterns))


def _withheld(patterns: Iterable[Pattern]) -> frozenset[tuple[str, str]]:
    return frozenset[tuple[str, str]]().union(*(each.withheld for each in patterns))


def _items(patterns: Iterable[Pattern]) -> Items:
    items: dict[Item, set[Opened]] = {}
    for item, opened in frozenset[Told]().union(*(each.items for each in patterns)):
        items.setdefault(item, set()).add(opened)
    return {item: frozenset(opened) for item, opened in items.items()}


def _reasons(owners: Owners) -> Mapping[str, int]:
    """Give how many cells were withheld for each reason; a list as a whole is one."""
    every = (_withheld(patterns) for patterns in owners.values())
    return Counter(reason for cells in every for _, reason in cells)


def _by_oneself(opened: Opened) -> Opened:
    return opened._replace(provision=min(opened.provision, SELF_ACCESS))
