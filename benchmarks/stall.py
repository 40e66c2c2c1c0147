"""Whether one slow query makes others wait."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx

from benchmarks.comparison import FOREVER
from benchmarks.data import Shelf
from benchmarks.load import Load, Seen
from benchmarks.queries import COMPANY, EVERYBODY, PURPOSE
from benchmarks.servers import BARE, PRODUCT, Server, headers, serving
from benchmarks.walk import walk

PAGES = 20
SECONDS = 3.0
"""Of reads, each time."""
ROUNDS = 3
LIMIT = 3
COLUMNS = (
    *("", "a count, s", "alone, ms, p50 / p99", "beside it", "p99", "bar"),
    *("bare: alone", "beside it", "p99"),
)


@dataclass(frozen=True)
class Waits:
    """How long reads of one member took, alone and while all members were counted."""

    alone: Seen
    beside: Seen

    @property
    def times(self) -> float:
        return self.beside.p99 / self.alone.p99

    def __str__(self) -> str:
        alone, beside = self.alone, self.beside
        told = f"{alone.p50:.2f} / {alone.p99:.2f} | {beside.p50:.2f} / {beside.p99:.2f}"
        return f"{told} | {self.times:.2f}"


@dataclass(frozen=True)
class Stall:
    """Waits of the product, and of the hand-written endpoint while the product counts as well."""

    engine: str
    product: Waits
    bare: Waits
    counted: float


def stall(shelf: Shelf, members: int) -> Stall:
    """Read single members over one connection, first alone, then beside counts of everybody."""
    with ExitStack() as stack:
        product, bare = (
            stack.enter_context(serving(kind, shelf.data(members))) for kind in (PRODUCT, BARE)
        )
        told = headers(product.data, COMPANY, PURPOSE)
        query = walk(product, told, COMPANY, PAGES).member()
        asked = [
            (product, _load(product, "/graphql", told, query.bodies())),
            (bare, _load(bare, query.path, told, query.plain_bodies())),
        ]
        counts = Counts(f"http://127.0.0.1:{product.port}/graphql", told)
        counts.once()  # from now on it reads from memory
        for server, load in asked:
            server.ask(load)
        rounds = [_round(asked, counts) for _ in range(ROUNDS)]
        of_product, of_bare = (_best(each) for each in zip(*rounds, strict=True))
        return Stall(shelf.engine, of_product, of_bare, counts.once())


@dataclass(frozen=True)
class Counts:
    """Counts everybody, again and again."""

    url: str
    headers: dict[str, str]

    def once(self) -> float:
        """Give how many seconds it takes."""
        told: Any = {"json": {"query": EVERYBODY}, "headers": self.headers, "timeout": 600}
        return httpx.post(self.url, **told).raise_for_status().elapsed.total_seconds()

    def beside(self, server: Server, load: Load) -> Seen:
        """Ask while a count is under way."""
        enough = Event()

        def count() -> None:
            while not enough.is_set():
                self.once()

        with ThreadPoolExecutor(1) as thread:
            counting = thread.submit(count)
            try:
                return server.ask(load)
            finally:
                enough.set()
                counting.result()


def _load(server: Server, path: str, told: dict[str, str], bodies: list[str]) -> Load:
    return Load(server.port, path, told, bodies, FOREVER, 1, SECONDS)


def _round(asked: Sequence[tuple[Server, Load]], counts: Counts) -> Sequence[Waits]:
    return [Waits(each.ask(load), counts.beside(each, load)) for each, load in asked]


def _best(rounds: Sequence[Waits]) -> Waits:
    """Give the least of each: what else the machine does only adds to the others."""
    alone = min((each.alone for each in rounds), key=lambda seen: seen.p99)
    return Waits(alone, min((each.beside for each in rounds), key=lambda seen: seen.p99))


def lines(found: Stall) -> Iterator[str]:
    """The stall as a line of the report."""
    yield f"| {found.engine} | {found.counted:.1f} | {found.product} | < {LIMIT} | {found.bare} |"
