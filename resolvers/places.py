"""Where in an answer something is withheld: response paths, for those who ask for them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SHOWN_AT_MOST = 200

ResponsePath = tuple[str | int, ...]


@dataclass(slots=True)
class Mark:
    """A response key of one object whose value is withheld, and why."""

    key: str
    owner: str | None
    """Key of the member or row; None where a whole list is withheld."""
    field: str
    reason: str


@dataclass(slots=True)
class Places:
    """What is withheld, marked on the objects of an answer while they are shaped."""

    marks: dict[int, list[Mark]] = field(default_factory=dict)
    """By the identity of the object. INVARIANT: `roots` keep every object alive."""
    roots: dict[str, object] = field(default_factory=dict)
    """Response key of a personal entry → its answer."""

    def mark(self, shape: object, mark: Mark) -> None:
        self.marks.setdefault(id(shape), []).append(mark)

    def by_field(self) -> Mapping[tuple[str, str], Sequence[ResponsePath]]:
        """Give every path, by field and reason: entries by name, below them in their order."""
        found = defaultdict[tuple[str, str], list[ResponsePath]](list)
        for key in sorted(self.roots):
            for mark, at in self._found(self.roots[key], (key,)):
                found[mark.field, mark.reason].append(at)
        return found

    def _found(self, value: object, at: ResponsePath) -> Iterator[tuple[Mark, ResponsePath]]:
        if isinstance(value, list):
            for position, each in enumerate(value):
                yield from self._found(each, (*at, position))
        elif isinstance(value, dict):
            for mark in self.marks.get(id(value), ()):
                yield mark, (*at, mark.key)
            for key, each in value.items():
                yield from self._found(each, (*at, key))
