"""`/graphql`: authenticate, execute, record, answer. In this order, or not at all."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

import orjson
import structlog
from graphql import GraphQLSyntaxError
from graphql.execution.values import VariableValues
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from policy.errors import PrivacyError
from policy.requester import GROUP_OFFICE
from resolvers.context import Context
from resolvers.effort import at_once
from resolvers.operation import Operation, Operations
from resolvers.served import BY_PLAN
from schema.build import Schema
from server.admission import Admitted
from server.callers import caller_of
from server.checkpoint import Checkpoint
from server.graphql_socket import Socket
from server.http_request import Head, asked_in_body, asked_in_url, body_of, head_of, is_crowded
from server.logs import fault
from server.media import JSON, check_readable, media_for
from server.meters import HTTP
from server.observed import Seen
from server.operation import check_variables, context_of, recorded
from server.question import Question
from server.refusals import (
    NO_QUERY,
    NO_SUCH_OPERATION,
    BadRequest,
    Refused,
    refused_before,
    refused_by,
    refused_with,
)
from server.socket_line import Line, MessageTooLarge, SocketAllowance
from server.work import Work

METHODS = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}
"""What each may carry."""
_ELSEWHERE = {
    "GET": "GET takes queries alone: send others with POST.",
    "POST": "Subscribe over WebSocket, graphql-transport-ws, at this path.",
}

_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_CHALLENGE = 'Bearer realm="sekisho"'

log = structlog.get_logger("sekisho.graphql")

Execute = Callable[[Context], Awaitable[ExecutionResult]]
_ALLOWANCE = SocketAllowance()


class GraphQLEndpoint(GraphQL[Context, None]):
    """GraphQL over HTTP and WebSocket: no IDE, no batches, no uploads."""

    websocket_adapter_class = Line
    graphql_transport_ws_handler_class = Socket

    def __init__(
        self,
        checkpoint: Checkpoint,
        origins: Sequence[str] = (),
        allowance: SocketAllowance = _ALLOWANCE,
    ) -> None:
        super().__init__(
            checkpoint.schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=allowance.opening,
            allowed_origins=origins,
        )
        self.checkpoint = checkpoint
        self.operations = _operations_of(checkpoint.schema)
        self.allowance = allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Whose operations it carries, and for what, the socket says when it is opened.
            nobody: Any = None
            await self.run(WebSocket(scope, receive, send), context=nobody)
            return
        with (
            self.checkpoint.observed.operation(HTTP, scope["headers"]) as seen,
            suppress(ClientDisconnect),
        ):
            await self._serve(scope, receive, send, seen)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, seen: Seen) -> None:
        """Answer one operation. Raises ClientDisconnect where nobody waits for it any more."""
        head = head_of(scope)
        scope.setdefault("state", {})["decision_id"] = self.checkpoint.ids()
        answer = await self._answer(scope, receive, head, seen)
        media_type = f"{media_for(head.accept).type}; charset=utf-8"
        if isinstance(answer, Response):
            answer.headers["content-type"] = media_type
            await answer(scope, receive, send)
            return
        headers = [
            (b"content-length", b"%d" % len(answer)),
            (b"content-type", media_type.encode()),
            *_ALWAYS,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(
        self, scope: Scope, receive: Receive, head: Head, seen: Seen
    ) -> bytes | Response:
        """What answers: the body of an answer that is whole, or a refusal."""
        try:
            method = scope["method"]
            if method not in METHODS:
                raise BadRequest("Send GraphQL requests with POST or GET.", 405)  # noqa: TRY301
            context = seen.context = await self._begun(scope, head)
            if method == "GET":
                asked = asked_in_url(QueryParams(scope["query_string"]))
            else:
                check_readable(head.content_type, head.encoding)
                asked = asked_in_body(await body_of(receive, self.checkpoint.limits.body))
            with await self.checkpoint.admission.operation(context.requester) as admitted:
                with self.checkpoint.observed.step("plan"):
                    asked = await self.checkpoint.manifest.admitted(asked, context)
                    if not asked.trusted:
                        context.effort = partial(admitted.effort, context)
                    way = await self._way(asked, method, context)
                result = await self._answered(scope, head, context, way, admitted)
        except ClientDisconnect:
            raise
        except Exception as refused:  # noqa: BLE001 (nothing of it may reach the caller)
            refusal = _refusal_of(refused)
            response = refusal_to(Request(scope), refusal)
            if refusal.of_document and not media_for(head.accept).has_status:
                response.status_code = 200
            return response
        whole: dict[str, Any] = {"data": result.data}
        if result.extensions:
            whole["extensions"] = result.extensions
        return orjson.dumps(whole)

    async def _begun(self, scope: Scope, head: Head) -> Context:
        """Who asks, for what, when: fixed before anything of the operation is read."""
        here, said, state = self.checkpoint, head.said, scope["state"]
        asked_at = here.clock()
        verified = await here.identity.verified(said.authorization, asked_at)
        requester = verified.requester
        state["role"] = requester.role
        # A name that the catalogue does not know might be a person's.
        if requester.company in here.catalogue.companies or requester.company == GROUP_OFFICE:
            state["company"] = requester.company
        caller = caller_of(here, said, verified, asked_at)
        return context_of(here, said, caller, asked_at, state["decision_id"])

    async def _way(self, asked: Question, method: str, context: Context) -> Execute:
        """The operation's plans, if they alone can answer it; the executor for all others."""
        check_variables(asked.variables, self.checkpoint.limits.values)
        if asked.query and method == "POST":
            name, effort = asked.operation_name, context.effort
            operation = await self.operations.find(asked.query, name, effort)
            variables = operation.variables(asked.variables) if operation else None
            if operation is not None and variables is not None:
                return partial(_planned, operation, variables)
        return partial(self._executed, asked, method)

    async def _answered(
        self, scope: Scope, head: Head, context: Context, execute: Execute, admitted: Admitted
    ) -> ExecutionResult:
        """Execute and record; once more if the server learns that other versions are live."""
        try:
            return await self._recorded(context, execute, admitted)
        except Refused:
            if context.written or context.grants is self.checkpoint.versions.held.grants:
                raise
        fresh = await self._begun(scope, head)
        # Its own, and not a copy: what it writes, it must be able to answer.
        paid = context.effort is not at_once
        fresh.effort = partial(admitted.effort, fresh) if paid else at_once
        return await self._recorded(fresh, execute, admitted)

    async def _recorded(
        self, context: Context, execute: Execute, admitted: Admitted
    ) -> ExecutionResult:
        async with Work(self.checkpoint, context, admitted) as work:
            with await work.turn():
                try:
                    result = await execute(context)
                finally:
                    await context.snapshot.close()
            return await recorded(self.checkpoint, context, result)

    async def _executed(self, asked: Question, method: str, context: Context) -> ExecutionResult:
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
        text = data if isinstance(data, bytes) else data.encode()
        if len(text) > self.checkpoint.limits.body or is_crowded(text):
            raise MessageTooLarge
        return orjson.loads(text)

    def encode_json(self, data: object) -> str:
        """As a message of a socket says it: text."""
        return orjson.dumps(data).decode()


async def _planned(
    operation: Operation, variables: VariableValues, context: Context
) -> ExecutionResult:
    context.served = BY_PLAN
    found = await operation.answer(context, variables)
    return ExecutionResult(found.data, found.errors)


@lru_cache(maxsize=4)
def _operations_of(schema: Schema) -> Operations:
    """What a schema was asked for; applications of one process share it."""
    return Operations(schema.documents)


def _refusal_of(fault: Exception) -> Refused:
    match fault:
        case Refused():
            return fault
        case PrivacyError():
            return refused_by(fault)
        case GraphQLSyntaxError():
            return refused_before(fault)
    return refused_with(fault)


def refusal_to(
    request: Request, refusal: Refused, methods: Iterable[str] = tuple(METHODS)
) -> Response:
    """The response to a refused request, counted; and a line in the log for what is a fault."""
    decision_id, here = request.state.decision_id, request.app.state.checkpoint
    here.observed.refused(refusal)
    for each in refusal.faults:
        log.error("fault", decision_id=decision_id, **fault(each))
    response = told(refusal, decision_id)
    if refusal.retry_after is not None:
        response.headers["retry-after"] = str(refusal.retry_after)
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
    response = Response(body, refusal.status, media_type=JSON)
    response.raw_headers.extend(_ALWAYS)
    return response
