"""Where what nobody asked before is made: on a thread beside everything else, piece by piece."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from typing import TypeVar

T = TypeVar("T")

SLICE = 0.0005
"""Seconds of the interpreter that a thread has, while something is made, before another has its
turn. An answer is made in some ten steps, each of which may have to wait for that."""
USUAL = sys.getswitchinterval()

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="workshop")
"""One for a process."""


class Workshop:
    """Makes one piece after the other. While others work it rests as long as it worked.

    So it takes a half of the interpreter's time at most, however much is asked for.
    """

    def __init__(self, others_work: Callable[[], bool]) -> None:
        self.asked = 0
        """Pieces that somebody waits for."""
        self._others_work = others_work
        self._free = asyncio.Lock()
        self.rested = 0.0
        """When it works again, by the loop's clock."""

    async def make(self, make: Callable[[], T], spend: Callable[[float], None]) -> T:
        """Give what this makes; tell what that took in seconds, though nobody waits any more."""
        self.asked += 1
        try:
            async with self._free:
                await asyncio.sleep(self.rested - asyncio.get_running_loop().time())
                return await asyncio.shield(self._made(make, spend))
        finally:
            self.asked -= 1

    async def _made(self, make: Callable[[], T], spend: Callable[[float], None]) -> T:
        loop, seconds = asyncio.get_running_loop(), 0.0

        def work() -> T:
            nonlocal seconds
            began = thread_time()
            sys.setswitchinterval(SLICE)
            try:
                return make()
            finally:
                sys.setswitchinterval(USUAL)
                seconds = thread_time() - began

        try:
            return await loop.run_in_executor(_thread, work)
        finally:
            spend(seconds)
            self.rested = loop.time() + (seconds if self._others_work() else 0.0)
