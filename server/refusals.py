"""How a refusal looks to the caller: a code, a sentence that helps, and nobody's data.

INVARIANT: no text here comes from a value, an operand or a Python exception. What graphql-core
says of names in the schema and the query is passed on; what it says of values is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    ObjectFieldNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
)
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from models.outage import is_outage
from policy.errors import ErrorCode, PrivacyError

STATUSES: Mapping[ErrorCode, int] = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.PURPOSE_NOT_ALLOWED: 403,
    ErrorCode.OPERATION_NOT_TRUSTED: 403,
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
    ErrorCode.LEDGER_UNAVAILABLE: 503,
    ErrorCode.DATABASE_UNAVAILABLE: 503,
    ErrorCode.CATALOGUE_CHANGED: 503,
}
"""Of every other code: 400."""
SOON: Mapping[ErrorCode, int] = {
    ErrorCode.LEDGER_UNAVAILABLE: 1,
    ErrorCode.DATABASE_UNAVAILABLE: 1,
    ErrorCode.CATALOGUE_CHANGED: 1,
}
"""Seconds after which what is not there just now may be back."""
FAULTS = {
    ErrorCode.INTERNAL_SERVER_ERROR,
    ErrorCode.LEDGER_UNAVAILABLE,
    ErrorCode.DATABASE_UNAVAILABLE,
}
"""Why, the operator has to know."""

INTERNAL = (
    "Something went wrong here, and nothing was disclosed. Try again; if it stays, give the "
    "correlation id to the operator."
)
UNREACHABLE = "The database cannot be reached. Try again; nothing was disclosed."
UNSETTLED = (
    "The database cannot be reached, and nothing was disclosed. What was to be changed may have "
    "changed, or not: try again with the same idempotencyKey."
)
"""A transaction that was cut off may have been committed."""

NO_QUERY = "Send a GraphQL document as `query`."
NO_SUCH_OPERATION = "The document has no such operation."


class BadRequest(PrivacyError):
    """A request that HTTP has a status of its own for."""

    def __init__(
        self, message: str, status: int = 400, code: ErrorCode = ErrorCode.BAD_USER_INPUT
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.retry_after: int | None = None
        """Seconds, where the same request may be answered later."""


@dataclass(frozen=True, slots=True)
class Told:
    """One error as the caller is told it."""

    code: ErrorCode
    message: str
    places: tuple[tuple[int, int], ...] = ()
    """(line, column) in the query."""
    status: int = 0
    of_document: bool = False
    """It is the document, or what was given for its variables, that does not do."""
    seconds: int | None = None
    """After which the same may be asked again, where it is not the code that says so."""

    @property
    def http_status(self) -> int:
        return self.status or STATUSES.get(self.code, 400)

    @property
    def retry_after(self) -> int | None:
        return self.seconds or SOON.get(self.code)


class Refused(Exception):
    """The whole request is answered with these errors and no data."""

    def __init__(self, errors: Sequence[Told], faults: Sequence[BaseException] = ()) -> None:
        super().__init__()
        self.errors = errors
        self.faults = faults
        """What was not expected, for the log."""

    @property
    def status(self) -> int:
        return max(error.http_status for error in self.errors)

    @property
    def of_document(self) -> bool:
        """Whether the request was a good one, of a document that is none."""
        return all(error.of_document for error in self.errors)

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same may be asked again, where that is known."""
        return max((error.retry_after or 0 for error in self.errors), default=0) or None

    def body(self, correlation_id: str) -> Mapping[str, object]:
        """The response: `errors` alone."""
        return {"errors": [_formatted(error, correlation_id) for error in self.errors]}


def refused_by(refusal: PrivacyError) -> Refused:
    """The response to a refusal of our own."""
    faults = [refusal] if refusal.code in FAULTS else []
    return Refused([_told_by(refusal)], faults)


def refused_with(fault: BaseException) -> Refused:
    """The response to what was not expected."""
    return Refused([_unexpected(fault)], [fault])


def refused_before(error: GraphQLError) -> Refused:
    """The response to a document that was not executed."""
    return Refused([_told(error, before_execution=True)])


def check_result(result: ExecutionResult, most: int, *, changing: bool = False) -> None:
    """Raise Refused if anything at all went wrong: an answer is whole or it is none.

    `most` errors are told, the first of the query. `changing` is what may have changed something.
    """
    if not result.errors:
        return
    before = isinstance(result, PreExecutionError)
    told = [_told(error, before_execution=before, changing=changing) for error in result.errors]
    faults = [
        error.original_error or error
        for error, said in zip(result.errors, told, strict=True)
        if said.code in FAULTS
    ]
    # Entries run side by side: told in the order of the query, not of their failing.
    raise Refused(
        sorted(set(told), key=lambda said: (said.places, said.message))[:most], faults[:most]
    )


def _unexpected(fault: BaseException, *, changing: bool = False) -> Told:
    if not is_outage(fault):
        return Told(ErrorCode.INTERNAL_SERVER_ERROR, INTERNAL)
    return Told(ErrorCode.DATABASE_UNAVAILABLE, UNSETTLED if changing else UNREACHABLE)


def _told(error: GraphQLError, *, before_execution: bool, changing: bool = False) -> Told:
    places = tuple((place.line, place.column) for place in error.locations or ())
    node = error.nodes[0] if error.nodes else None
    match error.original_error:
        case PrivacyError() as refusal:
            return _told_by(refusal, places)
        case None | GraphQLError():
            pass
        case CannotGetOperationTypeError():
            return Told(ErrorCode.BAD_USER_INPUT, NO_SUCH_OPERATION)
        case MissingQueryError():
            return Told(ErrorCode.BAD_USER_INPUT, NO_QUERY)
        case fault if not isinstance(node, VariableDefinitionNode):
            return _unexpected(fault, changing=changing)
    if isinstance(error, GraphQLSyntaxError):
        return Told(
            ErrorCode.GRAPHQL_PARSE_FAILED,
            f"The query does not parse{_at(places)}.",
            places,
            of_document=True,
        )
    if isinstance(node, VariableDefinitionNode) and not before_execution:
        name = node.variable.name.value
        return Told(
            ErrorCode.BAD_USER_INPUT,
            f"The variable `${name}` does not fit its type: see /schema.graphql.",
            places,
            of_document=True,
        )
    if before_execution:
        code, text = ErrorCode.GRAPHQL_VALIDATION_FAILED, _of_names(error, places)
        return Told(code, text, places, of_document=True)
    if isinstance(node, ValueNode):
        return Told(
            ErrorCode.BAD_USER_INPUT,
            f"An argument has no value that fits its type{_at(places)}: see /schema.graphql.",
            places,
        )
    return Told(ErrorCode.INTERNAL_SERVER_ERROR, INTERNAL)


def _told_by(refusal: PrivacyError, places: tuple[tuple[int, int], ...] = ()) -> Told:
    told = Told(refusal.code, refusal.message, places)
    if isinstance(refusal, BadRequest):
        return replace(told, status=refusal.status, seconds=refusal.retry_after)
    return told


def _of_names(error: GraphQLError, places: tuple[tuple[int, int], ...]) -> str:
    """What validation says, unless it is about a value, and without its guesses."""
    if any(_is_value(node) for node in error.nodes or ()):
        return f"A value does not fit its type{_at(places)}: see /schema.graphql."
    return error.message.partition(" Did you mean")[0]


def _is_value(node: Node) -> bool:
    return isinstance(node, ValueNode | ObjectFieldNode) and not isinstance(node, VariableNode)


def _at(places: Iterable[tuple[int, int]]) -> str:
    return "".join(f" at line {line}, column {column}" for line, column in list(places)[:1])


def _formatted(error: Told, correlation_id: str) -> Mapping[str, object]:
    formatted: dict[str, object] = {"message": error.message}
    if error.places:
        formatted["locations"] = [{"line": line, "column": column} for line, column in error.places]
    extensions: dict[str, object] = {"code": error.code, "correlationId": correlation_id}
    if error.retry_after is not None:
        extensions["retryAfter"] = error.retry_after
    return formatted | {"extensions": extensions}
