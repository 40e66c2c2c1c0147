"""What the making of one answer needs beside its tuples: ids, cursors, companies, what was told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from resolvers.access import FieldAccess
from resolvers.catalogue import company
from resolvers.consents import Consent
from resolvers.context import Context
from resolvers.cursors import Position, make_cursor
from resolvers.executor import Completion
from resolvers.eyes import Eyes
from resolvers.lists import Asked
from resolvers.places import Mark
from resolvers.site import Selected
from resolvers.snapshot import Row

Companies = dict[Any, Any]
Convert = Callable[[Any], Any] | None


@dataclass(slots=True, eq=False)
class Making:
    """The making of one answer."""

    context: Context
    eyes: Eyes
    lists: Sequence[Asked]
    completion: Completion
    known: dict[Any, Companies]
    """Companies in the shape that was selected, kept by whoever answers the same again."""
    fields: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Slot → the fields that `access` asks about there."""
    told: Mapping[str, Mapping[str, FieldAccess]] = field(default_factory=dict)
    """Member → field → how it stands."""
    standing: Mapping[str, Sequence[Consent] | None] = field(default_factory=dict)
    """Member → where consents stand."""
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Slot → member → as a company sees them, made already."""
    marks: dict[tuple[int, str], Sequence[Mark]] = field(default_factory=dict)
    """(slot, member) → what is withheld of that."""

    def beside(
        self,
        told: Mapping[str, Mapping[str, FieldAccess]],
        standing: Mapping[str, Sequence[Consent] | None],
    ) -> "Making":
        """Give the making that tells this, too."""
        return replace(self, told=told, standing=standing)

    def ids(self, kind: str) -> Callable[[str], str]:
        """Give what seals the keys of objects of this GraphQL type."""
        return self.context.seal.node_ids(self.eyes.audience, kind)

    def cursors(
        self, number: int, key_at: int, values_at: Sequence[int], values: Sequence[Convert]
    ) -> Callable[[Row], str]:
        """Give what makes the cursors of a list, of the places in its tuples."""
        context, eyes, name = self.context, self.eyes, self.lists[number].name

        def cursor(row: Row) -> str:
            raw = (row[at] for at in values_at)
            found = (
                value if convert is None else convert(value)
                for value, convert in zip(raw, values, strict=True)
            )
            return make_cursor(context, eyes, name, Position(tuple(found), str(row[key_at])))

        return cursor

    def companies(self, selected: Selected, required: bool) -> Companies:  # noqa: FBT001 (generated)
        """Give companies by key, each completed when it is first met. None stays None."""
        key = selected, self.context.seal
        if key not in self.known:
            self.known[key] = {None: None}
        return _Completed(self, selected, self.known[key], required=required)

    def access(self, slot: int, selected: Selected) -> Mapping[str, Any]:
        """Give, by member, how the fields of this slot stand."""
        paths, complete = self.fields[slot], self.completion.complete
        return {
            member: complete(selected, [told[path] for path in paths])
            for member, told in self.told.items()
        }

    def consents(self, selected: Selected) -> Mapping[str, Any]:
        """Give, by member, where consents stand."""
        complete = self.completion.complete
        return {member: complete(selected, each) for member, each in self.standing.items()}


class _Completed(dict[Any, Any]):
    """Companies in the shape that was selected. What is in the catalogue is the same all epoch."""

    def __init__(
        self, making: Making, selected: Selected, known: Companies, *, required: bool
    ) -> None:
        super().__init__(known)
        self._making, self._selected, self._known = making, selected, known
        self._required = required

    def __missing__(self, key: Any) -> Any:
        making = self._making
        found = company(making.context, str(key))
        if found is None and self._required:
            raise LookupError("an open row was acquired by no company of the catalogue")
        made = self[key] = self._known[key] = making.completion.complete(self._selected, found)
        return made
