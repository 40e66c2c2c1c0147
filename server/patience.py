"""Connections as uvicorn serves them, and what becomes of clients that keep one waiting.

A request has to arrive whole within a time. What a client does not take of its answers is thrown
away with its connection, in place of being kept for it.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from policy.errors import ErrorCode
from server.admission import BUSY, Refusal
from server.clock import new_id
from server.refusals import BadRequest, refused_by

LEAVE = "sekisho.leave"
"""In the scope of a WebSocket: what is called when the server is asked to stop."""
GOING_AWAY = 1001
"""WebSocket's own code of a server that stops."""
AT_ONCE = struct.pack("ii", 1, 0)
"""As what the kernel is told not to linger."""
TAKEN = 16 * 1024
"""Bytes that a client takes at least in the time it is given; who takes fewer does not read."""

_TOO_SLOW = "The request did not arrive whole in time: send it again, at once."
_NO_HTTP = "This is not HTTP: send a request as RFC 9112 has it."
_FULL = "The server has more connections than it can serve: try again."


class Patience(NamedTuple):
    """How long clients are waited for, in seconds, and how many there may be."""

    arrival: float = 10
    unread: float = 10
    connections: int = 800
    linger: float = 1
    """How long idle connections outlive the order to stop: a request may be on its way."""


class Config(uvicorn.Config):
    """How an application is served, and with how much patience."""

    def __init__(self, app: Any, patience: Patience | None = None, **given: Any) -> None:
        super().__init__(app, http=HttpConnection, ws=SocketConnection, **given)
        self.patience = patience or Patience()


class Outflow:
    """Gives up a connection whose client does not take what is sent."""

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def stuck(self) -> None:
        """More lies here than should."""
        self._left = self._transport.get_write_buffer_size()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds, self._look)

    def flows(self) -> None:
        """It was taken, or thrown away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        """Close the connection; nobody waits for what is not taken by now."""
        if self._transport.get_write_buffer_size():
            self.throw_away()
        else:
            self._transport.close()

    def throw_away(self) -> None:
        """Close the connection at once, and let the kernel keep nothing for its client either."""
        line: socket.socket = self._transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self._transport.abort()

    def _look(self) -> None:
        if self._left - self._transport.get_write_buffer_size() < TAKEN:
            self.throw_away()
        else:
            self.stuck()


class Connection(asyncio.Protocol):
    """One connection, whose client takes what is sent, whatever is spoken on it."""

    config: Config
    outflow: Outflow

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.outflow = Outflow(transport, self.config.patience.unread)

    def connection_lost(self, exc: Exception | None) -> None:
        self.outflow.flows()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.outflow.stuck()

    def resume_writing(self) -> None:
        self.outflow.flows()
        super().resume_writing()


class HttpConnection(Connection, HttpToolsProtocol):
    """One connection over HTTP."""

    config: Config
    late: asyncio.TimerHandle | None = None
    """Runs while a request is awaited, or has come in part."""
    begun = False
    upgraded = False
    leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        patience = self.config.patience
        if len(self.connections) > patience.connections:
            self._refuse(Refusal(_FULL, BUSY))
        else:
            self.late = self.loop.call_later(patience.arrival, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on. Where that leaves nothing to answer, the next has to come whole in time."""
        super().data_received(data)
        cycle = self.cycle
        answering = cycle is not None and not cycle.more_body and not cycle.response_complete
        if self.late is None and not answering and not self.upgraded:
            self.late = self.loop.call_later(self.config.patience.arrival, self._give_up)

    def on_message_begin(self) -> None:
        self.begun = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self.begun = False
        self._in_time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the connection, unless what was refused is still to come on it."""
        super().on_response_complete()
        if not self.late or self.transport.is_closing():
            return
        # Nothing of it is read. The answer arrives before the end does.
        self.flow.pause_reading()
        self._in_time()
        self._unset_keepalive_if_required()
        self.loop.call_later(self.config.patience.linger, self.outflow.end)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Answer what comes in a moment yet, and say that it is the last."""
        self.leaving = True
        self.loop.call_later(self.config.patience.linger, super().shutdown)
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over."""
        self.upgraded = True
        self._in_time()
        super().handle_websocket_upgrade()

    def timeout_keep_alive_handler(self) -> None:
        self.outflow.end()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read as HTTP."""
        self._refuse(BadRequest(_NO_HTTP))

    def _in_time(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def _give_up(self) -> None:
        self.late = None
        answered = self.cycle is not None and self.cycle.response_started
        if self.begun and not answered:
            request = HTTPStatus.REQUEST_TIMEOUT
            self._refuse(BadRequest(_TOO_SLOW, request, ErrorCode.LIMIT_EXCEEDED))
        else:
            self.outflow.end()

    def _refuse(self, refusal: BadRequest) -> None:
        """Answer what no application is asked, and hang up."""
        self.transport.write(told(refusal))
        self.transport.close()


class SocketConnection(Connection, WebSocketsSansIOProtocol):
    """One WebSocket."""

    config: Config

    def keepalive_timeout(self) -> None:
        """Nobody answers, so nobody reads."""
        super().keepalive_timeout()
        self.outflow.end()

    async def send(self, message: Any) -> None:
        """Send; who does not answer a goodbye in time does not read it either."""
        await super().send(message)
        if message["type"] == "websocket.close" and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.outflow.end)

    async def run_asgi(self) -> None:
        """Serve it to its end; then nobody waits for a client that does not read."""
        await super().run_asgi()
        if not self.writable.is_set():
            self.outflow.throw_away()

    def shutdown(self) -> None:
        """Let what is at work be finished, where it can be."""
        leave: Callable[[], None] | None = None
        if self.handshake_complete and not self.close_sent:
            leave = self.scope.get(LEAVE)  # type: ignore[assignment]  # our own word in it
        if leave is None:
            super().shutdown()
        else:
            self.stop_keepalive()
            leave()


def told(refusal: BadRequest) -> bytes:
    """The whole response of HTTP to a refused request."""
    body = orjson.dumps(refused_by(refusal).body(new_id()))
    head = [
        f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "connection: close",
    ]
    if refusal.retry_after is not None:
        head.append(f"retry-after: {refusal.retry_after}")
    return "\r\n".join([*head, "", ""]).encode() + body
