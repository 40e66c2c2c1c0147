"""Connections to a server of several processes: one that knows its worker, one that listens."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from ssl import create_default_context
from time import monotonic
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection

from tests.sockets import talking
from tests.workers import STARTS_WITHIN, WORKERS, Host

PATIENCE = 60
"""Seconds until a server that does not answer has failed."""
AT_ONCE = 8
TRIES = 200
IDLE = 3
"""Seconds until we hang up, long before the server does: what it closes while we ask is lost."""

LISTEN = """subscription {
  consentEvents { kind at item { key } company { key } consent { state } }
}"""

_TLS = create_default_context()
"""Not used; made once, since each client would read all certificates for its own."""


@dataclass
class Line:
    """One connection kept open, and the worker at its other end."""

    host: Host
    home: int | None
    """The worker that is wanted; None for any."""
    client: httpx.AsyncClient
    port: int = 0
    """Our own end."""
    worker: int | None = None

    async def post(
        self, query: str, variables: Mapping[str, Any], token: str, purpose: str | None = None
    ) -> dict[str, Any]:
        """The data of an answer, which must be whole."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if purpose is not None:
            headers["Sekisho-Purpose"] = purpose
        body = orjson.dumps({"query": query, "variables": variables})
        response = await self._send("POST", "/graphql", content=body, headers=headers)
        answer = orjson.loads(response.content)
        assert response.status_code == httpx.codes.OK, (response.status_code, answer)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def settle(self) -> None:
        """Be connected to the worker that is wanted: a line that idles may be closed, and lost."""
        for _ in range(TRIES):
            await self._send("GET", "/healthz")
            if self.home is None or self.worker == self.home:
                return
            await self.client.aclose()
            self.client = _client(self.host)
        raise AssertionError(f"Worker {self.home} takes nobody in: {self.worker} does.")

    async def _send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Give the whole response; what an idle line loses is sent again, on another one.

        Where this machine stands still, the server can hang up just when we ask: nobody read it.
        """
        try:
            return await self._sent(method, path, **sent)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if not self.port:  # it was the line's first
                raise
            return await self._sent(method, path, **sent)

    async def _sent(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Give the whole response. Who gives it is taken down first: it may be the line's last."""
        async with self.client.stream(method, path, **sent) as response:
            self._note(response)
            await response.aread()
        return response

    def _note(self, response: httpx.Response) -> None:
        _, port = response.extensions["network_stream"].get_extra_info("client_addr")
        if port != self.port:
            self.port, self.worker = port, self.host.worker(port)


def _client(host: Host) -> httpx.AsyncClient:
    one = httpx.Limits(max_connections=1, keepalive_expiry=IDLE)
    address = f"http://{host.address}"
    return httpx.AsyncClient(
        base_url=address, limits=one, timeout=PATIENCE, verify=_TLS, trust_env=False
    )


@asynccontextmanager
async def connected(host: Host, home: int | None) -> AsyncIterator[Line]:
    """A line to this worker."""
    line = Line(host, home, _client(host))
    try:
        await line.settle()
        yield line
    finally:
        await line.client.aclose()


async def workers(host: Host) -> Sequence[int | None]:
    """Whoever answers, once all of them do; as many unknown ones where nobody tells."""
    found = set[int | None]()
    async with asyncio.timeout(STARTS_WITHIN):
        while None not in found and len(found) < WORKERS:
            calls = [connected(host, None) for _ in range(AT_ONCE)]
            found |= set(await asyncio.gather(*map(_answering, calls)))
    return [None] * WORKERS if None in found else sorted(each for each in found if each)


async def _answering(call: AbstractAsyncContextManager[Line]) -> int | None:
    async with call as line:
        return line.worker


@dataclass(frozen=True)
class Moment:
    """A time, and how long until then others had kept the worker and us from a processor."""

    at: float
    waited: float

    def until(self, later: "Moment") -> tuple[float, float]:
        """Seconds by the clock; and of these, what others are not to blame for."""
        passed, waited = later.at - self.at, later.waited - self.waited
        return passed, passed - max(waited, 0.0)


@dataclass
class Ear:
    """A member's own stream, heard by a task of its own, each notice with the time it came."""

    host: Host
    worker: int | None
    heard: asyncio.Queue[tuple[Moment, dict[str, Any]]] = field(default_factory=asyncio.Queue)

    def now(self) -> Moment:
        return Moment(monotonic(), self.host.waited(self.worker))

    async def wait(self, since: datetime, told: Mapping[str, Any]) -> Moment:
        """When the next notice came that tells this, of what happened since then."""
        async with asyncio.timeout(PATIENCE):
            while True:
                came, notice = await self.heard.get()
                if notice["at"] >= since and told.items() <= notice.items():
                    return came

    async def listen(self, line: ClientConnection) -> None:
        while True:
            text = await line.recv()
            came, message = self.now(), orjson.loads(text)
            assert message["type"] == "next", message
            event = message["payload"]["data"]["consentEvents"]
            named = {part: (event[part] or {}).get("key") for part in ("item", "company")}
            state = (event["consent"] or {}).get("state")
            at = datetime.fromisoformat(event["at"])
            told = {"kind": event["kind"], "at": at, "state": state}
            self.heard.put_nowait((came, told | named))


@asynccontextmanager
async def listening(host: Host, token: str, home: int | None) -> AsyncIterator[Ear]:
    """The stream of the member whose token this is, from this worker."""
    for _ in range(TRIES):
        async with talking(host.address, token) as talk:
            worker = host.worker(talk.line.local_address[1])
            if worker != home:
                continue
            await talk.begin(LISTEN)
            await talk.say(type="ping")
            assert await talk.hear() == {"type": "pong"}
            ear = Ear(host, worker)
            task = asyncio.create_task(ear.listen(talk.line))
            try:
                yield ear
                assert not task.done(), task.result()
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            return
    raise AssertionError(f"Worker {home} takes no stream in.")
