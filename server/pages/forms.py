"""What forms send: taken only from our own pages, of this very visit."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response

from server.http_request import bounded
from server.pages.asking import UNAUTHENTICATED, Refusal
from server.pages.look import lead, show
from server.pages.visit import Visit, visit_of
from server.refusals import BadRequest
from server.same_origin import from_here
from server.session import new_session

PROOF = "proof"
"""The field by which a form shows that it is ours."""
_FORM = "application/x-www-form-urlencoded"
_FIELDS_AT_MOST = 100

Fields = Mapping[str, str]
Page = Callable[[Visit], Awaitable[Response]]
Act = Callable[[Visit, Fields], Awaitable[Response]]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Turned(Exception):
    """A form that is not taken: why, as a key of the words."""

    why: str
    status: int = 403


def page(shown: Page) -> Handler:
    """A page for everybody."""

    @wraps(shown)
    async def answer(request: Request) -> Response:
        visit = visit_of(request)
        return await _told(visit, shown(visit))

    return answer


def signed_in(*roles: str) -> Callable[[Page], Handler]:
    """A page for whoever is signed in as one of these roles; others are led to sign in."""

    def only(shown: Page) -> Handler:
        async def answer(visit: Visit) -> Response:
            if not visit.session.signed_in:
                return lead(visit, f"/sign-in?next={quote(visit.place)}")
            if visit.session.role not in roles:
                return show(visit, "fault.html", 403, why="fault.role", correlation_id=None)
            return await shown(visit)

        return page(wraps(shown)(answer))

    return only


def act(*roles: str) -> Callable[[Act], Handler]:
    """What a form of ours sends; of one of these roles, or of anybody where none is named."""

    def only(done: Act) -> Handler:
        async def answer(visit: Visit) -> Response:
            fields = await _fields(visit)
            if roles and visit.session.role not in roles:
                raise Turned("fault.role")
            return await done(visit, fields)

        return page(wraps(done)(answer))

    return only


async def _told(visit: Visit, answer: Awaitable[Response]) -> Response:
    """The answer, or a page that says why there is none."""
    try:
        return await answer
    except Turned as turned:
        return show(visit, "fault.html", turned.status, why=turned.why, correlation_id=None)
    except BadRequest as refusal:
        return show(visit, "fault.html", refusal.status, why="fault.form", correlation_id=None)
    except Refusal as refusal:
        if refusal.code == UNAUTHENTICATED:
            visit.session = new_session(visit.here)
            return lead(visit, "/sign-in?over=1")
        why = f"fault.{refusal.code}"
        known = why if visit.words.has(why) else "fault.other"
        return show(
            visit, "fault.html", refusal.status, why=known, correlation_id=refusal.correlation_id
        )


async def _fields(visit: Visit) -> Fields:
    """What the form says, once it is known to be ours. Raises Turned, BadRequest."""
    request = Request(visit.request.scope, bounded(visit.request.receive))
    if not from_here(request):
        raise Turned("fault.origin")
    if request.headers.get("content-type", "").partition(";")[0] != _FORM:
        raise Turned("fault.form", 415)
    try:
        sent = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_FIELDS_AT_MOST
        )
    except ValueError:
        raise Turned("fault.form", 400) from None
    fields = dict(sent)
    if not hmac.compare_digest(fields.get(PROOF, "").encode(), visit.session.proof.encode()):
        raise Turned("fault.proof")
    return fields
