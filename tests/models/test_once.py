"""Parts of a statement are made once, whichever thread asks first."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

from models.once import once

A_WHILE = 0.2


def test_two_threads_that_ask_at_once_are_given_the_same() -> None:
    both = Barrier(2)

    @once(8)
    def part(_name: str) -> object:
        with suppress(BrokenBarrierError):
            both.wait(A_WHILE)
        return object()

    with ThreadPoolExecutor(max_workers=2) as threads:
        first, second = threads.map(part, ["city", "city"])
    assert first is second
    assert part("prefecture") is not first


def test_no_more_are_kept_than_so_many() -> None:
    @once(1)
    def part(_name: str) -> object:
        return object()

    first = part("city")
    assert part("city") is first
    part("prefecture")
    assert part("city") is not first
