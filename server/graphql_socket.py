"""`/graphql` over WebSocket, graphql-transport-ws: every operation goes the road of HTTP's.

The connection says once who asks and for what; each operation, and each event of a subscription,
verifies it again and is answered for itself: its own instant, snapshot, decision and record.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.types import ExecutionResult
from strawberry.utils.aio import aclosing

from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester
from resolvers.context import Context
from server.admission import Admitted, Place
from server.checkpoint import Checkpoint
from server.identity import LEEWAY
from server.logs import fault
from server.meters import WEBSOCKET
from server.observed import Seen
from server.operation import begin, check_variables, recorded
from server.patience import GOING_AWAY, LEAVE
from server.question import question_of
from server.refusals import BadRequest, Refused, refused_before, refused_by, refused_with
from server.said import Said
from server.socket_line import TOO_LARGE, Line, MessageTooLarge, SocketAllowance
from server.socket_message import malformed, said_of
from server.work import Work

BAD_REQUEST, FORBIDDEN, FAULT = 4400, 4403, 4500
"""The protocol's codes that a socket is closed with."""

TOO_MANY = 4429
GLANCE = 0.05
"""Seconds between two looks at whether everything is finished."""

_STATUSES = {401: FORBIDDEN, 403: FORBIDDEN, 429: TOO_MANY, 500: FAULT, 503: FAULT}

log = structlog.get_logger("sekisho.socket")


class Socket(BaseGraphQLTransportWSHandler[Any, None]):
    """One connection."""

    websocket: Line
    said: Said
    reading: asyncio.Task[Any] | None = None
    expiry: asyncio.Task[None] | None = None

    def __init__(self, view: Any, **given: Any) -> None:
        super().__init__(view=view, **given)
        self.here: Checkpoint = view.checkpoint
        self.allowance: SocketAllowance = view.allowance
        self.requester: Requester | None = None
        self.asked = 0
        self.place: Place | None = None
        self.working: set[Work] = set()
        self.leaving: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Serve the connection to its end, and tell the log how it went."""
        self.reading, began = asyncio.current_task(), perf_counter()
        self.websocket.ws.scope[LEAVE] = self.leave
        try:
            await super().handle()
        except MessageTooLarge:
            await self.websocket.close(TOO_LARGE, ErrorCode.LIMIT_EXCEEDED)
        except asyncio.CancelledError:
            if not self.websocket.given_up:
                raise
        finally:
            if self.place is not None:
                self.place.close()
            who = self.requester
            about = {} if who is None else {"company": who.company, "role": who.role}
            log.info(
                "socket",
                code=self.websocket.closed_with,
                given_up=self.websocket.given_up,
                operations=self.asked,
                milliseconds=round((perf_counter() - began) * 1000, 3),
                **about,
            )

    async def shutdown(self) -> None:
        if self.expiry is not None:
            self.expiry.cancel()
        await super().shutdown()

    async def handle_message(self, message: Message) -> None:
        """Take well-formed messages alone; the connection ends with any other."""
        if problem := malformed(message):
            await self.handle_invalid_message(problem)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Verify who asks and for what, once for all, before anything is acknowledged."""
        payload = message.get("payload") or {}
        if self.connection_init_timeout_task:
            self.connection_init_timeout_task.cancel()
        if self.connection_init_received:
            await self.websocket.close(4429, "Too many initialisation requests")
            return
        self.connection_init_received = True
        try:
            self.said = said_of(payload)
            requester = self.requester = (await begin(self.here, self.said)).requester
            self.place = self.here.admission.socket(requester)
        except PrivacyError as refusal:
            await self._reject(refused_by(refusal))
        except Exception as unexpected:  # noqa: BLE001 (nothing of it may reach the caller)
            await self._reject(refused_with(unexpected))
        else:
            self.connection_acknowledged = True
            self.expiry = asyncio.create_task(self._until(requester.expires_at))
            await self.send_message({"type": "connection_ack"})

    def leave(self) -> None:
        """Finish what is at work, then say that the server goes away."""
        self.leaving = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        while any(not work.idle for work in self.working):  # noqa: ASYNC110 (each may begin anew)
            await asyncio.sleep(GLANCE)
        await self.websocket.close(GOING_AWAY, "Going away")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if self.leaving is not None:
            return  # who asks now asks again elsewhere
        if self.connection_acknowledged and len(self.operations) >= self.allowance.operations:
            text = f"A socket has at most {self.allowance.operations} operations under way."
            refusal = refused_by(BadRequest(text, 400, ErrorCode.LIMIT_EXCEEDED))
            self.here.observed.refused(refusal)
            body = refusal.body(self.here.ids())
            told: Any = {"id": message["id"], "type": "error", "payload": body["errors"]}
            await self.send_message(told)
            return
        self.asked += 1
        # Strawberry hands on a text and no more: all that was asked goes in its place.
        asked: Any = {"query": message["payload"]}
        await super().handle_subscribe({**message, "payload": asked})

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Answer until there is nothing more to say; what goes wrong ends the operation."""
        with self.here.observed.operation(WEBSOCKET, self.websocket.ws.scope["headers"]) as seen:
            await self._run(operation, seen)

    async def _run(self, operation: Operation[Any, None], seen: Seen) -> None:
        context: Context | None = None
        try:
            context = first = seen.context = await begin(self.here, self.said)
            decision_id = first.decision_id
            with await self.here.admission.operation(first.requester) as admitted:
                try:
                    await self._answer(operation, first, admitted)
                except Refused:
                    if first.decision_id != decision_id or not self._outdated(first):
                        raise
                    context = seen.context = await begin(self.here, self.said)
                    await self._answer(operation, context, admitted)
        except WebSocketDisconnected:
            self._hang_up()
        except Refused as refusal:
            await self._refuse(operation, context, refusal)
        except PrivacyError as refusal:
            await self._refuse(operation, context, refused_by(refusal))
        except GraphQLError as unparsed:  # the parser's cache lets it through
            await self._refuse(operation, context, refused_before(unparsed))
        except Exception as unexpected:  # noqa: BLE001 (nothing of it may reach the caller)
            await self._refuse(operation, context, refused_with(unexpected))

    def _outdated(self, context: Context) -> bool:
        """The server has just learned which versions of the catalogue are live."""
        return not context.written and context.grants is not self.here.versions.held.grants

    async def _answer(
        self, operation: Operation[Any, None], context: Context, admitted: Admitted
    ) -> None:
        async with Work(self.here, context, admitted) as work:
            with await work.turn():
                self.working.add(work)
                try:
                    await self._tell_all(operation, context, work, admitted)
                finally:
                    self.working.discard(work)
                    await context.snapshot.close()

    async def _tell_all(
        self, operation: Operation[Any, None], context: Context, work: Work, admitted: Admitted
    ) -> None:
        payload: Any = operation.query
        asked = await self.here.manifest.admitted(question_of(payload), context)
        if not asked.trusted:
            context.effort = partial(admitted.effort, context)
        check_variables(asked.variables, self.here.limits.values)
        answers = await self.schema.stream(
            asked.query,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        async with aclosing(answers):
            async for answer in answers:
                async with work.out_of_turn():  # others may be recorded together with it
                    told = await self._recorded(context, answer)
                    async with work.aside():
                        await operation.send_next(told)
        async with work.aside():
            await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _recorded(self, context: Context, answer: object) -> ExecutionResult:
        """Give one answer once its record is durable; what comes next is a decision of its own."""
        # What it was read from is let go of: the next event may be hours away.
        await context.snapshot.renew()
        if not isinstance(answer, ExecutionResult):
            raise BadRequest("@defer and @stream are not served here.")
        told = await recorded(self.here, context, answer)
        context.disclosures = []
        context.decision_id = self.here.ids()
        return told

    async def _refuse(
        self, operation: Operation[Any, None], context: Context | None, refusal: Refused
    ) -> None:
        if any(error.code is ErrorCode.UNAUTHENTICATED for error in refusal.errors):
            await self._reject(refusal)
            return
        self.here.observed.refused(refusal)
        correlation_id = context.decision_id if context else self.here.ids()
        for each in refusal.faults:
            log.error("fault", decision_id=correlation_id, **fault(each))
        errors: Any = refusal.body(correlation_id)["errors"]
        with suppress(WebSocketDisconnected):
            await operation.send_operation_message(
                {"id": operation.id, "type": "error", "payload": errors}
            )

    async def _reject(self, refusal: Refused) -> None:
        """Close the socket; the reason is the code of the refusal."""
        self.here.observed.refused(refusal)
        for each in refusal.faults:
            log.error("fault", **fault(each))
        code = _STATUSES.get(refusal.status, BAD_REQUEST)
        await self.websocket.close(code, refusal.errors[0].code)

    async def _until(self, expires_at: datetime) -> None:
        """Close the socket when its token expires, by the clock that everything goes by."""
        now = self.here.clock()
        # A token may arrive when it has just expired by our clock, and not yet by its issuer's.
        end = expires_at if now < expires_at else expires_at + LEEWAY
        while (left := end - self.here.clock()) > timedelta():  # noqa: ASYNC110 (a clock tells nobody)
            await asyncio.sleep(min(left, self.allowance.glance).total_seconds())
        await self.websocket.close(FORBIDDEN, ErrorCode.UNAUTHENTICATED)

    def _hang_up(self) -> None:
        """Stop reading from a client that does not read."""
        if self.websocket.given_up and self.reading is not None:
            self.reading.cancel()
