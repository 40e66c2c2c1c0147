"""`/graphql`: authenticate, execute, record, answer. In this order, or not at all."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import orjson
import structlog
from cross_web import AsyncHTTPRequestAdapter
from graphql import GraphQLSchema
from graphql.execution.values import VariableValues
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from policy.errors import PrivacyError
from resolvers.context import Context
from resolvers.operation import Operation, Operations
from server.asked import JSON, asked_in_body, asked_in_url, bounded, said_by
from server.checkpoint import Checkpoint
from server.graphql_socket import Socket
from server.logs import fault
from server.operation import MAX_BODY, caller_of, context_of, recorded
from server.refusals import (
    NO_QUERY,
    NO_SUCH_OPERATION,
    BadRequest,
    Refused,
    refused_by,
    refused_with,
)
from server.socket_line import Limits, Line, MessageTooLarge

METHODS = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}
"""What each may carry."""
_ELSEWHERE = {
    "GET": "GET takes queries alone: send others with POST.",
    "POST": "Subscribe over WebSocket, graphql-transport-ws, at this path.",
}

_GRAPHQL_JSON = "application/graphql-response+json"
_CHALLENGE = 'Bearer realm="sekisho"'

log = structlog.get_logger("sekisho.graphql")

T = TypeVar("T")
Execute = Callable[[Context], Awaitable[ExecutionResult]]
_LIMITS = Limits()


class GraphQLEndpoint(GraphQL[Context, None]):
    """GraphQL over HTTP and WebSocket: no IDE, no batches, no uploads."""

    websocket_adapter_class = Line
    graphql_transport_ws_handler_class = Socket

    def __init__(
        self, checkpoint: Checkpoint, origins: Sequence[str] = (), limits: Limits = _LIMITS
    ) -> None:
        super().__init__(
            checkpoint.schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=limits.opening,
            allowed_origins=origins,
        )
        self.checkpoint = checkpoint
        self.operations = _operations_of(checkpoint.schema.core)
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Whose operations it carries, and for what, the socket says when it is opened.
            nobody: Any = None
            await self.run(WebSocket(scope, receive, send), context=nobody)
            return
        request = Request(scope, bounded(receive))
        request.state.decision_id = self.checkpoint.ids()
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        response.headers["content-type"] = _media_type(request)
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            if request.method not in METHODS:
                raise BadRequest("Send GraphQL requests with POST or GET.", 405)  # noqa: TRY301
            request.state.context = context = await self._begun(request)
            if request.method == "POST":
                asked = asked_in_body(request.headers.get("content-type"), await request.body())
                if planned := self._planned(asked):
                    return await self._read(request, context, *planned)
            return await self.run(request)
        except Refused as refusal:
            return refusal_to(request, refusal)
        except PrivacyError as refusal:
            return refusal_to(request, refused_by(refusal))
        except ClientDisconnect:
            raise
        except Exception as unexpected:  # noqa: BLE001 (nothing of it may reach the caller)
            return refusal_to(request, refused_with(unexpected))

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        context: Context = request.state.context
        return context

    async def _begun(self, request: Request) -> Context:
        """Who asks, for what, when: fixed before anything of the request is read."""
        here, said = self.checkpoint, said_by(request)
        asked_at = here.clock()
        requester = await caller_of(here, said, asked_at)
        request.state.company, request.state.role = requester.company, requester.role
        return context_of(here, said, requester, asked_at, request.state.decision_id)

    def _planned(self, asked: GraphQLRequestData) -> tuple[Operation, VariableValues] | None:
        """The operation, if its plans alone can answer it, with its variables."""
        if not asked.query:
            return None
        operation = self.operations.find(asked.query, asked.operation_name)
        variables = operation.variables(asked.variables) if operation else None
        return None if operation is None or variables is None else (operation, variables)

    async def _read(
        self, request: Request, context: Context, operation: Operation, variables: VariableValues
    ) -> Response:
        """Answer an operation from its plans."""

        async def answer(context: Context) -> ExecutionResult:
            found = await operation.answer(context, variables)
            return ExecutionResult(dict(found.data), list(found.errors))

        result = await self._answered(request, context, answer)
        body: dict[str, Any] = {"data": result.data}
        if result.extensions:
            body["extensions"] = result.extensions
        return Response(orjson.dumps(body))

    async def _answered(
        self, request: Request, context: Context, execute: Execute
    ) -> ExecutionResult:
        """Execute and record; once more if the server learns that other versions are live."""
        try:
            return await self._recorded(context, execute)
        except Refused:
            if context.written or context.grants is self.checkpoint.versions.held.grants:
                raise
        return await self._recorded(await self._begun(request), execute)

    async def _recorded(self, context: Context, execute: Execute) -> ExecutionResult:
        async with context.snapshot:
            result = await execute(context)
        return await recorded(self.checkpoint, context, result)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        if request.method == "GET":
            return asked_in_url(request.query_params)
        return asked_in_body(request.content_type, await request.get_body())

    async def execute_operation(  # type: ignore[override] # noqa: PLR0913, PLR0917 (Strawberry's; no batches)
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData,
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult:
        async def execute(context: Context) -> ExecutionResult:
            return await self._execute(request_data, context, request.method)

        return await self._answered(request, context, execute)

    async def _execute(
        self, asked: GraphQLRequestData, context: Context, method: str
    ) -> ExecutionResult:
        try:
            return await self.schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=METHODS[method],
            )
        except MissingQueryError:
            raise BadRequest(NO_QUERY) from None
        except CannotGetOperationTypeError:
            raise BadRequest(NO_SUCH_OPERATION) from None
        except InvalidOperationTypeError:
            raise BadRequest(_ELSEWHERE[method], 405) from None

    def decode_json(self, data: str | bytes) -> object:
        """What a message of a socket says. Raises MessageTooLarge."""
        if len(data if isinstance(data, bytes) else data.encode()) > MAX_BODY:
            raise MessageTooLarge
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """As a message of a socket says it: text."""
        return orjson.dumps(data).decode()

    def should_render_graphql_ide(self, request: object) -> bool:
        return False

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        return Response(orjson.dumps(response_data))


@lru_cache(maxsize=4)
def _operations_of(schema: GraphQLSchema) -> Operations:
    """What a schema was asked for; applications of one process share it."""
    return Operations(schema)


def refusal_to(
    request: Request, refusal: Refused, methods: Iterable[str] = tuple(METHODS)
) -> Response:
    """The response to a refused request, and a line in the log for what was not expected."""
    decision_id = request.state.decision_id
    for each in refusal.faults:
        log.error("fault", decision_id=decision_id, **fault(each))
    response = told(refusal, decision_id)
    response.headers["cache-control"] = "no-store"
    if refusal.status == 401:  # noqa: PLR2004 (HTTP's own number)
        sent = request.headers.get("authorization")
        invalid = ', error="invalid_token"' if sent else ""
        response.headers["www-authenticate"] = _CHALLENGE + invalid
    if refusal.status == 405:  # noqa: PLR2004
        response.headers["allow"] = ", ".join(methods)
    return response


def told(refusal: Refused, correlation_id: str) -> Response:
    """The response to a refused request."""
    body = orjson.dumps(refusal.body(correlation_id))
    return Response(body, refusal.status, media_type=JSON)


def _media_type(request: Request) -> str:
    wanted = _GRAPHQL_JSON if _GRAPHQL_JSON in request.headers.get("accept", "") else JSON
    return f"{wanted}; charset=utf-8"
