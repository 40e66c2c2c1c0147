"""One operation, whichever way it came: whose it is, and its answer, recorded before it leaves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from strawberry.types import ExecutionResult

from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester, Role
from resolvers.context import Context
from resolvers.places import Places
from resolvers.snapshot import Snapshot
from server.checkpoint import Checkpoint
from server.disclosures import entry_of, privacy_of
from server.identity import check_listed
from server.purposes import purpose_of
from server.refusals import BadRequest, check_result

MAX_BODY = 1024 * 1024
MAX_DEPTH = 64
"""Of the values of variables, which are coerced level by level."""

_REFERENCE = re.compile(r"[ -~]{1,200}")


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller says beside its operation: all values of each header, or of the opening."""

    authorization: Sequence[str]
    purposes: Sequence[str]
    references: Sequence[str]
    explain: Sequence[str] = ()
    in_a_url: bool = False
    """Operands would land in proxy logs."""


async def caller_of(here: Checkpoint, said: Said, at: datetime) -> Requester:
    """Who asks. Raises Unauthenticated."""
    requester = await here.identity.requester(said.authorization)
    check_listed(requester, here.catalogue, at)
    return requester


def context_of(
    here: Checkpoint, said: Said, requester: Requester, asked_at: datetime, decision_id: str
) -> Context:
    """For what, as of when: fixed before anything of the operation is read. Raises PrivacyError."""
    held = here.versions.held
    return Context(
        requester=requester,
        purpose=purpose_of(said.purposes, requester, here.catalogue, asked_at),
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
        reference=_reference(said.references),
        refuse_operands=said.in_a_url,
        places=_places(said.explain, requester),
    )


async def begin(here: Checkpoint, said: Said) -> Context:
    """An operation, or an event of one, that begins now. Raises PrivacyError."""
    asked_at = here.clock()
    requester = await caller_of(here, said, asked_at)
    return context_of(here, said, requester, asked_at, here.ids())


async def recorded(here: Checkpoint, context: Context, result: ExecutionResult) -> ExecutionResult:
    """The answer that may leave. Raises Refused if anything went wrong.

    Raises PrivacyError(LEDGER_UNAVAILABLE) where no record of it can be made.
    """
    check_result(result)
    # INVARIANT: the entry is durable before the first byte of the answer leaves.
    if entry := entry_of(context):
        await here.ledger.append(entry)
    result.extensions = {"privacy": privacy_of(context)} if context.disclosures else None
    return result


def shallow(variables: dict[str, Any] | None) -> dict[str, Any] | None:
    """The variables, unless they hold lists and objects in one another too deep to be coerced."""
    level: list[Any] = [variables or {}]
    for _ in range(MAX_DEPTH + 1):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for each in inner for part in each if isinstance(part, dict | list)]
        if not level:
            return variables
    message = f"Variables hold lists and objects in one another at most {MAX_DEPTH} levels deep."
    raise BadRequest(message, 400, ErrorCode.LIMIT_EXCEEDED)


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
