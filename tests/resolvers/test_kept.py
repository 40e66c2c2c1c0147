"""What is kept stays as long as there is room; what was not used for longest goes first."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.kept import Kept

ROOM = 20
STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.booleans()), max_size=60)

pytestmark = pytest.mark.anyio
T = TypeVar("T")


@given(STEPS)
def test_the_latest_used_are_kept_and_never_weigh_more_than_there_is_room(
    steps: list[tuple[int, int, bool]],
) -> None:
    kept, weights, used = Kept[int](ROOM), dict[int, int](), list[int]()
    for key, weight, looked_up in steps:
        if looked_up:
            assert (kept.get(key) is not None) == (key in weights)
            if key not in weights:
                continue
        else:
            kept.keep(key, key, weight)
            weights.pop(key, None)
            if weight > ROOM:
                used = [each for each in used if each != key]
                continue
            weights[key] = weight
        used = [*(each for each in used if each != key), key]
        while sum(weights.values()) > ROOM:
            del weights[used.pop(0)]
        assert {each for each in range(10) if each in kept} == set(weights)


def test_what_is_too_heavy_for_the_room_is_used_and_not_kept() -> None:
    kept = Kept[str](ROOM)
    kept.keep("other", "which stays")
    assert kept.keep("key", "thing", ROOM + 1) == "thing"
    assert "key" not in kept
    assert "other" in kept


async def test_what_several_ask_for_at_once_is_made_once() -> None:
    kept, made, go_on = Kept[str](100), list[str](), asyncio.Event()

    async def later(make: Callable[[], T]) -> T:
        await go_on.wait()
        return make()

    def make() -> str:
        made.append("")
        return "thing"

    asking = [asyncio.create_task(kept.made("key", later, make, len)) for _ in range(3)]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(*asking) == ["thing"] * 3
    assert (len(made), kept.taken) == (1, 5)


async def test_where_making_failed_who_asks_next_makes_it() -> None:
    kept = Kept[str](100)
    attempts: Iterator[ValueError | str] = iter([ValueError("no"), "thing"])

    async def later(make: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return make()

    def make() -> str:
        attempt = next(attempts)
        if isinstance(attempt, ValueError):
            raise attempt
        return attempt

    asking = [kept.made("key", later, make, len) for _ in range(3)]
    first, *others = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, ValueError)
    assert others == ["thing"] * 2
