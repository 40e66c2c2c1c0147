"""The log tells what happened and where, and no person's data."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from server import logs
from server.settings import LogLevel

SECRET = "yamada@example.com"  # noqa: S105 (a person's address, which no log may hold)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The stream that all logs go to while the test runs."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure(LogLevel.INFO, out)
    yield out
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_a_line_of_json(stream: io.StringIO) -> None:
    structlog.get_logger().info("request", status=200, company="card")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "request", "level": "info", "status": 200, "company": "card"}


def test_what_is_below_the_level_is_left_out(stream: io.StringIO) -> None:
    structlog.get_logger().debug("request")
    logging.getLogger("some.library").debug("talk")
    assert lines(stream) == []


def fails() -> None:
    try:
        {SECRET: 1}[SECRET + SECRET]
    except KeyError as missing:
        raise ValueError(SECRET) from missing


def test_a_fault_is_told_by_type_and_place_without_its_message(stream: io.StringIO) -> None:
    try:
        fails()
    except ValueError as error:
        structlog.get_logger().error("fault", **logs.fault(error))
    (line,) = lines(stream)
    assert line["fault"] == "builtins.ValueError"
    assert line["from"] == ["builtins.KeyError"]
    assert line["frames"][-1].startswith("tests/server/test_logs.py:")
    assert line["frames"][-1].endswith(" fails")
    assert SECRET not in stream.getvalue()


def test_a_library_s_message_is_not_repeated(stream: io.StringIO) -> None:
    try:
        fails()
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed: %s", SECRET)
    logging.getLogger("sqlalchemy.engine").warning(f"parameters {SECRET}")  # noqa: G004 (as some do)
    first, second = lines(stream)
    assert (first["logger"], first["fault"]) == ("asyncio", "builtins.ValueError")
    assert second["logger"] == "sqlalchemy.engine"
    assert SECRET not in stream.getvalue()


def test_the_server_s_own_words_are_without_what_fills_them(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info('"WebSocket %s" 403', f"/graphql?id={SECRET}")
    assert lines(stream)[0]["message"] == '"WebSocket %s" 403'
    assert SECRET not in stream.getvalue()


def test_a_value_that_json_does_not_know_is_told_by_its_type(stream: io.StringIO) -> None:
    structlog.get_logger().info("request", odd=ValueError(SECRET))
    assert lines(stream)[0]["odd"] == "ValueError"
