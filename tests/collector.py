"""A collector of traces, as OpenTelemetry's exporter finds one: it keeps what it is sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """Where it listens, and what came."""

    address: str = ""
    received: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> Sequence[Span]:
        """Every span, in the order of ending."""
        exports = map(ExportTraceServiceRequest.FromString, self.received)
        return [
            span
            for export in exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> Sequence[Span]:
        return [span for span in self.spans if span.name == name]


def said_of(span: Span) -> dict[str, str]:
    """A span's attributes."""
    return {each.key: each.value.string_value for each in span.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port; it has everything once who sends has been closed."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            collector.received.append(self.rfile.read(length))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        collector.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
