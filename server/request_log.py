"""One line a request: what was asked for and how it went, by whom, never about whom."""

from logging import INFO
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("sekisho.request")

_METHODS = {"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}


class RequestLog:
    """Logs each HTTP request when its response has begun and ended, or failed."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths
        self._log = log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._log.is_enabled_for(INFO):
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception:
            status = 500
            raise
        finally:
            self._tell(scope, status, perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Log the line. Paths and methods of the caller's own making are not repeated."""
        state = scope.get("state", {})
        about = {name: state[name] for name in ("decision_id", "company", "role") if name in state}
        self._log.info(
            "request",
            method=scope["method"] if scope["method"] in _METHODS else "other",
            path=scope["path"] if scope["path"] in self._paths else "other",
            status=status,
            milliseconds=round(seconds * 1000, 3),
            **about,
        )
