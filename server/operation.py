"""One operation, whichever way it came: whose it is, and its answer, recorded before it leaves."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

import orjson
from strawberry.types import ExecutionResult

from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester, Role
from resolvers.context import Context
from resolvers.limits import Limits
from resolvers.places import Places
from resolvers.snapshot import Snapshot
from server.callers import Caller, caller_of
from server.checkpoint import Checkpoint
from server.disclosures import entry_of, privacy_of
from server.refusals import BadRequest, check_result
from server.said import Said

MAX_BODY = Limits().body
"""Bytes of a request, where no setting says otherwise."""
MAX_DEPTH = 64
"""Of the values of variables, which are coerced level by level."""
_NESTED = (dict, list)

_REFERENCE = re.compile(r"[ -~]{1,200}")


def context_of(
    here: Checkpoint, said: Said, caller: Caller, asked_at: datetime, decision_id: str
) -> Context:
    """As of when, under which number: fixed before anything of the operation is read.

    Raises PrivacyError.
    """
    held = caller.held
    return Context(
        requester=caller.requester,
        purpose=caller.purpose,
        asked_at=asked_at,
        decision_id=decision_id,
        catalogue=here.catalogue,
        grants=held.grants,
        snapshot=Snapshot(here.database, partial(here.versions.confirm, held), held.live),
        seal=here.seal,
        database=here.database,
        clock=here.clock,
        listeners=here.listeners,
        folder=here.folder,
        terms=here.terms,
        again=partial(begin, here, said),
        eyes=caller.eyes,
        reference=_reference(said.references),
        refuse_operands=said.in_a_url,
        places=_places(said.explain, caller.requester),
    )


async def begin(here: Checkpoint, said: Said) -> Context:
    """An operation, or an event of one, that begins now. Raises PrivacyError."""
    asked_at = here.clock()
    verified = await here.identity.verified(said.authorization, asked_at)
    caller = caller_of(here, said, verified, asked_at)
    return context_of(here, said, caller, asked_at, here.ids())


async def recorded(here: Checkpoint, context: Context, result: ExecutionResult) -> ExecutionResult:
    """The answer that may leave, its data as JSON. Raises Refused if anything went wrong.

    Raises BadRequest for one that is too long: once it is recorded, for that it is too long tells
    something of what is in it. Raises PrivacyError(LEDGER_UNAVAILABLE) where no record can be made.
    """
    check_result(result, here.limits.errors, changing=context.changing)
    data = orjson.dumps(result.data)
    # INVARIANT: the entry is durable before the first byte of the answer leaves.
    if entry := entry_of(context):
        context.recording = True
        began = perf_counter()
        with here.observed.step("ledger"):
            await here.ledger.append(entry, here.admission.under_way)
        context.recording = False
        here.observed.recorded(entry.disclosures, perf_counter() - began)
    if len(data) > here.limits.answer:
        raise _too_long(here.limits.answer)
    whole: Any = orjson.Fragment(data)
    result.data = whole
    result.extensions = {"privacy": privacy_of(context)} if context.disclosures else None
    return result


def _too_long(most: int) -> BadRequest:
    text = f"The answer is longer than {most:,} bytes: ask for fewer fields, or for smaller pages."
    return BadRequest(text, 400, ErrorCode.LIMIT_EXCEEDED)


def check_variables(variables: Mapping[str, Any] | None, most: int) -> None:
    """Raise BadRequest for variables that it would take long to coerce, value by value.

    `most` is how many values they hold together.
    """
    level: list[Any] = [variables or {}]
    number = 0
    for _ in range(MAX_DEPTH + 1):
        number += sum(map(len, level))
        if number > most:
            text = f"Variables hold at most {most:,} values, lists and objects among them."
            raise BadRequest(text, 400, ErrorCode.LIMIT_EXCEEDED)
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [part for each in inner for part in each if isinstance(part, _NESTED)]
        if not level:
            return
    text = f"Variables hold lists and objects in one another at most {MAX_DEPTH} levels deep."
    raise BadRequest(text, 400, ErrorCode.LIMIT_EXCEEDED)


def _places(headers: Sequence[str], requester: Requester) -> Places | None:
    """Room for the response paths of what is withheld, where they are asked for."""
    if not headers or list(headers) in ([""], ["0"]):
        return None
    if list(headers) != ["1"]:
        raise PrivacyError(ErrorCode.BAD_USER_INPUT, "Sekisho-Explain is `1`, or left out.")
    if requester.role is Role.SERVICE:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "Sekisho-Explain is for people: for analysts, officers, members."
        )
    return Places()


def _reference(headers: Sequence[str]) -> str | None:
    """A ticket or case number, kept in the ledger; it opens nothing."""
    if not headers or list(headers) == [""]:
        return None
    if len(headers) > 1 or not _REFERENCE.fullmatch(headers[0]):
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT,
            "Sekisho-Reference is one ticket or case number of at most 200 ASCII characters.",
        )
    return headers[0]
