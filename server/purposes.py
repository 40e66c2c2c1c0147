"""For what a request is made: the header `Sekisho-Purpose` against what the caller may name."""

from collections.abc import Sequence
from datetime import datetime

from policy.allow_list import expand
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester
from server.identity import IMPLIED

HEADER = "Sekisho-Purpose"


def purpose_of(
    headers: Sequence[str], requester: Requester, catalogue: Catalogue, at: datetime
) -> str | None:
    """The one purpose of the operation; None where a company named none. Raises PrivacyError.

    `headers` are all values of the header, in order.
    """
    implied = IMPLIED.get(requester.role)
    if not headers:
        return implied
    purpose = _only(headers)
    # INVARIANT: unknown is tested before not allowed, so that a wrong id is told as such.
    known = catalogue.purposes.get(purpose)
    if known is None or known.registered_at > at:
        raise PrivacyError(
            ErrorCode.PURPOSE_UNKNOWN,
            f"No purpose of the catalogue has the id in {HEADER}: the query "
            "`{ purposes { key } }` lists them.",
        )
    if implied is not None:
        return _implied(purpose, implied)
    allowed = requester.purposes
    if purpose not in allowed and purpose not in expand(allowed, catalogue, at):
        raise PrivacyError(
            ErrorCode.PURPOSE_NOT_ALLOWED,
            f"The token does not allow the purpose in {HEADER}: the query "
            "`{ viewer { purposes } }` lists those that it does.",
        )
    return purpose


def _only(headers: Sequence[str]) -> str:
    purpose = headers[0].strip(" \t")
    if len(headers) > 1 or "," in purpose or not purpose:
        raise PrivacyError(
            ErrorCode.PURPOSE_REQUIRED,
            f"Name exactly one purpose in {HEADER}: an operation has one purpose.",
        )
    return purpose


def _implied(purpose: str, implied: str) -> str:
    if purpose != implied:
        raise PrivacyError(
            ErrorCode.PURPOSE_NOT_ALLOWED,
            f"This role acts for `{implied}` alone: leave {HEADER} out.",
        )
    return purpose
