"""`/records/…`: a caller's records as a file, streamed, on record before the first byte."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson
import structlog
from graphql import Undefined, coerce_input_value
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from policy.errors import ErrorCode, PrivacyError
from resolvers.newest_first import Asked
from resolvers.record_contents import RecordContents
from resolvers.records import PROVISION, RECEIPT, exported
from server.admission import Admitted
from server.checkpoint import Checkpoint
from server.disclosures import entry_of
from server.graphql_endpoint import refusal_to
from server.http_request import bounded, head_of, object_of
from server.logs import fault
from server.operation import begin
from server.record_form import COLUMNS, as_cells, as_object
from server.refusals import refused_by, refused_with
from server.spreadsheet import MEDIA_TYPE, lines
from server.work import Work

Parts: TypeAlias = AsyncIterator[Sequence[RecordContents]]
METHODS = ("GET", "POST")
_FILTER = "RecordFilter"
_DOES_NOT_FIT = (
    f"The parameters are those of `{_FILTER}`, see /schema.graphql: one of them does not fit."
)
_TWICE = "A filter stands in the body of a POST, or in the address of a GET."
_LISTS = {"providers", "recipients"}
_WORDS: Mapping[str, Any] = {"true": True, "false": False}

log = structlog.get_logger("sekisho.records")


async def csv_of(parts: Parts) -> AsyncIterator[bytes]:
    """A table as RFC 4180 has it, in UTF-8, with a line of names."""
    yield lines([list(COLUMNS)])
    async for part in parts:
        yield lines([as_cells(each) for each in part])


async def json_of(parts: Parts) -> AsyncIterator[bytes]:
    """One array of objects, each as the API tells it."""
    before = b"["
    async for part in parts:
        for each in part:
            yield before + orjson.dumps(as_object(each))
            before = b",\n"
    yield b"]" if before != b"[" else b"[]"


Form: TypeAlias = Callable[[Parts], AsyncIterator[bytes]]
FILES: Mapping[str, tuple[str, str, Form]] = {
    f"/records/{file}.{ending}": (name, media_type, form)
    for file, name in (("provision", PROVISION), ("receipt", RECEIPT))
    for ending, media_type, form in (
        ("csv", MEDIA_TYPE, csv_of),
        ("json", "application/json; charset=utf-8", json_of),
    )
}
"""Path → which records, and how they look."""


async def export(request: Request) -> Response:
    """The file that the path names, of the records that the parameters leave; or a refusal."""
    here: Checkpoint = request.app.state.checkpoint
    request.state.decision_id = here.ids()
    try:
        return await _answer(here, Request(request.scope, bounded(request.receive)))
    except PrivacyError as refusal:
        return refusal_to(request, refused_by(refusal), METHODS)
    except Exception as unexpected:  # noqa: BLE001 (nothing of it may reach the caller)
        return refusal_to(request, refused_with(unexpected), METHODS)


EXPORTS = [Route(path, export, methods=list(METHODS)) for path in FILES]


async def _answer(here: Checkpoint, request: Request) -> Response:
    name, media_type, form = FILES[request.url.path]
    context = await begin(here, head_of(request.scope).said)
    request.state.decision_id = context.decision_id
    request.state.company = context.requester.company
    request.state.role = context.requester.role
    asked = Asked(name, await _given(here, request))
    file = request.url.path.rpartition("/")[2]
    headers = {
        "content-disposition": f'attachment; filename="{file}"',
        "content-type": media_type,
        "cache-control": "no-store",
    }
    if request.method == "HEAD":  # of the records nothing is told
        return Response(headers=headers)
    with await here.admission.operation(context.requester) as admitted:
        async with Work(here, context, admitted) as work:
            with await work.turn():
                async with context.snapshot:
                    parts = await exported(context, asked)
            # INVARIANT: the entry is durable before the first byte of the file leaves.
            if entry := entry_of(context):
                context.recording = True
                await here.ledger.append(entry)
    in_time = _in_time(parts, here.admission.allowance.time_limit)
    content = _watched(form(in_time), context.decision_id, admitted)
    return StreamingResponse(content, headers=headers)


async def _in_time(parts: Parts, seconds: float) -> Parts:
    """The parts, each read within so many seconds; else what reads it is stopped.

    How long the client takes for one does not count. Raises TimeoutError.
    """
    part: Sequence[RecordContents] | None = ()
    while part is not None:
        async with asyncio.timeout(seconds):
            part = await anext(parts, None)
        if part:
            yield part


async def _watched(
    content: AsyncIterator[bytes], decision_id: str, admitted: Admitted
) -> AsyncIterator[bytes]:
    """The bytes; what goes wrong on the way is logged, and the file is not brought to its end."""
    try:
        with admitted:  # under way until its client has it
            async for each in content:
                yield each
    except Exception as unexpected:
        log.error("fault", decision_id=decision_id, **fault(unexpected))  # noqa: TRY400 (whose text may tell)
        raise


async def _given(here: Checkpoint, request: Request) -> Mapping[str, Any]:
    """The filter: of the address, or of a POST's body. Raises BAD_USER_INPUT."""
    if request.method == "POST":
        if request.query_params:
            raise PrivacyError(ErrorCode.BAD_USER_INPUT, _TWICE)
        asked = object_of(await request.body() or b"{}", "The body")
    else:
        asked = _of_address(request)
    kind: Any = here.schema.core.type_map[_FILTER]
    read = coerce_input_value(asked, kind)
    if read is Undefined:
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, _DOES_NOT_FIT)
    named = {"member_id" if name == "memberId" else name: each for name, each in read.items()}
    return {name: each for name, each in named.items() if each is not None}


def _of_address(request: Request) -> Mapping[str, Any]:
    given = {name: request.query_params.getlist(name) for name in request.query_params}
    return {
        name: values if name in _LISTS or len(values) > 1 else _WORDS.get(values[0], values[0])
        for name, values in given.items()
    }
