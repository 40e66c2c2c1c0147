"""What left: the entry the ledger keeps of a decision, names and numbers, never a value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol, Self

SELF_ACCESS = 0
"""Stands for the provision where the member reads about itself."""
RETURNED = -1
"""Stands for the provision where a member or a list was returned as such."""


class Use(StrEnum):
    """How the result of a request shows something of a personal value."""

    SELECT = "SELECT"
    FILTER = "FILTER"
    ORDER = "ORDER"
    COUNT = "COUNT"

    __hash__ = str.__hash__  # Enum's own is Python code, and every cell of a page asks for it


class Origin(NamedTuple):
    """The circumstances in which a stored value was acquired (取得の経緯, art. 30(1)(ii))."""

    acquirer: str
    """The company that acquired it: its provider, whoever holds it now (S77)."""
    source: str
    channel: str


class Opened(NamedTuple):
    """What opened an item, and whose it was."""

    provision: int
    """Its number, or SELF_ACCESS, or RETURNED."""
    origin: Origin | None = None
    """None where no stored value of one origin was shown: of a member as such, of a number."""


Item = tuple[str, Use]
"""A field's path, or a relation ("" is the member), and how it was used.

Of a relation that is selected: RETURNED for the list as such; what opened each row, for the row.
"""
Items = Mapping[Item, frozenset[Opened]]
"""What was used, and what opened it; of a list, once for each way its rows were open."""


Way = tuple[Use, int, Origin | None]
"""A way in which items were opened: their use, the provision, and whose they were."""


@dataclass(frozen=True)
class Outcome:
    """What was used, and what was withheld; members of whom the same is told share it."""

    items: Items
    withheld: Mapping[str, int] = field(default_factory=dict)
    """Reason → how many of the cells asked for were withheld."""

    @cached_property
    def ways(self) -> Sequence[tuple[Way, Sequence[str]]]:
        """Every way in which items were opened, with their paths: in one order for all alike."""
        ways: dict[Way, list[str]] = {}
        for (path, use), opened in sorted(self.items.items()):
            for provision, origin in opened:
                ways.setdefault((use, provision, origin), []).append(path)
        return sorted(ways.items(), key=lambda each: (*each[0][:2], each[0][2] or ()))


class MemberDisclosure(NamedTuple):
    """What was used of one member, whose events were folded up to `last_seq`."""

    last_seq: int
    outcome: Outcome

    @classmethod
    def of(
        cls, last_seq: int, items: Items, withheld: Mapping[str, int] = MappingProxyType({})
    ) -> Self:
        """Of one member alone."""
        return cls(last_seq, Outcome(items, withheld))

    @property
    def items(self) -> Items:
        """What was used, and what opened it."""
        return self.outcome.items

    @property
    def withheld(self) -> Mapping[str, int]:
        """Reason → how many of the cells asked for were withheld."""
        return self.outcome.withheld

    @property
    def provisions(self) -> Mapping[Item, frozenset[int]]:
        """The numbers of the provisions that opened each item, whosever its values were."""
        return {
            item: frozenset(each.provision for each in opened)
            for item, opened in self.items.items()
        }


class Alike(Protocol):
    """What was told of one member, and of all who are alike. Compared by identity."""

    @property
    def outcome(self) -> Outcome:
        """What comes of it."""


@dataclass(frozen=True, eq=False)
class Members(Mapping[str, MemberDisclosure]):
    """What was used of members, in columns: of a page of a hundred no object is made for each."""

    last_seqs: Mapping[str, int]
    told: Mapping[str, Alike]
    """Of the same members, in the same order."""

    @classmethod
    def of(cls, members: Mapping[str, MemberDisclosure]) -> Self:
        """Of those of whom there is an object each."""
        alike = {id(each.outcome): _Same(each.outcome) for each in members.values()}
        return cls(
            {key: each.last_seq for key, each in members.items()},
            {key: alike[id(each.outcome)] for key, each in members.items()},
        )

    def __getitem__(self, key: str) -> MemberDisclosure:
        return MemberDisclosure(self.last_seqs[key], self.told[key].outcome)

    def __iter__(self) -> Iterator[str]:
        return iter(self.told)

    def __len__(self) -> int:
        return len(self.told)


@dataclass(frozen=True, eq=False)
class _Same:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Count:
    """A number that was told about members together, and the fields whose values it depends on."""

    entry: str
    fields: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The outcome of one personal entry: per member for the ledger, per field for the caller."""

    members: Mapping[str, MemberDisclosure] = field(default_factory=dict)
    disclosed: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[tuple[str, str], int] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    fine: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(field, code): what members are told about themselves; the ledger keeps none of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision: who asked what for, under which policy, and what was disclosed."""

    decision_id: str
    company: str | None
    on_behalf_of: str | None
    role: str
    subject: str
    purpose: str
    reference: str | None
    at: datetime
    policy_version: str
    disclosures: tuple[Disclosure, ...] = ()
