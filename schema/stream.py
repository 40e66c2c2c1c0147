"""What can be listened to, and how a notice of it looks."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from policy.events import EventKind
from resolvers import entry, stream
from resolvers.catalogue import Info
from schema.company import Company
from schema.consent import Consent
from schema.directives import NotPersonal, argument, plain
from schema.document import ConsentItem
from schema.enums import publish
from schema.member import Member

OWN = NotPersonal(reason="what happened to the member, told to that member alone")

_KINDS = {
    EventKind.PRESENTED: "A consent item was shown.",
    EventKind.DEEMED: "A consent was deemed given by first use.",
    EventKind.GRANTED: "A consent was given.",
    EventKind.REFUSED: "A consent was refused.",
    EventKind.DEFERRED: "The answer was put off.",
    EventKind.WITHDRAWN: "A consent was taken back.",
    EventKind.SUSPENDED: "A privacy officer held a consent.",
    EventKind.REINSTATED: "A privacy officer let a consent stand again.",
    EventKind.INVALIDATED: "A privacy officer declared a consent void.",
    EventKind.ACCOUNT_OPENED: "The account was opened.",
    EventKind.ACCOUNT_CLOSED: "The account was closed.",
    EventKind.LINKED: "An account at a company was linked.",
    EventKind.UNLINKED: "The account at a company was unlinked.",
    EventKind.USED: "The ID was used at a company.",
    EventKind.NOTIFIED: "The member was notified of a purpose.",
    EventKind.MAIL_PREFERENCE: "A wish about a sender's mail was recorded.",
    EventKind.ADS_PREFERENCE: "A wish about advertising was recorded.",
    EventKind.STOP_REQUESTED: "A company was asked to stop using data.",
    EventKind.STOP_LIFTED: "A stop was lifted.",
    EventKind.OVERSEAS_CONSENTED: "A provision to a country was consented to.",
    EventKind.OVERSEAS_WITHDRAWN: "The consent to a country was taken back.",
    EventKind.INCIDENT_OPENED: "An incident at a company was opened.",
    EventKind.INCIDENT_CLOSED: "An incident at a company was closed.",
    EventKind.GUARDIAN_REGISTERED: "A guardian was registered.",
    "CARRIED_OVER": "An editorial version took the place of the one consented to.",
}
_enum: Any = StrEnum
NoticeKind: Any = _enum("NoticeKind", {str(kind): str(kind) for kind in _KINDS})
publish(
    NoticeKind,
    "What can happen to a member.",
    {NoticeKind[str(kind)]: meaning for kind, meaning in _KINDS.items()},
    directive=OWN,
)

After = Annotated[
    str | None,
    argument(
        "The cursor of the last notice that was received: what came after it follows; "
        "left out = from now on.",
        "opaque, made for the caller",
    ),
]


async def _member(info: Info) -> Any:
    return await entry.me(info)


@strawberry.type(description="Something that happened to the member.", directives=[OWN])
class ConsentNotice:
    """Everything beside what happened is read when the notice leaves."""

    cursor: str = plain("Where to go on after this notice; good for a day.")
    kind: str = strawberry.field(graphql_type=NoticeKind, description="What happened.")
    at: datetime = plain("When.")
    item: ConsentItem | None = plain("The consent item it was about; null where it was none.")
    company: Company | None = plain("The company it was about; null where it was none.")
    consent: Consent | None = plain(
        "Where the item stands now, which may be further on than this notice.", stream.consent
    )
    member: Member | None = plain("The member as of now.", _member)


def _consent_events(info: Info, after: After = strawberry.UNSET) -> AsyncIterator[ConsentNotice]:
    given = None if after is strawberry.UNSET else after
    happenings: AsyncIterator[Any] = stream.consent_events(info, given)
    return happenings  # read by their attributes


@strawberry.type(description="What can be listened to, over WebSocket (graphql-transport-ws).")
class Subscription:
    """The roots that go on answering."""

    consent_events = strawberry.subscription(
        resolver=_consent_events,
        description=(
            "What happens to the consents of the member who is signed in, as it happens, with "
            "links, stops and preferences; for members alone."
        ),
        directives=[OWN],
    )
