"""What can go wrong between Sekisho and its callers, each with a stable code."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """`errors[].extensions.code` of the API."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    PURPOSE_REQUIRED = "PURPOSE_REQUIRED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"
    PURPOSE_NOT_ALLOWED = "PURPOSE_NOT_ALLOWED"
    FIELD_NEVER_OPEN = "FIELD_NEVER_OPEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_CURSOR = "BAD_CURSOR"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    OPERATION_NOT_TRUSTED = "OPERATION_NOT_TRUSTED"
    LEDGER_UNAVAILABLE = "LEDGER_UNAVAILABLE"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    CATALOGUE_CHANGED = "CATALOGUE_CHANGED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class PrivacyError(Exception):
    """A refusal: the whole request is answered with this code and no data.

    `message` is a sentence for the caller that says what to do. INVARIANT: it depends on the
    request, the token and the catalogue alone, never on a stored value.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class StartUpError(Exception):
    """What stops the start: the message says what is wrong and what to do."""
