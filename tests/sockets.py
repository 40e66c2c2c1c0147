"""WebSockets to the application, served by uvicorn as `sekisho serve` does it, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from server.graphql_endpoint import GraphQLEndpoint
from server.patience import Config, Patience
from server.serving import SOCKETS
from server.socket_line import SocketAllowance
from tests.door import Door

PROTOCOL = Subprotocol("graphql-transport-ws")
SECONDS = 60
"""How long a test waits for what has to come."""


@asynccontextmanager
async def served(
    door: Door, patience: Patience | None = None, **allowance: Any
) -> AsyncIterator[str]:
    """The door's application on a free port; gives host and port."""
    if allowance:
        door.app.state.graphql = GraphQLEndpoint(
            door.checkpoint, allowance=SocketAllowance(**allowance)
        )
    config = Config(
        door.app, patience or Patience(linger=0), lifespan="off", access_log=False, log_config=None,
        timeout_graceful_shutdown=5, **SOCKETS,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@dataclass
class Talk:
    """One socket, spoken by hand."""

    line: ClientConnection
    ids: Any

    async def say(self, **message: Any) -> None:
        await self.line.send(orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        """The next message, which must be text."""
        async with asyncio.timeout(SECONDS):
            text = await self.line.recv()
        assert isinstance(text, str)
        message: dict[str, Any] = orjson.loads(text)
        return message

    async def begin(self, query: str, **payload: Any) -> str:
        """Ask something; the id it is asked under."""
        id_ = str(next(self.ids))
        await self.say(id=id_, type="subscribe", payload={"query": query} | payload)
        return id_

    async def ask(self, query: str, **payload: Any) -> dict[str, Any]:
        """The payload of the one answer."""
        id_ = await self.begin(query, **payload)
        answer = await self.hear()
        assert (answer["id"], answer["type"]) == (id_, "next"), answer
        assert await self.hear() == {"id": id_, "type": "complete"}
        told: dict[str, Any] = answer["payload"]
        return told

    async def let_in(self, query: str) -> None:
        """Ask until there is room, as for a moment there may not be."""
        async with asyncio.timeout(SECONDS):
            while True:
                id_ = await self.begin(query)
                answer = await self.hear()
                if answer["type"] == "next":
                    assert await self.hear() == {"id": id_, "type": "complete"}
                    return
                assert self.error(answer, id_)["extensions"]["code"] == "LIMIT_EXCEEDED"
                await asyncio.sleep(0.01)

    async def refused(self, query: str, **payload: Any) -> dict[str, Any]:
        """The one error that the operation ends with."""
        id_ = await self.begin(query, **payload)
        return self.error(await self.hear(), id_)

    def error(self, message: Mapping[str, Any], id_: str) -> dict[str, Any]:
        assert (message["id"], message["type"]) == (id_, "error"), message
        (error,) = message["payload"]
        assert error["extensions"]["correlationId"].startswith("decision-")
        told: dict[str, Any] = error
        return told

    async def next(self) -> dict[str, Any]:
        """The payload of the next notice."""
        message = await self.hear()
        assert message["type"] == "next", message
        payload: dict[str, Any] = message["payload"]
        return payload

    async def closed(self) -> tuple[int, str]:
        """Code and reason with which the server closes."""
        async with asyncio.timeout(SECONDS):
            await self.line.wait_closed()
        return self.line.close_code or 0, self.line.close_reason or ""


@asynccontextmanager
async def dialled(address: str, origin: str | None = None, **given: Any) -> AsyncIterator[Talk]:
    """A socket of which nothing was said yet."""
    subprotocols = given.pop("subprotocols", [PROTOCOL])
    async with connect(
        f"{'wss' if 'ssl' in given else 'ws'}://{address}/graphql",
        subprotocols=subprotocols,
        origin=None if origin is None else Origin(origin),
        proxy=None,
        open_timeout=SECONDS,
        **given,
    ) as line:
        yield Talk(line, count(1))


@asynccontextmanager
async def talking(address: str, token: str, **opening: str) -> AsyncIterator[Talk]:
    """A socket whose token was acknowledged."""
    async with dialled(address) as talk:
        payload = {"authorization": f"Bearer {token}"} | opening
        await talk.say(type="connection_init", payload=payload)
        assert await talk.hear() == {"type": "connection_ack"}
        yield talk


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 (it has no event to wait for)
            await asyncio.sleep(0.01)
