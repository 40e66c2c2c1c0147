"""The product and the hand-written endpoint, side by side: the four queries, on one engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

from benchmarks import queries
from benchmarks.data import Shelf
from benchmarks.load import Load
from benchmarks.queries import COMPANY, PURPOSE, Query
from benchmarks.servers import BARE, PRODUCT, UNRECORDED, Cost, Server, headers, serving, unfolded
from benchmarks.walk import walk

KINDS = ("bare", "without a ledger", "logging", "with it", "as it is")
"""The hand-written endpoint, and the product: without a ledger; the same with a line of log for
each request; with a ledger; and as it is, when it folds the ledger's entries as well."""
LOGGING = {"SEKISHO_LOG_LEVEL": "info"}
CONNECTIONS = (1, 16, 64)
BUSY = 16
"""Connections at which processor time is compared."""
ROUNDS = 11
"""In each all servers are asked, one right after the other: what else the machine does happens to
all of them. What is held against another is of the same round, and the middle round counts."""
SECONDS = 1.0
FOREVER = 10**9
PAGES = 200
ON_AND_ON = 100_000
"""Requests after which the product's memory is looked at again."""

LIMIT = 1.4
"""How much more than the hand-written endpoint the product may take, without its ledger."""
LOGGING_LIMIT = 1.6
"""The same with limits, figures and logs. Limits and figures are never off."""
ADDED = 0.12
"""What the ledger may add: ms."""
RAW = {"page": 0.46, "member": 0.24, "search": 0.68, "count": 0.39}
"""What a raw ASGI endpoint took on PostgreSQL where Sekisho's peers were measured: CPU, ms."""


@dataclass(frozen=True)
class Compared:
    """One query: what a request takes on each server, and what the product's clients wait for."""

    query: Query
    rounds: Sequence[Mapping[str, Cost]]
    """By server, at BUSY connections."""
    waits: Mapping[int, Cost]
    """Of the product, by connections."""

    def best(self, kind: str) -> Cost:
        """What else the machine does only adds to the others."""
        return min((each[kind] for each in self.rounds), key=lambda cost: cost.cpu)

    def times(self, kind: str) -> float:
        """How many times the hand-written endpoint's cost."""
        return median(each[kind].cpu / each["bare"].cpu for each in self.rounds)

    @property
    def added(self) -> float:
        """What the ledger adds: ms."""
        without = "without a ledger"
        return median(each["with it"].cpu - each[without].cpu for each in self.rounds)

    @property
    def scale(self) -> float:
        """What a raw endpoint took on the peers' machine, beside the hand-written one here."""
        return RAW[self.query.kind] / median(each["bare"].cpu for each in self.rounds)


@dataclass(frozen=True)
class Comparison:
    """All four on one engine; the product's memory before and after many requests, in MiB."""

    engine: str
    members: int
    compared: Sequence[Compared]
    memory: tuple[float, float]

    @property
    def beside_peers(self) -> bool:
        """Whether it is on PostgreSQL, where the peers were measured."""
        return any(each.best("bare").database for each in self.compared)


def compare(shelf: Shelf, members: int, requests: int = ON_AND_ON) -> Comparison:
    """Measure everything on one engine."""
    with ExitStack() as stack:
        commands = (BARE, UNRECORDED, UNRECORDED, unfolded(shelf.ledger(members)), PRODUCT)
        servers = {}
        for kind, command in zip(KINDS, commands, strict=True):
            data = shelf.data(members)
            if kind == "logging":
                data = replace(data, environment={**data.environment, **LOGGING})
            servers[kind] = stack.enter_context(serving(command, data))
        product = servers["as it is"]
        told = headers(product.data, COMPANY, PURPOSE)
        places = walk(product, told, COMPANY, PAGES)
        asked = (places.page(), places.member(), queries.search(), queries.total())
        compared = [_compared(each, servers, told) for each in asked]
        memory = product.memory
        product.ask(_load(product, "as it is", asked[1], told, requests=requests))
        return Comparison(shelf.engine, members, compared, (memory, product.memory))


def _compared(query: Query, servers: Mapping[str, Server], told: dict[str, str]) -> Compared:
    loads = {kind: _load(server, kind, query, told) for kind, server in servers.items()}
    for kind, load in loads.items():
        servers[kind].ask(load)  # and what is made once is made
    rounds = [
        {kind: servers[kind].cost(load) for kind, load in loads.items()} for _ in range(ROUNDS)
    ]
    waits = {number: _waits(servers["as it is"], query, told, number) for number in CONNECTIONS}
    return Compared(query, rounds, waits)


def _waits(product: Server, query: Query, told: dict[str, str], connections: int) -> Cost:
    load = _load(product, "as it is", query, told)
    load.connections = connections
    return product.cost(load)


def _load(
    server: Server, kind: str, query: Query, told: dict[str, str], requests: int | None = None
) -> Load:
    bare = kind == "bare"
    return Load(
        port=server.port,
        path=query.path if bare else "/graphql",
        headers=told,
        bodies=query.plain_bodies() if bare else query.bodies(),
        requests=requests or FOREVER,
        connections=BUSY,
        seconds=3600 if requests else SECONDS,
    )


def lines(comparison: Comparison, all_compared: Sequence[Comparison]) -> Iterator[str]:
    """The comparison as a section of the report; one of them tells how fast the machine is."""
    scales = {
        each.query.kind: each.scale
        for other in all_compared
        if other.beside_peers
        for each in other.compared
    }
    yield f"### {comparison.engine}, {comparison.members:,} members"
    yield ""
    heads = [*KINDS, "× bare", "bar", "logging × bare", "bar", "the ledger adds", "bar"]
    heads += ["the ledger there", "bar"] if scales else []
    heads += ["beside the peers", "bar"] if comparison.beside_peers else []
    yield f"| CPU of a request, ms, {BUSY} connections | {' | '.join(heads)} |"
    yield "|---" * (len(heads) + 1) + "|"
    for each in comparison.compared:
        raw, ratio = RAW[each.query.kind], each.times("without a ledger")
        cells = [*(_told(each.best(kind)) for kind in KINDS), f"**{ratio:.2f}**", f"≤ {LIMIT}"]
        cells += [f"{each.times('logging'):.2f}", f"≤ {LOGGING_LIMIT}"]
        cells += [f"{each.added:.2f}", f"≤ {ADDED}"]
        if scales:
            cells += [f"{each.added * scales[each.query.kind]:.2f}", f"≤ {ADDED}"]
        if comparison.beside_peers:
            cells += [f"{ratio * raw:.2f}", f"≤ {raw * LIMIT:.2f}"]
        yield f"| {each.query.name} | {' | '.join(cells)} |"
    yield ""
    yield (
        "| as it is: ms until the answer, p50 / p99 | "
        + " | ".join(f"{number} connection{'s' if number > 1 else ''}" for number in CONNECTIONS)
        + " |"
    )
    yield "|---" * (len(CONNECTIONS) + 1) + "|"
    for each in comparison.compared:
        waits = (f"{cost.seen.p50:.2f} / {cost.seen.p99:.2f}" for cost in each.waits.values())
        yield f"| {each.query.name} | {' | '.join(waits)} |"
    before, after = comparison.memory
    yield ""
    yield (
        f"Memory of the product's process: {before:.0f} MiB after all this, {after:.0f} after "
        f"{ON_AND_ON:,} further reads of one member (bar: 150, and flat)."
    )
    yield ""


def _told(cost: Cost) -> str:
    """The whole, and how much of it is the database's own processes'."""
    return f"{cost.cpu:.2f}" + (f" ({cost.database:.2f})" if cost.database else "")
