"""Through whose eyes a request reads: its role, company and stated purpose as a view."""

from dataclasses import dataclass

from models.view import View
from policy.errors import ErrorCode, PrivacyError
from policy.grant import Asker
from policy.requester import Role
from policy.vocabulary import AUDIT, SUBJECT_REQUEST
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Eyes:
    """What can be seen, and the party for whom the ids and cursors seen are made."""

    view: View
    audience: str


def eyes_of(context: Context) -> Eyes:
    """Give the caller's own eyes. Raises PURPOSE_REQUIRED where a company states none."""
    return Eyes(view_of(context), context.requester.audience)


def view_of(context: Context) -> View:
    """Give the view of this request. Raises PURPOSE_REQUIRED where a company states none."""
    requester = context.requester
    epoch, _ = context.grants.epoch(context.asked_at)
    match requester.role:
        case Role.MEMBER:
            asker = Asker(None, subject_self=True)
            return View(context.grants, asker, SUBJECT_REQUEST, epoch)
        case Role.OFFICER:
            office = requester.company or ""
            return View(context.grants, Asker(office), AUDIT, epoch, office)
        case Role.SERVICE | Role.ANALYST:
            if context.purpose is None:
                raise PrivacyError(
                    ErrorCode.PURPOSE_REQUIRED,
                    "Personal data is read for exactly one purpose: "
                    "send its id in the header Sekisho-Purpose.",
                )
            asker = Asker(requester.company, requester.on_behalf_of)
            return View(context.grants, asker, context.purpose, epoch)


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
