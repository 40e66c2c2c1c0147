"""Where in an answer something is withheld: response paths, for those who ask for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

SHOWN_AT_MOST = 200

ResponsePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place whose value is withheld, and why."""

    at: ResponsePath
    owner: str | None
    """Key of the member or row; None where a whole list is withheld."""
    field: str
    reason: str

    def because(self, reason: str) -> "Mark":
        return replace(self, reason=reason)

    def moved(self, to: ResponsePath) -> "Mark":
        """Of a member in a list: as one that stands there."""
        return replace(self, at=(*to, *self.at[1:]))

    def under(self, *at: str | int) -> "Mark":
        return replace(self, at=(*at, *self.at))


@dataclass(slots=True)
class Places:
    """What is withheld in an answer, by the personal entries of it."""

    marks: dict[str, list[Mark]] = field(default_factory=dict)
    """Response key of a root → what is withheld below it."""

    def mark(self, root: str, marks: Iterable[Mark]) -> None:
        """Add what is withheld below a root."""
        self.marks.setdefault(root, []).extend(marks)

    def by_field(self) -> Mapping[tuple[str, str], Sequence[ResponsePath]]:
        """Give every path, by field and reason: roots by name, below them as they are shown."""
        found = defaultdict[tuple[str, str], list[ResponsePath]](list)
        for root in sorted(self.marks):
            for mark in self.marks[root]:
                found[mark.field, mark.reason].append(mark.at)
        return found
