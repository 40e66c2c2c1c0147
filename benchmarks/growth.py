"""What a request takes as there are more members, and as more fields are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import queries
from benchmarks.comparison import BUSY, FOREVER, ROUNDS, SECONDS
from benchmarks.data import Shelf
from benchmarks.load import Load
from benchmarks.queries import COMPANY, FEW, PURPOSE, Query
from benchmarks.servers import UNRECORDED, Server, headers, serving
from benchmarks.walk import Places, walk

PAGES = 60
DEEP = 50
FIELDS = (2, 6, 12, 20)

Costs = Mapping[str, float]
"""CPU of a request in milliseconds, by what is asked."""


@dataclass(frozen=True)
class Growth:
    """On one engine: by the number of members, and, in the largest, by the number of fields."""

    engine: str
    by_members: Mapping[int, Costs]
    by_fields: Mapping[int, Costs]


def grow(shelf: Shelf, sizes: Sequence[int]) -> Growth:
    """Measure the product, without its ledger, in each of these sizes."""
    by_members: dict[int, Costs] = {}
    by_fields: dict[int, Costs] = {}
    for members in sizes:
        with serving(UNRECORDED, shelf.data(members)) as server:
            told = headers(server.data, COMPANY, PURPOSE)
            places = walk(server, told, COMPANY, PAGES)
            by_members[members] = _of_all(server, told, places)
            if members == sizes[-1]:
                by_fields = {number: _of_fields(server, told, places, number) for number in FIELDS}
    return Growth(shelf.engine, by_members, by_fields)


def _of_all(server: Server, told: dict[str, str], places: Places) -> Costs:
    asked = {
        "page, near the start": places.page(last=5),
        f"page, behind {DEEP} others": places.page(first=DEEP),
        "one member": places.member(),
        "search": queries.search(),
        "count": queries.total(),
    }
    costs = {name: cost_of(server, told, query) for name, query in asked.items()}
    company, purpose = FEW
    first = queries.page().asked(({},), ())
    costs["page, one in a thousand open"] = cost_of(
        server, headers(server.data, company, purpose), first
    )
    return costs


def _of_fields(server: Server, told: dict[str, str], places: Places, number: int) -> Costs:
    asked = {"page": places.page(number), "one member": places.member(number)}
    return {name: cost_of(server, told, query) for name, query in asked.items()}


def cost_of(server: Server, told: dict[str, str], query: Query) -> float:
    """CPU of a request, the best of several rounds: milliseconds."""
    load = Load(server.port, "/graphql", told, query.bodies(), FOREVER, BUSY, SECONDS)
    server.ask(load)
    return min(server.cost(load).cpu for _ in range(ROUNDS))


def lines(growth: Growth) -> Iterator[str]:
    """The growth as a section of the report."""
    yield f"### {growth.engine}"
    yield ""
    sizes = list(growth.by_members)
    yield (
        "| CPU of a request, ms | "
        + " | ".join(f"{each:,}" for each in sizes)
        + " | last ÷ first | bar |"
    )
    yield "|---" * (len(sizes) + 3) + "|"
    range_grows = f"≤ {sizes[-1] / sizes[0]:.0f}, as the range"
    bars = dict.fromkeys(("page", "one member"), "≤ 1.3")
    bars |= dict.fromkeys(("search", "count"), range_grows)
    for name in growth.by_members[sizes[0]]:
        costs = [growth.by_members[each][name] for each in sizes]
        bar = "" if "thousand" in name else bars.get(name.partition(",")[0], "")
        told = " | ".join(f"{each:.2f}" for each in costs)
        yield f"| {name} | {told} | {costs[-1] / costs[0]:.2f} | {bar} |"
    largest = growth.by_members[sizes[-1]]
    few, dense = largest["page, one in a thousand open"], largest["page, near the start"]
    yield ""
    yield f"Where one member in a thousand is open, a page takes {few / dense:.2f} × the dense one"
    yield "(bar: 3)."
    yield ""
    yield "| fields | " + " | ".join(map(str, growth.by_fields)) + " |"
    yield "|---" * (len(growth.by_fields) + 1) + "|"
    for name in next(iter(growth.by_fields.values())):
        told = " | ".join(f"{each[name]:.2f}" for each in growth.by_fields.values())
        yield f"| {name}, CPU of a request, ms | {told} |"
    yield ""
