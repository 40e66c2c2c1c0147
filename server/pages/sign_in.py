"""Signing in and out: with a token where Sekisho is tried out, at the issuer otherwise."""

from starlette.responses import Response

from server.demo_callers import DEMO, demo_token
from server.identity import Unauthenticated
from server.pages.forms import Fields, Turned, act, page
from server.pages.look import lead, own_path, show
from server.pages.visit import Visit
from server.session import TooLarge, new_session, signed_in

HOMES = {"member": "/privacy/", "officer": "/matrix/"}
"""Where each role is led that came from nowhere in particular."""


@page
async def sign_in(visit: Visit) -> Response:
    """Offer the ways to sign in that there are here."""
    asked = visit.request.query_params
    return show(
        visit,
        "sign_in.html",
        after=own_path(asked.get("next")) or "",
        over="over" in asked,
        refused=None,
        demo=DEMO,
    )


@act()
async def with_token(visit: Visit, fields: Fields) -> Response:
    """Take a token that was pasted, in development mode."""
    _only_in_development(visit)
    return await enter(visit, fields.get("token", "").strip(), fields.get("next"))


@act()
async def as_demo(visit: Visit, fields: Fields) -> Response:
    """Sign in as somebody of the demo world, in development mode."""
    _only_in_development(visit)
    token = demo_token(visit.settings, visit.here.clock, fields.get("who", ""))
    if token is None:
        raise Turned("fault.form", 400)
    return await enter(visit, token, fields.get("next"))


async def enter(visit: Visit, token: str, after: str | None) -> Response:
    """Let in whoever bears this token; a new session, so that nothing of the old one lives on."""
    try:
        visit.session = await signed_in(visit.here, token)
    except (Unauthenticated, TooLarge) as refusal:
        refused = refusal.message if isinstance(refusal, Unauthenticated) else ""
        return show(
            visit,
            "sign_in.html",
            401,
            after=own_path(after) or "",
            over=False,
            refused=refused,
            demo=DEMO,
        )
    return lead(visit, own_path(after) or HOMES.get(visit.session.role, "/"))


@act()
async def sign_out(visit: Visit, _fields: Fields) -> Response:
    """End the session here."""
    visit.session = new_session(visit.here)
    return lead(visit, "/")


def _only_in_development(visit: Visit) -> None:
    if not visit.settings.in_development:
        raise Turned("fault.nothing", 404)
