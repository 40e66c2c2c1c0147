"""Traces, by OpenTelemetry: on where `OTEL_EXPORTER_OTLP_ENDPOINT` says where they go.

All else is OpenTelemetry's own environment (`OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME`, …), and
where it is off nothing of it is even imported. INVARIANT: a span holds names of ours and of the
catalogue, no text of a query or a statement, no operand, and no message of an exception.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from policy.errors import ErrorCode, StartUpError
from resolvers.context import Context
from server.refusals import STATUSES

if TYPE_CHECKING:
    from opentelemetry.trace import Span

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI has them."""

TARGETS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FAULT = 500


class Traces:
    """Where spans are made, and sent from."""

    def __init__(self) -> None:
        """Raise ImportError where OpenTelemetry is not installed."""
        from opentelemetry import trace  # noqa: PLC0415 (not even looked for where it is off)
        from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415
        from opentelemetry.sdk import resources  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider, export  # noqa: PLC0415
        from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415

        named = resources.Resource({resources.SERVICE_NAME: "sekisho"})
        own = named.merge(resources.OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=own, shutdown_on_exit=False)
        self._provider.add_span_processor(
            export.BatchSpanProcessor(trace_exporter.OTLPSpanExporter())
        )
        self._tracer = self._provider.get_tracer("sekisho")
        self._trace = trace
        self._above = tracecontext.TraceContextTextMapPropagator().extract

    def operation(self, transport: str, headers: Headers) -> AbstractContextManager["Span"]:
        """The span of an operation, below the one that its caller names (W3C `traceparent`)."""
        # Not `tracestate`, which is whatever the caller likes.
        named = [value.decode("latin-1") for name, value in headers if name == b"traceparent"]
        above = self._above({"traceparent": named[0]} if len(named) == 1 else {})
        kind = self._trace.SpanKind.SERVER
        return self._current("operation", {"transport": transport}, context=above, kind=kind)

    def step(self, name: str) -> AbstractContextManager["Span"]:
        """A part of what is going on."""
        return self._current(name, {})

    def statement(self, engine: str, does: str) -> "Span":
        """One statement, which whoever began it ends."""
        about = {"db.system.name": engine, "db.operation.name": does}
        return self._tracer.start_span("sql", attributes=about)

    def about(self, context: Context) -> None:
        """Say whose operation it is that is going on, and how it is answered."""
        requester = context.requester
        told = {
            "decision_id": context.decision_id,
            "company": requester.company,
            "role": requester.role,
            "purpose": context.purpose,
            "kind": context.served.kind,
            "road": context.served.road,
        }
        self._trace.get_current_span().set_attributes(_ours(told))

    def refused(self, code: ErrorCode) -> None:
        """Say what the caller is told in place of an answer."""
        span = self._trace.get_current_span()
        span.set_attributes(_ours({"code": code}))
        if STATUSES.get(code, 0) >= _FAULT:
            span.set_status(self._trace.StatusCode.ERROR)

    def close(self) -> None:
        """Send what waits, for as long as OpenTelemetry's settings say."""
        self._provider.shutdown()

    def _current(
        self, name: str, about: Mapping[str, str], **given: Any
    ) -> AbstractContextManager["Span"]:
        return self._tracer.start_as_current_span(
            name,
            attributes=_ours(about),
            record_exception=False,
            set_status_on_exception=False,
            **given,
        )


@asynccontextmanager
async def traced() -> AsyncIterator[Traces | None]:
    """The traces that the environment asks for; None if it does not. Raises StartUpError."""
    wanted = any(os.environ.get(name) for name in TARGETS)  # noqa: TID251 (OpenTelemetry's own)
    if not wanted or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":  # noqa: TID251
        yield None
        return
    try:
        traces = Traces()
    except ImportError:
        raise StartUpError(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and OpenTelemetry is not installed: "
            "`pip install -e '.[traces]' -c constraints.txt`, or unset it."
        ) from None
    try:
        yield traces
    finally:
        await asyncio.to_thread(traces.close)


def _ours(told: Mapping[str, str | None]) -> Mapping[str, str]:
    return {f"sekisho.{name}": value for name, value in told.items() if value is not None}
