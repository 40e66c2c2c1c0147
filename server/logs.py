"""Logs: one JSON line an event, and never a personal value in it.

INVARIANT: no line holds a query, a variable, a header's value or an exception's message, for any
of these may hold a member's data. A fault is logged as its type and where it happened.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

import orjson
import structlog

from server.settings import CHECKOUT, LogLevel

_MAX_FRAMES = 30
_TRUSTED = "uvicorn.error"
"""Its messages are its own fixed words, told without what they are filled with."""


def configure(level: LogLevel, stream: TextIO | None = None) -> None:
    """Send our events and the libraries' to one stream, stderr if none is given."""
    out = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Libraries()]
    root.setLevel(max(threshold, logging.INFO))
    logging.getLogger("alembic").setLevel(logging.WARNING)  # who migrates is told of each revision


def fault(error: BaseException) -> Mapping[str, object]:
    """What may be told of an unexpected error: its type, where it arose, and what it came from."""
    told: dict[str, object] = {"fault": _type(error), "frames": list(_frames(error.__traceback__))}
    origin = error.__cause__ or error.__context__
    if origin is not None:
        told["from"] = [_type(link) for link in _chain(origin)]
    return told


class _Libraries(logging.Handler):
    """Turns what libraries log into our events, without what they say."""

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, object] = {"logger": record.name}
        if record.name == _TRUSTED:
            told["message"] = str(record.msg).partition("\n")[0]
        if record.exc_info and record.exc_info[1]:
            told |= fault(record.exc_info[1])
        structlog.get_logger().log(record.levelno, "library", **told)


def _type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_MAX_FRAMES):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Give file, line and function of each frame, the innermost last."""
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{_place(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    yield from frames[-_MAX_FRAMES:]


def _place(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(CHECKOUT) and "site-packages" not in path.parts:
        return str(path.relative_to(CHECKOUT))
    return "/".join(path.parts[-2:])


def _json(event: Mapping[str, object], **_: object) -> str:
    return orjson.dumps(event, default=_type_name).decode()


def _type_name(value: object) -> str:
    return type(value).__name__
