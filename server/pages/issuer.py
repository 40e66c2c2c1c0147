"""Signing in at the issuer: OpenID Connect, authorization code with PKCE, by Authlib.

Its access token becomes the caller: a JWT for our audience, verified along the road of every bearer
token. Of the ID token no more is taken than that it is the answer to this very sign-in (state,
nonce), and of the same person.
"""

from typing import Any

import structlog
from joserfc.errors import JoseError
from starlette.responses import RedirectResponse, Response

from server.logs import fault
from server.pages.forms import Fields, Turned, act, page
from server.pages.look import headers_of, lead
from server.pages.sign_in import enter, refused
from server.pages.visit import Visit
from server.session import is_secure, new_session, with_flow
from server.settings import Settings

NAME = "issuer"
BACK = "/sign-in/back"
"""Where the issuer leads back to."""
_ALGORITHMS = ["EdDSA", "ES256", "RS256"]
_SECONDS = 10

log = structlog.get_logger("sekisho.sign_in")


def client_of(settings: Settings) -> Any:
    """Make the client of the issuer that the settings name; None where they name none."""
    if not settings.oidc_discovery_url:
        return None
    # Authlib takes 13 MiB, which servers without such pages do without.
    from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415

    secret = settings.oidc_client_secret
    return OAuth().register(
        NAME,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        server_metadata_url=settings.oidc_discovery_url,
        client_kwargs={
            "scope": settings.oidc_scope,
            "code_challenge_method": "S256",
            "timeout": _SECONDS,
            "trust_env": False,
        },
    )


@act()
async def go(visit: Visit, fields: Fields) -> Response:
    """Lead to the issuer, and remember in the session what its answer must say."""
    client = _client(visit)
    flow = visit.request.scope["session"] = {"next": fields.get("next", "")}
    try:
        answer = await client.authorize_redirect(visit.request, _address(visit, BACK))
    except _faults() as found:
        return _refuse(visit, found)
    visit.session = with_flow(visit.session, flow)
    return _led(visit, answer)


@page
async def back(visit: Visit) -> Response:
    """Take the issuer's answer: once, and only to what this visit asked."""
    client = _client(visit)
    flow = visit.request.scope["session"] = dict(visit.session.flow)
    visit.session = with_flow(visit.session, {})
    try:
        metadata = await client.load_server_metadata()
        # INVARIANT: whatever the issuer supports beside, an unsigned ID token is none.
        metadata["id_token_signing_alg_values_supported"] = _ALGORITHMS
        told = await client.authorize_access_token(visit.request)
        person, token = told["userinfo"]["sub"], told["access_token"]
    except _faults() as found:
        return _refuse(visit, found)
    return await enter(visit, token, str(flow.get("next", "")), of=person)


@act()
async def sign_out(visit: Visit, _fields: Fields) -> Response:
    """End the session here, and at the issuer if it was begun there."""
    at_issuer, client = visit.session.at_issuer, visit.request.app.state.issuer
    visit.session = new_session(visit.here)
    if not at_issuer or client is None:
        return lead(visit, "/")
    try:
        metadata = await client.load_server_metadata()
        if not metadata.get("end_session_endpoint"):
            return lead(visit, "/")
        made = await client.create_logout_url(
            _address(visit, "/"), client_id=visit.settings.oidc_client_id
        )
    except _faults() as found:
        log.warning("no_sign_out_at_issuer", **fault(found))
        return lead(visit, "/")
    return _led(visit, RedirectResponse(made["url"], 303))


def _client(visit: Visit) -> Any:
    client = visit.request.app.state.issuer
    if client is None:
        raise Turned("fault.nothing", 404)
    return client


def _faults() -> tuple[type[Exception], ...]:
    """What Authlib raises where the issuer cannot be reached, or answers what does not hold."""
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 (as Authlib)
    from httpx2 import HTTPError  # noqa: PLC0415

    return AuthlibBaseError, JoseError, HTTPError, RuntimeError, LookupError, ValueError


def _refuse(visit: Visit, found: Exception) -> Response:
    log.warning("sign_in_failed", **fault(found))
    return refused(visit, "")


def _led(visit: Visit, answer: Response) -> Response:
    answer.headers.update(headers_of(visit.settings))
    return visit.sealed_into(answer)


def _address(visit: Visit, path: str) -> str:
    """Give a path of ours as the issuer has to write it."""
    scheme = "https" if is_secure(visit.settings, visit.request) else "http"
    return f"{scheme}://{visit.request.url.netloc}{path}"
