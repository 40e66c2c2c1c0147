"""Whether one slow query makes others wait."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import httpx

from benchmarks.comparison import FOREVER
from benchmarks.data import Shelf
from benchmarks.load import Load, Seen
from benchmarks.queries import COMPANY, EVERYBODY, PURPOSE
from benchmarks.servers import PRODUCT, headers, serving
from benchmarks.walk import walk

PAGES = 20
SECONDS = 5.0
"""Of reads, each time."""
LIMIT = 3


@dataclass(frozen=True)
class Stall:
    """Reads of one member, alone and while all members are counted, which took so long."""

    engine: str
    members: int
    alone: Seen
    beside: Seen
    counted: float


def stall(shelf: Shelf, members: int) -> Stall:
    """Read single members over one connection, first alone, then beside counts of everybody."""
    with serving(PRODUCT, shelf.data(members)) as server:
        told = headers(server.data, COMPANY, PURPOSE)
        query = walk(server, told, COMPANY, PAGES).member()
        load = Load(server.port, "/graphql", told, query.bodies(), FOREVER, 1, SECONDS)
        server.ask(load)
        alone = server.ask(load)
        url = f"http://127.0.0.1:{server.port}/graphql"

        enough = Event()

        def count() -> float:
            while True:
                answer = httpx.post(url, json={"query": EVERYBODY}, headers=told, timeout=600)
                if enough.is_set():
                    return answer.raise_for_status().elapsed.total_seconds()

        with ThreadPoolExecutor(1) as thread:
            counted = thread.submit(count)
            beside = server.ask(load)
            enough.set()
        return Stall(shelf.engine, members, alone, beside, counted.result())


def lines(found: Stall) -> Iterator[str]:
    """The stall as a line of the report."""
    yield (
        f"| {found.engine} | {found.counted:.1f} | {found.alone.p50:.2f} / {found.alone.p99:.2f} "
        f"| {found.beside.p50:.2f} / {found.beside.p99:.2f} "
        f"| {found.beside.p99 / found.alone.p99:.2f} | < {LIMIT} |"
    )
