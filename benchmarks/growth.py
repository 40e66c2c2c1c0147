"""What a request takes as there are more members, and as more fields are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Self

from benchmarks import queries
from benchmarks.comparison import BUSY, FOREVER, SECONDS
from benchmarks.data import Shelf
from benchmarks.load import Load
from benchmarks.queries import COMPANY, FEW, PURPOSE, Query
from benchmarks.servers import UNRECORDED, Server, headers, serving
from benchmarks.walk import walk

PAGES = 60
DEEP = 50
FIELDS = (2, 6, 12, 20)
ROUNDS = 7
NEAR, OF_FEW = "page, near the start", "page, one in a thousand open"

Costs = Mapping[str, float]
"""CPU of a request in milliseconds, by what is asked."""


@dataclass(frozen=True)
class Growth:
    """On one engine: by the number of members, and, in the largest, by the number of fields."""

    engine: str
    rounds: Sequence[Mapping[int, Costs]]
    """By the number of members. In each all sizes are asked, one right after the other."""
    by_fields: Mapping[int, Costs]

    def best(self, members: int) -> Costs:
        """What else the machine does only adds to the others."""
        costs = [each[members] for each in self.rounds]
        return {name: min(each[name] for each in costs) for name in costs[0]}

    def times(self, name: str, of: tuple[int, str]) -> float:
        """How many times what is asked of so many members it takes among most: middle round."""
        most = max(self.rounds[0])
        members, other = of
        return median(each[most][name] / each[members][other] for each in self.rounds)


@dataclass(frozen=True)
class Asked:
    """What one server is asked, and as whom."""

    server: Server
    loads: Mapping[str, Load]

    @classmethod
    def of(cls, server: Server) -> Self:
        told = headers(server.data, COMPANY, PURPOSE)
        places = walk(server, told, COMPANY, PAGES)
        few = headers(server.data, *FEW)
        loads = {
            NEAR: load_of(server, told, places.page(last=5)),
            f"page, behind {DEEP} others": load_of(server, told, places.page(first=DEEP)),
            "one member": load_of(server, told, places.member()),
            "search": load_of(server, told, queries.search()),
            "count": load_of(server, told, queries.total()),
            OF_FEW: load_of(server, few, queries.page().asked(({},), ())),
        }
        return cls(server, loads)


def grow(shelf: Shelf, sizes: Sequence[int]) -> Growth:
    """Measure the product, without its ledger, in each of these sizes."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(UNRECORDED, shelf.data(each))) for each in sizes]
        asked = dict(zip(sizes, map(Asked.of, servers), strict=True))
        rounds = list(_rounds(asked))
        return Growth(shelf.engine, rounds, _by_fields(servers[-1]))


def _rounds(asked: Mapping[int, Asked]) -> Iterator[Mapping[int, Costs]]:
    _round(asked)  # and what is made once is made
    for _ in range(ROUNDS):
        yield _round(asked)


def _round(asked: Mapping[int, Asked]) -> Mapping[int, Costs]:
    """Ask the same of all sizes before the next."""
    costs: dict[int, dict[str, float]] = {members: {} for members in asked}
    names = next(iter(asked.values())).loads
    for name in names:
        for members, each in asked.items():
            costs[members][name] = each.server.cost(each.loads[name]).cpu
    return costs


def _by_fields(server: Server) -> Mapping[int, Costs]:
    told = headers(server.data, COMPANY, PURPOSE)
    places = walk(server, told, COMPANY, PAGES)
    return {
        number: {
            "page": cost_of(server, told, places.page(number)),
            "one member": cost_of(server, told, places.member(number)),
        }
        for number in FIELDS
    }


def load_of(server: Server, told: dict[str, str], query: Query) -> Load:
    """As many requests as are answered in a round."""
    return Load(server.port, "/graphql", told, query.bodies(), FOREVER, BUSY, SECONDS)


def cost_of(server: Server, told: dict[str, str], query: Query) -> float:
    """CPU of a request, the best of several rounds: milliseconds."""
    load = load_of(server, told, query)
    server.ask(load)
    return min(server.cost(load).cpu for _ in range(ROUNDS))


def lines(growth: Growth) -> Iterator[str]:
    """The growth as a section of the report."""
    yield f"### {growth.engine}"
    yield ""
    sizes = list(growth.rounds[0])
    yield (
        "| CPU of a request, ms | "
        + " | ".join(f"{each:,}" for each in sizes)
        + " | last ÷ first | bar |"
    )
    yield "|---" * (len(sizes) + 3) + "|"
    range_grows = f"≤ {sizes[-1] / sizes[0]:.0f}, as the range"
    bars = dict.fromkeys(("page", "one member"), "≤ 1.3")
    bars |= dict.fromkeys(("search", "count"), range_grows)
    best = {each: growth.best(each) for each in sizes}
    for name in best[sizes[0]]:
        bar = "" if name == OF_FEW else bars.get(name.partition(",")[0], "")
        told = " | ".join(f"{best[each][name]:.2f}" for each in sizes)
        yield f"| {name} | {told} | {growth.times(name, (sizes[0], name)):.2f} | {bar} |"
    dense = growth.times(OF_FEW, (sizes[-1], NEAR))
    yield ""
    yield f"Where one member in a thousand is open, a page takes {dense:.2f} × the dense one"
    yield "(bar: 3)."
    yield ""
    yield "| fields | " + " | ".join(map(str, growth.by_fields)) + " |"
    yield "|---" * (len(growth.by_fields) + 1) + "|"
    for name in next(iter(growth.by_fields.values())):
        told = " | ".join(f"{each[name]:.2f}" for each in growth.by_fields.values())
        yield f"| {name}, CPU of a request, ms | {told} |"
    yield ""
