"""The HTTP application: what varies goes in, a Starlette application comes out."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from policy.errors import StartUpError
from server.checkpoint import open_checkpoint
from server.clock import Clock, Ids, new_id, now
from server.exports import EXPORTS
from server.graphql_endpoint import METHODS, GraphQLEndpoint, told
from server.health import alive, ready
from server.logs import configure, fault
from server.metrics import metrics
from server.pages.front import front
from server.pages.issuer import client_of
from server.pages.routes import PAGES
from server.purposes import HEADER
from server.refusals import BadRequest, refused_by, refused_with
from server.request_log import RequestLog
from server.schema_text import schema_text
from server.settings import Settings, read_settings
from server.workbench import WORKBENCH
from server.workbench_token import WORKBENCH_TOKEN

GRAPHQL = "/graphql"
YOUNG = 10_000
"""Objects, beyond those that were let go of, after which garbage is looked for: an answer's own
are a few hundred, and looking for garbage among those that are still in use finds none."""

log = structlog.get_logger("sekisho")


def create_app(
    settings: Settings, clock: Clock = now, ids: Ids = new_id, *, alone: bool = False
) -> Starlette:
    """The application. Its start opens and checks everything, and raises StartUpError.

    `alone`: there is nothing else in this process.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with open_checkpoint(settings, clock, ids) as checkpoint:
                app.state.checkpoint = checkpoint
                app.state.graphql = GraphQLEndpoint(checkpoint, settings.allowed_origins)
                log.info("started", policy_version=checkpoint.catalogue.version)
                if alone:
                    # What is there by now stays: nobody has to look for garbage in it again.
                    gc.collect()
                    gc.freeze()
                    gc.set_threshold(YOUNG)
                yield
        except StartUpError as refusal:
            log.critical("refused_to_start", reason=str(refusal))
            raise
        except Exception as error:
            log.critical("failed", **fault(error))
            raise

    app = Starlette(
        lifespan=lifespan,
        routes=ROUTES,
        middleware=[
            Middleware(RequestLog, paths=frozenset({GRAPHQL, *(route.path for route in ROUTES)})),
            *_cross_origin(settings),
            Middleware(_Graphql),
        ],
        exception_handlers={HTTPException: _no_such_way, Exception: _unexpected},
    )
    # A redirect would repeat the query in its address.
    app.router.redirect_slashes = False
    app.state.ids = ids
    app.state.settings = settings
    app.state.issuer = client_of(settings)
    return app


def from_environment() -> Starlette:
    """The application of the environment's settings, for the server's workers."""
    settings = read_settings()
    configure(settings.log_level)
    return create_app(settings, alone=True)


class _Graphql:
    """The endpoint that the start made: it stands before all routes, and is looked for first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] == GRAPHQL:
            await scope["app"].state.graphql(scope, receive, send)
        else:
            await self._app(scope, receive, _unguessed(send))


def _unguessed(send: Send) -> Send:
    """Whatever is sent is what it says it is."""

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("x-content-type-options", "nosniff")
        await send(message)

    return send_with


def _no_such_way(request: Request, refusal: Exception) -> Response:
    """Answer an unknown path or method as GraphQL's clients expect errors."""
    status = refusal.status_code if isinstance(refusal, HTTPException) else 400
    text = "There is nothing at this path." if status == 404 else "This path takes no such method."  # noqa: PLR2004 (HTTP's own number)
    return told(refused_by(BadRequest(text, status)), request.app.state.ids())


def _unexpected(request: Request, error: Exception) -> Response:
    correlation_id = request.app.state.ids()
    log.error("fault", decision_id=correlation_id, **fault(error))
    return told(refused_with(error), correlation_id)


def _cross_origin(settings: Settings) -> list[Middleware]:
    if not settings.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=list(METHODS),
            allow_headers=[
                *("Authorization", "Content-Type", HEADER),
                *("Sekisho-Reference", "Sekisho-Explain", "Traceparent"),
            ],
            expose_headers=["Content-Disposition", "Retry-After", "WWW-Authenticate"],
            max_age=600,
        )
    ]


ROUTES: list[Route] = [
    Route("/", front),
    Route("/schema.graphql", schema_text),
    *EXPORTS,
    *PAGES,
    *WORKBENCH,
    *WORKBENCH_TOKEN,
    Route("/healthz", alive),
    Route("/readyz", ready),
    Route("/metrics", metrics),
]
