"""What is made once and used again: the latest used, as much as fits."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from resolvers.effort import Effort

T = TypeVar("T")

KEPT: "WeakSet[Kept[Any]]" = WeakSet()
"""All that there are."""

_EACH, _CHARACTER = 2048, 100


def weight_of(document: str) -> int:
    """Give how many bytes a document takes once it is parsed; what is made of it holds it whole."""
    return _EACH + _CHARACTER * len(document)


class Kept(Generic[T]):
    """Things by key, for one thread. INVARIANT: their weights together are at most `room`."""

    def __init__(self, room: int, name: str = "") -> None:
        self._room = room
        self._things: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._making: dict[Hashable, asyncio.Event] = {}
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

    async def made(
        self, key: Hashable, effort: Effort, make: Callable[[], T], weigh: Callable[[T], int]
    ) -> T:
        """Give a thing. One that is not kept is made, once for all who ask meanwhile.

        Raises what making it raises; then who asks next makes it again.
        """
        while (found := self.get(key)) is None and key in self._making:
            await self._making[key].wait()
        if found is not None:
            return found
        made = self._making[key] = asyncio.Event()
        try:
            thing = await effort(make)
        finally:
            del self._making[key]
            made.set()
        return self.keep(key, thing, weigh(thing))

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
