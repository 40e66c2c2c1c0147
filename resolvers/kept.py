"""What is made once and used again: the latest used, as much as fits."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_EACH, _CHARACTER = 2048, 100


def weight_of(document: str) -> int:
    """Give how many bytes a document takes once it is parsed; what is made of it holds it whole."""
    return _EACH + _CHARACTER * len(document)


class Kept(Generic[T]):
    """Things by key. INVARIANT: their weights together are at most `room`."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._things: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

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
        self._taken -= before
        if weight > self._room:
            return thing
        self._taken += weight
        self._things[key] = thing, weight
        while self._taken > self._room:
            _, (_, gone) = self._things.popitem(last=False)
            self._taken -= gone
        return thing
