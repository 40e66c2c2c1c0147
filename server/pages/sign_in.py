"""Signing in: with a token where Sekisho is tried out, at the issuer (issuer.py) otherwise."""

from starlette.responses import Response

from server.demo_callers import DEMO, demo_token
from server.identity import Unauthenticated
from server.pages.forms import Fields, Turned, act, page
from server.pages.look import lead, own_path, show
from server.pages.visit import Visit
from server.session import TooLarge, signed_in

HOMES = {"member": "/privacy/", "officer": "/matrix/"}
"""Where each role is led that came from nowhere in particular."""


@page
async def sign_in(visit: Visit) -> Response:
    """Offer the ways to sign in that there are here."""
    asked = visit.request.query_params
    return _offered(visit, asked.get("next"), over="over" in asked)


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


async def enter(visit: Visit, token: str, after: str | None, of: str | None = None) -> Response:
    """Let in whoever bears this token; a new session, so that nothing of the old one lives on.

    `of` is who the issuer says has signed in: the token must be theirs.
    """
    try:
        session = await signed_in(visit.here, token, at_issuer=of is not None)
    except Unauthenticated as refusal:
        return refused(visit, refusal.message, after)
    except TooLarge:
        return refused(visit, "", after)
    if of not in {None, session.subject}:
        return refused(visit, "", after)
    visit.session = session
    return lead(visit, own_path(after) or HOMES.get(session.role, "/"))


def refused(visit: Visit, why: str, after: str | None = None) -> Response:
    """The ways to sign in once more, and why it did not work where that can be told."""
    return _offered(visit, after, 401, refused=why)


def _offered(visit: Visit, after: str | None, status: int = 200, **said: object) -> Response:
    told = {"over": False, "refused": None, "demo": DEMO} | said
    return show(visit, "sign_in.html", status, after=own_path(after) or "", **told)


def _only_in_development(visit: Visit) -> None:
    if not visit.settings.in_development:
        raise Turned("fault.nothing", 404)
