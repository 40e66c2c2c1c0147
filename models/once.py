"""What is made once, and is one and the same thing for everybody who asks for it."""

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import RLock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_making = RLock()


def once(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the `most` that were asked for last.

    INVARIANT: whoever asks is given the same object as long as it is kept, on each thread. Parts of
    one statement find each other by what they are, not by what they look like.
    """

    def keeping(make: Callable[P, T]) -> Callable[P, T]:
        kept: Any = lru_cache(maxsize=most)(make)

        @wraps(make)
        def give(*args: P.args, **given: P.kwargs) -> T:
            with _making:
                found: T = kept(*args, **given)
                return found

        return give

    return keeping
