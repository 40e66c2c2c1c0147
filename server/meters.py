"""What the operator is told in figures, in Prometheus's words.

INVARIANT: every label and each of its values is written down here: none comes from a request, a
token, the catalogue or a stored value. So the page is of one size whoever asks for what.
"""

import os
from collections.abc import Iterable, Mapping
from secrets import randbelow

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from models.disclosure import Disclosure
from policy.errors import ErrorCode
from resolvers.served import BY_EXECUTOR, BY_PLAN, UNDECIDED, Served

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several processes add up; prometheus-client reads it when imported."""

HTTP, WEBSOCKET = "http", "websocket"
OTHER = "OTHER"
REASONS = ("NOT_OPEN", "NOT_PERMITTED", OTHER)
STEP = 100
"""Cells are told in steps of so many."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()


class Cells:
    """Counts cells in steps, each due at a number drawn anew: what one answer adds is not told.

    Whether a member has consented shows in what an answer discloses, and must not show here.
    """

    def __init__(self, told: Counter) -> None:
        self._told = told
        self._due = STEP + randbelow(STEP)
        self.count = randbelow(STEP)

    def tell(self) -> None:
        """Make the steps that are due."""
        while self.count >= self._due:
            self._told.inc(STEP)
            self.count -= STEP
            self._due = STEP + randbelow(STEP)


class Meters:
    """The figures of one process; where several serve together, the page is of all of them."""

    def __init__(self) -> None:
        own = self._own = CollectorRegistry()
        self.shared = os.environ.get(SHARED)  # noqa: TID251 (prometheus-client's own setting)
        if self.shared is None:
            ProcessCollector(registry=own)
        self.seconds = _seconds(own)
        durable = "From the end of an answer until its entry in the ledger is durable."
        self.durable = Histogram("sekisho_ledger_seconds", durable, buckets=_SECONDS, registry=own)
        refused = Counter(
            "sekisho_refusals", "Errors by their code, of refused requests.", ["code"], registry=own
        )
        self.refused = {code: refused.labels(code) for code in ErrorCode}
        told = f"Personal cells by what became of them, in steps of {STEP}."
        cells = Counter("sekisho_cells", told, ["outcome"], registry=own)
        self.disclosed = Cells(cells.labels("disclosed"))
        self.withheld = {reason: Cells(cells.labels(reason)) for reason in REASONS}
        self._levels = _levels(own)

    def decided(self, disclosures: Iterable[Disclosure]) -> None:
        """Count the cells of an answer that is on record."""
        disclosed, withheld = self.disclosed, self.withheld
        for each in disclosures:
            disclosed.count += sum(each.disclosed.values())
            for (_, reason), cells in each.withheld.items():
                withheld[reason if reason in withheld else OTHER].count += cells

    def level(self, levels: Mapping[str, Mapping[str, float]]) -> None:
        """Set what goes up and down: gauge → what of → how many. Makes the steps that are due."""
        for gauge, values in levels.items():
            for label, value in values.items():
                found = self._levels[gauge]
                (found.labels(label) if label else found).set(value)
        for cells in (self.disclosed, *self.withheld.values()):
            cells.tell()

    def page(self) -> bytes:
        """All figures, as Prometheus reads them."""
        if self.shared is None:
            return generate_latest(self._own)
        together = CollectorRegistry()
        MultiProcessCollector(together, self.shared)
        return generate_latest(together)


def _seconds(registry: CollectorRegistry) -> Mapping[tuple[str, Served], Histogram]:
    """Durations by transport and by how an operation is served."""
    text = "From an operation's beginning until its answer is sent; subscriptions are not timed."
    labels = ["transport", "kind", "road"]
    found = Histogram(
        "sekisho_operation_seconds", text, labels, buckets=_SECONDS, registry=registry
    )
    every = (UNDECIDED, BY_PLAN, BY_EXECUTOR["query"], BY_EXECUTOR["mutation"])
    return {
        (transport, served): found.labels(transport, served.kind, served.road)
        for transport in (HTTP, WEBSOCKET)
        for served in every
    }


_LEVELS = {
    "sekisho_operations_under_way": ("Operations at work.", ()),
    "sekisho_sockets": ("Open WebSockets of whose token was acknowledged.", ()),
    "sekisho_ledger_waiting": ("Entries that wait to be made durable.", ()),
    "sekisho_ledger_waiting_limit": ("How many may; one more is refused.", ()),
    "sekisho_connections_busy": ("Connections in use, by what for.", ("pool",)),
    "sekisho_connections_limit": ("Connections that there may be, by what for.", ("pool",)),
    "sekisho_kept": ("Things that were made once to be used again.", ("what",)),
    "sekisho_kept_bytes": ("What they weigh, about.", ("what",)),
}


def _levels(registry: CollectorRegistry) -> Mapping[str, Gauge]:
    return {
        name: Gauge(name, text, labels, registry=registry, multiprocess_mode="livesum")
        for name, (text, labels) in _LEVELS.items()
    }
