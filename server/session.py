"""Who is signed in at the pages: a short-lived cookie, sealed, that holds the token itself.

Nothing is kept here, so any worker of any host serves it. It is sealed under a key derived from
`SEKISHO_ID_KEYS` for this use alone: one secret to keep, and one way to change it. What the token
says is verified anew with each question, along the road of every bearer token.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from resolvers.seal import Unsealed
from server.checkpoint import Checkpoint
from server.settings import Settings

LASTS = timedelta(minutes=30)
LARGEST = 3800
"""Bytes of a cookie that every browser keeps."""
_USE, _AUDIENCE = "session", "pages"


class TooLarge(Exception):
    """The token does not fit into a cookie."""


@dataclass(frozen=True, slots=True)
class Session:
    """One visit; without a token it is nobody's."""

    until: int
    """When it ends, in seconds since 1970."""
    proof: str = field(default_factory=lambda: token_urlsafe(24), repr=False)
    """What every form sends back, so that no other site can send one."""
    token: str = field(default="", repr=False)
    role: str = ""
    subject: str = ""
    company: str = ""
    guardian_of: str = ""
    at_issuer: bool = False
    """Whether it was begun at the issuer, and so ends there, too."""
    flow: dict[str, Any] = field(default_factory=dict, repr=False)
    """State, nonce and verifier of a sign-in under way."""

    @property
    def signed_in(self) -> bool:
        return bool(self.token)


def new_session(here: Checkpoint) -> Session:
    """A visit of nobody."""
    return Session(int((here.clock() + LASTS).timestamp()))


async def signed_in(here: Checkpoint, token: str, *, at_issuer: bool) -> Session:
    """The session of whoever bears this token, which is judged like any other.

    It ends after half an hour, and never later than the token. Raises Unauthenticated, TooLarge.
    """
    requester = await here.identity.requester([f"Bearer {token}"])
    until = min(here.clock() + LASTS, requester.expires_at)
    session = Session(
        until=int(until.timestamp()),
        token=token,
        role=requester.role,
        subject=requester.subject,
        company=requester.company or "",
        guardian_of=requester.guardian_of or "",
        at_issuer=at_issuer,
    )
    if len(_sealed(here, session)) > LARGEST:
        raise TooLarge
    return session


def session_of(here: Checkpoint, settings: Settings, request: Request) -> Session | None:
    """Give the session that the browser holds; None for what is over or none of ours."""
    sealed = request.cookies.get(cookie_name(settings, request))
    try:
        session = Session(**orjson.loads(here.seal.open(_USE, _AUDIENCE, sealed or "")))
    except (Unsealed, TypeError):  # another version of this server sealed other fields
        return None
    return session if here.clock() < datetime.fromtimestamp(session.until, UTC) else None


def keep(
    here: Checkpoint, settings: Settings, request: Request, response: Response, session: Session
) -> None:
    """Hand the session to the browser."""
    response.set_cookie(
        cookie_name(settings, request),
        _sealed(here, session),
        max_age=max(0, session.until - int(here.clock().timestamp())),
        path="/",
        secure=is_secure(settings, request),
        httponly=True,
        samesite="lax",
    )


def with_flow(session: Session, flow: dict[str, Any]) -> Session:
    """The same visit, with a sign-in under way."""
    return replace(session, flow=flow)


def cookie_name(settings: Settings, request: Request) -> str:
    return "__Host-sekisho" if is_secure(settings, request) else "sekisho"


def is_secure(settings: Settings, request: Request) -> bool:
    """Whether cookies travel over HTTPS alone: always, but where Sekisho is tried out without."""
    return not settings.in_development or request.url.scheme == "https"


def _sealed(here: Checkpoint, session: Session) -> str:
    return here.seal.make(_USE, _AUDIENCE, orjson.dumps(asdict(session)).decode())
