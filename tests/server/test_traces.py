"""Traces tell what took how long, below whose trace, and nothing of what was asked."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.ledger import WAITING
from policy.errors import StartUpError
from server import traces
from tests.clock import Clock
from tests.collector import Collector, collecting, said_of
from tests.door import opened
from tests.sockets import served, talking

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
ACCOUNT = 'query Who { memberByAccount(accountId: "card-m1") { fullName orders { totalCount } } }'
ABOVE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Where the environment sends traces to."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
        yield collector


async def test_an_operation_is_a_span_with_its_plan_statements_and_record(
    world_url: str, clock: Clock, tmp_path: Path, collector: Collector
) -> None:
    async with opened(world_url, clock, tmp_path) as door:
        await door.ask(ACCOUNT, purpose=PURPOSE)
    (operation,) = collector.named("operation")
    below = [span for span in collector.spans if span.parent_span_id == operation.span_id]
    assert {span.name for span in below} == {"plan", "sql", "ledger"}
    assert all(span.trace_id == operation.trace_id for span in below)
    (statement,) = [span for span in below if span.name == "sql"]
    engine = door.checkpoint.database.dialect
    assert said_of(statement) == {"db.system.name": engine, "db.operation.name": "SELECT"}
    assert said_of(operation) == {
        "sekisho.transport": "http",
        "sekisho.decision_id": "decision-1",
        "sekisho.company": "card",
        "sekisho.role": "service",
        "sekisho.purpose": PURPOSE,
        "sekisho.kind": "query",
        "sekisho.road": "plan",
    }


async def test_a_trace_goes_on_below_the_caller_s(
    world_url: str, clock: Clock, tmp_path: Path, collector: Collector
) -> None:
    named = {"traceparent": ABOVE, "tracestate": "vendor=mihon"}
    async with opened(world_url, clock, tmp_path) as door:
        await door.ask(ACCOUNT, purpose=PURPOSE, headers=named)
        await door.ask(ACCOUNT, purpose=PURPOSE, headers={"traceparent": "mihon"})
    below, alone = collector.named("operation")
    assert f"00-{below.trace_id.hex()}-{below.parent_span_id.hex()}-01" == ABOVE
    assert not alone.parent_span_id
    assert below.trace_state == ""
    assert b"mihon" not in b"".join(collector.received)


async def test_a_refusal_is_told_by_its_code_and_a_fault_without_its_message(
    world_url: str, clock: Clock, tmp_path: Path, collector: Collector
) -> None:
    async with opened(world_url, clock, tmp_path) as door:
        await door.send(ACCOUNT)
        await door.send("{ nonsense", purpose=PURPOSE)
        waiting: list[Any] = door.checkpoint.ledger.waiting
        waiting.extend([None] * WAITING)
        await door.send(ACCOUNT, purpose=PURPOSE)
        waiting.clear()
    codes = [said_of(span).get("sekisho.code") for span in collector.named("operation")]
    assert codes == ["PURPOSE_REQUIRED", "GRAPHQL_PARSE_FAILED", "LEDGER_UNAVAILABLE"]
    assert [span.status.code for span in collector.named("operation")] == [0, 0, 2]
    assert [event for span in collector.spans for event in span.events] == []


async def test_an_operation_of_a_socket_is_a_span_too(
    world_url: str, clock: Clock, tmp_path: Path, collector: Collector
) -> None:
    async with (
        opened(world_url, clock, tmp_path) as door,
        served(door) as address,
        talking(address, door.issuer.token(), purpose=PURPOSE) as talk,
    ):
        await talk.ask(ACCOUNT)
    (operation,) = collector.named("operation")
    assert said_of(operation)["sekisho.transport"] == "websocket"
    assert said_of(operation)["sekisho.road"] == "executor"


def test_where_they_are_off_opentelemetry_is_not_even_imported() -> None:
    program = "import sys, server.app; sys.exit('opentelemetry' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 (our own)


async def test_traces_that_cannot_be_made_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(StartUpError, match="not installed"):
        async with traces.traced():
            pass


async def test_traces_can_be_switched_off_as_everywhere(
    monkeypatch: pytest.MonkeyPatch, collector: Collector
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    async with traces.traced() as found:
        assert found is None
