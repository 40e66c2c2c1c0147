"""`GET /metrics`: the figures of all processes, for the operator alone."""

from hmac import compare_digest
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from policy.errors import ErrorCode, PrivacyError
from server.checkpoint import Checkpoint
from server.graphql_endpoint import told
from server.refusals import refused_by
from server.settings import Settings

_NO_STORE = {"cache-control": "no-store"}


async def metrics(request: Request) -> Response:
    """Tell the figures. Raises HTTPException where this is no path at all for who asks."""
    settings: Settings = request.app.state.settings
    if settings.metrics_token is None:
        if not (settings.in_development and _here(request)):
            raise HTTPException(404)
    elif not _knows(request, settings.metrics_token.get_secret_value()):
        refusal = PrivacyError(ErrorCode.UNAUTHENTICATED, "Send SEKISHO_METRICS_TOKEN as Bearer.")
        return told(refused_by(refusal), request.app.state.ids())
    here: Checkpoint = request.app.state.checkpoint
    here.observed.look(here.admission, here.database, here.ledger)
    page = here.observed.meters.page()
    return Response(page, media_type=CONTENT_TYPE_PLAIN_0_0_4, headers=_NO_STORE)


def _here(request: Request) -> bool:
    """Whether who asks is on this machine."""
    return request.client is not None and ip_address(request.client.host).is_loopback


def _knows(request: Request, token: str) -> bool:
    sent = request.headers.get("authorization", "")
    return compare_digest(sent.encode(), f"Bearer {token}".encode())
