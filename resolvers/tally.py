"""What a personal entry lets out: per field for the caller, per member for the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.disclosure import (
    RETURNED,
    SELF_ACCESS,
    Count,
    Disclosure,
    MemberDisclosure,
    Opened,
    Use,
)
from models.view import View
from resolvers.places import Mark

Cell = tuple[str | None, str]
"""Key of a row with the path of a field; None with the name of a list."""
Codes = Mapping[Cell, str]


@dataclass(slots=True)
class Tally:
    """Counts each cell once, however many response keys show it."""

    view: View
    disclosed: Counter[str] = field(default_factory=Counter)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)
    items: dict[str, dict[tuple[str, Use], set[int]]] = field(default_factory=dict)
    last_seq: dict[str, int] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    shut: list[Cell] = field(default_factory=list)
    """What is withheld from a company while the member looks on."""
    fine: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(path, code) of what the member is told about being withheld from others."""

    marks: list[Mark] = field(default_factory=list)
    """Where the answer says so, if that is asked for."""

    def member(self, key: str, last_seq: int) -> None:
        """A member returned is itself an item, also when only the id is asked for."""
        self.items.setdefault(key, defaultdict(set))["", Use.SELECT].add(RETURNED)
        self.last_seq[key] = last_seq

    def row(self, member: str, relation: str) -> None:
        """So is a row returned."""
        self.items[member][relation, Use.SELECT].add(RETURNED)

    def cell(self, member: str, owner: str, path: str, provision: int | None) -> None:
        """One cell of a member or row: opened by a provision, or withheld."""
        if (owner, path) in self.seen:
            return
        self.seen.add((owner, path))
        if provision is None:
            self._withheld(owner, path, self.view.reason(path))
        else:
            self.disclosed[path] += 1
            self.items[member][path, Use.SELECT].add(provision)

    def used(self, member: str, path: str, use: Use, provision: object) -> None:
        """A filter or an order looked at an open value of a member that was returned."""
        if isinstance(provision, int):
            self.items[member][path, use].add(provision)

    def count(self, fields: tuple[str, ...], number: int) -> None:
        """A number of members was told."""
        self.counts.append(Count("members", fields, number))

    def count_rows(
        self, member: str, relation: str, fields: Iterable[str], number: int, which: str
    ) -> None:
        """A number of one member's rows was told; of each list (`which`) once."""
        if (member, which) in self.seen:
            return
        self.seen.add((member, which))
        told = (relation, *fields)
        self.counts.append(Count(relation, told[1:], number))
        for path in told:
            self.items[member][path, Use.COUNT].add(RETURNED)

    def list_shown(self, member: str, relation: str, unseen: Iterable[str]) -> None:
        """A list was shown: that no row is in it tells of the rows, and of what its filter read.

        `unseen` are the filter's fields that no row shown accounts for.
        """
        self.items[member][relation, Use.SELECT].add(RETURNED)
        for path in unseen:
            self.items[member][path, Use.FILTER].add(RETURNED)

    def hidden_list(self, member: str, relation: str, reason: str) -> None:
        """A list that could not be open counts once per member, under its own name."""
        if (member, relation) not in self.seen:
            self.seen.add((member, relation))
            self._withheld(None, relation, reason)

    def _withheld(self, owner: str | None, path: str, reason: str) -> None:
        if self.view.asker.shown_to_subject:
            self.shut.append((owner, path))
        else:
            self.withheld[path, reason] += 1

    def looked_on(self, member: str, through: "Tally", codes: Codes) -> None:
        """The member read about themself what a company would get: by self access, not by its."""
        self.fine.update((path, code) for (_, path), code in codes.items())
        for mark in through.marks:
            mark.reason = codes[mark.owner, mark.field]
        self.disclosed.update(through.disclosed)
        self.counts += through.counts
        for item, numbers in through.items.get(member, {}).items():
            self.items[member][item] |= {min(number, SELF_ACCESS) for number in numbers}

    def disclosure(self) -> Disclosure:
        """Give what this entry let out."""
        return Disclosure(
            members={
                member: MemberDisclosure(
                    self.last_seq[member],
                    {item: frozenset(map(Opened, numbers)) for item, numbers in items.items()},
                )
                for member, items in self.items.items()
            },
            disclosed=dict(self.disclosed),
            withheld=dict(self.withheld),
            counts=tuple(self.counts),
            fine=dict(self.fine),
        )
