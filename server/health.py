"""Whether the server lives, and whether it could answer: database, catalogue, ledger."""

import asyncio
from collections.abc import Awaitable

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from models.revision import MEMBERS
from server.checkpoint import Checkpoint
from server.logs import fault

WITHIN = 3.0
"""Seconds for each check: what takes longer would not answer a caller either."""

log = structlog.get_logger("sekisho.health")


async def alive(_request: Request) -> Response:
    """Answer at all."""
    return _told({"alive": True}, 200)


async def ready(request: Request) -> Response:
    """Say what stands in the way, by name; 503 if anything does."""
    checkpoint: Checkpoint = request.app.state.checkpoint
    checks = {
        "database": _reach(checkpoint),
        "catalogue": _same_catalogue(checkpoint),
        "ledger": checkpoint.ledger.ready(),
    }
    held = await asyncio.gather(*map(_holds, checks.values()))
    found = dict(zip(checks, held, strict=True))
    return _told(found, 200 if all(found.values()) else 503)


async def _reach(checkpoint: Checkpoint) -> None:
    await MEMBERS.check(checkpoint.database)


async def _same_catalogue(checkpoint: Checkpoint) -> None:
    async with checkpoint.database.read() as connection:
        await checkpoint.versions.look(connection)


async def _holds(check: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(WITHIN):
            await check
    except Exception as error:  # noqa: BLE001 (whatever it is, the server is not ready)
        log.warning("not_ready", **fault(error))
        return False
    return True


def _told(found: dict[str, bool], status: int) -> Response:
    return Response(orjson.dumps(found), status, media_type="application/json")
