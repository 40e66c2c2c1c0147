"""What is made once and used again: the latest used, as much as fits."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")

KEPT: "WeakSet[Kept[Any]]" = WeakSet()
"""All that there are."""

_EACH, _CHARACTER = 2048, 100


def weight_of(document: str) -> int:
    """Give how many bytes a document takes once it is parsed; what is made of it holds it whole."""
    return _EACH + _CHARACTER * len(document)


class Kept(Generic[T]):
    """Things by key. INVARIANT: their weights together are at most `room`."""

    def __init__(self, room: int, name: str = "") -> None:
        self._room = room
        self._things: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self.taken = 0
        self.name = name
        """What is kept here, as the operator is told; "" where nobody is."""
        KEPT.add(self)

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: Hashable) -> T | None:
        """Give a thing, None if it is not kept."""
        found = self._things.get(key)
        if found is None:
            return None
        self._things.move_to_end(key)
        return found[0]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._things

    def keep(self, key: Hashable, thing: T, weight: int = 1) -> T:
        """Keep it, and let go of what was not used for longest.

        What is heavier than the room is not kept: nothing else is let go of for it.
        """
        _, before = self._things.pop(key, (None, 0))
        self.taken -= before
        if weight > self._room:
            return thing
        self.taken += weight
        self._things[key] = thing, weight
        while self.taken > self._room:
            _, (_, gone) = self._things.popitem(last=False)
            self.taken -= gone
        return thing
