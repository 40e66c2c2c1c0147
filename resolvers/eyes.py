"""Eyes: through whose view a request reads, and for whom the ids that it sees are made."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from models.view import View
from policy.errors import ErrorCode, PrivacyError
from policy.grant import Asker, Grants
from policy.requester import Requester, Role
from policy.vocabulary import AUDIT, SUBJECT_REQUEST


@dataclass(frozen=True, slots=True)
class Eyes:
    """What can be seen, and the party for whom the ids and cursors seen are made."""

    view: View
    audience: str
    until: datetime
    """The end of the epoch that the view holds for."""


_view = lru_cache(maxsize=1024)(View)
"""What was made for a view is found sooner by the same one than by one that is equal."""


def eyes_at(requester: Requester, purpose: str | None, grants: Grants, at: datetime) -> Eyes:
    """Give a requester's own eyes. Raises PURPOSE_REQUIRED where a company states none."""
    epoch, until = grants.epoch(at)
    match requester.role:
        case Role.MEMBER:
            asker = Asker(None, subject_self=True)
            view = _view(grants, asker, SUBJECT_REQUEST, epoch)
        case Role.OFFICER:
            office = requester.company or ""
            view = _view(grants, Asker(office), AUDIT, epoch, office)
        case Role.SERVICE | Role.ANALYST:
            if purpose is None:
                raise PrivacyError(
                    ErrorCode.PURPOSE_REQUIRED,
                    "Personal data is read for exactly one purpose: "
                    "send its id in the header Sekisho-Purpose.",
                )
            asker = Asker(requester.company, requester.on_behalf_of)
            view = _view(grants, asker, purpose, epoch)
    return Eyes(view, requester.audience, until)
