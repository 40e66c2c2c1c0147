"""Through whose eyes a request reads: its role, company and stated purpose as a view."""

from models.view import View
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers.context import Context
from resolvers.eyes import Eyes, eyes_at


def eyes_of(context: Context) -> Eyes:
    """Give the caller's own eyes. Raises PURPOSE_REQUIRED where a company states none."""
    eyes, at = context.eyes, context.asked_at
    if eyes is None or not eyes.view.at <= at < eyes.until:
        eyes = context.eyes = eyes_at(context.requester, context.purpose, context.grants, at)
    return eyes


def view_of(context: Context) -> View:
    """Give the view of this request. Raises PURPOSE_REQUIRED where a company states none."""
    return eyes_of(context).view


def account_company(context: Context) -> str:
    """Give the company whose account ids the caller uses: a processor's are its controller's."""
    requester = context.requester
    company = requester.on_behalf_of or requester.company
    if requester.role not in {Role.SERVICE, Role.ANALYST} or company is None:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "memberByAccount is for companies; ask for member(id:) or me."
        )
    return company


def refuse_officers(context: Context) -> None:
    """Raise FORBIDDEN: an officer looks at one member at a time."""
    if context.requester.role is Role.OFFICER:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "Officers cannot list members; ask for member(id:)."
        )
