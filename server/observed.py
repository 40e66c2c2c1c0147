"""What the operator hears of each operation, whichever transport it came by.

INVARIANT: figures, spans and logs hold numbers, codes and names of the catalogue. What was asked,
about whom, and what came of it stands in the ledger alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from models.database import Database
from models.disclosure import Disclosure
from models.ledger import WAITING, Ledger
from resolvers.context import Context
from resolvers.kept import KEPT, Kept
from resolvers.served import BY_EXECUTOR, UNDECIDED, Served
from server.admission import Admission
from server.meters import Meters
from server.refusals import Refused
from server.traces import Headers, Traces

_NOTHING: AbstractContextManager[None] = nullcontext()


@dataclass(slots=True, eq=False)
class Observed:
    """What one process has seen so far."""

    traces: Traces | None = None
    meters: Meters = field(default_factory=Meters)

    def operation(self, transport: str, headers: Headers) -> "Seen":
        """Watch an operation from its beginning until its answer is sent."""
        return Seen(self, transport, headers)

    def step(self, name: str) -> AbstractContextManager[object]:
        """A part of an operation: a span where there are traces, nothing elsewhere."""
        return _NOTHING if self.traces is None else self.traces.step(name)

    def refused(self, refusal: Refused) -> None:
        """Count what the caller is told in place of an answer."""
        for error in refusal.errors:
            self.meters.refused[error.code].inc()
            if self.traces is not None:
                self.traces.refused(error.code)

    def recorded(self, disclosures: Sequence[Disclosure], seconds: float) -> None:
        """Count what is on record, and how long it took to be."""
        self.meters.durable.observe(seconds)
        self.meters.decided(disclosures)

    def look(self, admission: Admission, database: Database, ledger: Ledger) -> None:
        """Bring up to date what only a look can tell."""
        pools = {"members": database.reader.lent, **_pools(database, ledger)}
        self.meters.level(
            {
                "sekisho_operations_under_way": {"": admission.under_way},
                "sekisho_sockets": {"": admission.sockets},
                "sekisho_ledger_waiting": {"": len(ledger.waiting)},
                "sekisho_ledger_waiting_limit": {"": WAITING},
                "sekisho_connections_busy": {name: busy for name, (busy, _) in pools.items()},
                "sekisho_connections_limit": {name: limit for name, (_, limit) in pools.items()},
                "sekisho_kept": _kept(len),
                "sekisho_kept_bytes": _kept(lambda each: each.taken),
            }
        )


class Seen:
    """One operation, while it is answered."""

    __slots__ = ("_began", "_observed", "_span", "_transport", "context")

    def __init__(self, observed: Observed, transport: str, headers: Headers) -> None:
        self._observed = observed
        self._transport = transport
        traces = observed.traces
        self._span = None if traces is None else traces.operation(transport, headers)
        self.context: Context | None = None
        """As soon as it is known who asks."""

    def __enter__(self) -> Self:
        if self._span is not None:
            self._span.__enter__()
        self._began = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        seconds, served = perf_counter() - self._began, self._served
        # How long a subscription stays open says nothing of how fast anything is.
        if served is not BY_EXECUTOR["subscription"]:
            self._observed.meters.seconds[self._transport, served].observe(seconds)
        if self._span is not None and self._observed.traces is not None:
            if self.context is not None:
                self._observed.traces.about(self.context)
            self._span.__exit__(kind, fault, trace)

    @property
    def _served(self) -> Served:
        return UNDECIDED if self.context is None else self.context.served


def _pools(database: Database, ledger: Ledger) -> Mapping[str, tuple[int, int]]:
    """Connections by what for: how many are in use, and may be."""
    engines: Mapping[str, set[Any]] = {
        "others": {database.readers.sync_engine.pool, database.writers.sync_engine.pool},
        "ledger": {ledger.database.writers.sync_engine.pool},
    }
    return {
        name: (sum(each.checkedout() for each in pools), sum(each.size() for each in pools))
        for name, pools in engines.items()
    }


def _kept(measure: Callable[[Kept[Any]], int]) -> Mapping[str, int]:
    """What is kept under each name."""
    found: Counter[str] = Counter()
    for each in KEPT:
        if each.name:
            found[each.name] += measure(each)
    return found
