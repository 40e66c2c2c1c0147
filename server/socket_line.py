"""The messages of one WebSocket, and what it may take of the server."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected

TOO_LARGE = 1009
"""WebSocket's own code for a message that is too large."""


class MessageTooLarge(Exception):
    """A message is longer than a request may be."""


@dataclass(frozen=True, slots=True)
class SocketAllowance:
    """What one socket may take of the server."""

    opening: timedelta = timedelta(seconds=10)
    """Between the connection and its `connection_init`."""
    operations: int = 20
    """Under way at once."""
    sending: timedelta = timedelta(seconds=10)
    """For the client to make room for a message."""
    glance: timedelta = timedelta(seconds=1)
    """How often the clock is looked at, so that an expired token is noticed."""


class Line(ASGIWebSocketAdapter):
    """Closed once, and given up where nobody takes what is sent."""

    given_up = False
    closed_with: int | None = None

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message. Raises WebSocketDisconnected where that cannot be done in time."""
        if self.ws.application_state is WebSocketState.DISCONNECTED or self.given_up:
            raise WebSocketDisconnected
        allowance: SocketAllowance = self.view.allowance  # type: ignore[attr-defined]  # the endpoint's
        try:
            async with asyncio.timeout(allowance.sending.total_seconds()):
                await super().send_json(message)
        except TimeoutError:
            self.given_up = True
            raise WebSocketDisconnected from None

    async def close(self, code: int, reason: str) -> None:
        """Close, unless that was done already or nobody would take it."""
        if self.ws.application_state is WebSocketState.DISCONNECTED or self.given_up:
            return
        self.closed_with = code
        with suppress(RuntimeError, OSError, WebSocketDisconnect):  # the other side was faster
            await super().close(code, reason)
