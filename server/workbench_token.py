"""`/workbench/token`: development tokens for the workbench. In production there is no such path."""

from collections.abc import Iterator, Mapping

import msgspec
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.catalogue import Catalogue
from policy.vocabulary import CompanyKind
from server.checkpoint import Checkpoint
from server.graphql_endpoint import told
from server.http_request import bounded
from server.issuing import Bearer, Unissuable, purposes_for, requester_for
from server.media import JSON, check_readable
from server.refusals import BadRequest, refused_by
from server.same_origin import from_here
from server.settings import Settings
from server.tokens import development_token

NO_STORE = {"cache-control": "no-store"}


async def offered(request: Request) -> Response:
    """For which companies there are tokens; a processor stands once for each controller."""
    _in_development(request)
    checkpoint: Checkpoint = request.app.state.checkpoint
    return _said({"companies": list(_offers(checkpoint.catalogue))})


async def issued(request: Request) -> Response:
    """A token for whom the body names, to our own page alone."""
    settings = _in_development(request)
    checkpoint: Checkpoint = request.app.state.checkpoint
    try:
        bearer = await _wanted(request)
        requester = requester_for(checkpoint.catalogue, bearer)
        purposes = purposes_for(checkpoint.catalogue, requester, None, checkpoint.clock())
    except Unissuable:
        return _refused(request, BadRequest("The catalogue has nobody such: see `companies`."))
    except BadRequest as refusal:
        return _refused(request, refusal)
    return _said(
        {"token": development_token(settings, requester, purposes, clock=checkpoint.clock)}
    )


def _in_development(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    if not settings.in_development:
        raise HTTPException(404)
    return settings


async def _wanted(request: Request) -> Bearer:
    """For whom the body wants a token. Raises BadRequest."""
    if not from_here(request):
        raise BadRequest("Tokens are for the workbench: `sekisho token` makes others.", 403)
    headers = request.headers
    types, encodings = (headers.getlist(f"content-{name}") for name in ("type", "encoding"))
    check_readable(", ".join(types), ", ".join(encodings))
    body = await Request(request.scope, bounded(request.receive)).body()
    try:
        return msgspec.json.decode(body, type=Bearer)
    except msgspec.DecodeError:
        raise BadRequest("The body names a `role`, and a `company` or a `member`.") from None


def _offers(catalogue: Catalogue) -> Iterator[Mapping[str, object]]:
    for company in catalogue.companies.values():
        controllers: list[str | None] = [None]
        if company.kind is CompanyKind.PROCESSOR:
            contracts = catalogue.contracts
            controllers = [each.controller for each in contracts if each.processor == company.key]
        for controller in dict.fromkeys(controllers):
            yield {
                "company": company.key,
                "on_behalf_of": controller,
                "name": company.name,
                "controller": controller and catalogue.companies[controller].name,
            }


def _said(answer: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(answer), media_type=JSON, headers=NO_STORE)


def _refused(request: Request, refusal: BadRequest) -> Response:
    response = told(refused_by(refusal), request.app.state.ids())
    response.headers.update(NO_STORE)
    return response


WORKBENCH_TOKEN = [
    Route("/workbench/token", offered, methods=["GET"]),
    Route("/workbench/token", issued, methods=["POST"]),
]
