"""What can be listened to, and how a notice of it looks."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from policy.events import EventKind
from resolvers import changes, entry, own_access, stream
from resolvers.catalogue import Info
from resolvers.changes import ChangeKind
from schema.company import Company
from schema.consent import Consent
from schema.directives import NotPersonal, argument, plain
from schema.disclosure import Disclosure
from schema.document import ConsentItem
from schema.enums import publish
from schema.inputs import given
from schema.member import Member
from schema.purpose import DataCategory
from schema.recorded import RECORDED

OWN = NotPersonal(reason="what happened to the member, told to that member alone")
TOLD = NotPersonal(reason="what the company would have found by asking, told to that company alone")

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

publish(
    ChangeKind,
    "What an event did to what a company may see of a member.",
    {
        ChangeKind.CLOSED: "Something was closed.",
        ChangeKind.STOP: "Something was closed by a stop that the member requested there.",
        ChangeKind.OPENED: "Something was opened, and is open when the notice leaves.",
    },
    name="ConsentChangeKind",
    directive=TOLD,
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
    return await entry.served(info, "me")


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
    happenings: AsyncIterator[Any] = stream.consent_events(info, given(after))
    return happenings  # read by their attributes


@strawberry.type(
    description="That a company may see less, or more, of a member than before.", directives=[TOLD]
)
class ConsentChange:
    """It holds no value."""

    cursor: str = plain("Where to go on after this notice; good for a day.")
    kind: ChangeKind = plain("What happened to what the company may see.")
    at: datetime = plain("When.")
    member_id: strawberry.ID = plain(
        "The member, by the id that the caller knows, also where nothing is found under it now."
    )
    categories: list[DataCategory] = plain(
        "The categories of the values that were closed or opened: others of the same category may "
        "be as they were."
    )


@strawberry.type(
    description="That somebody looked at the member's data, or was refused some of it.",
    directives=[RECORDED],
)
class AccessNotice:
    """What was put on record of it."""

    cursor: str = plain("Where to go on after this notice; good for a day.")
    disclosure: Disclosure = plain("Who received what, for what and on what ground.")


def _access_to_my_data(info: Info, after: After = strawberry.UNSET) -> AsyncIterator[AccessNotice]:
    told: AsyncIterator[Any] = own_access.access_to_my_data(info, given(after))
    return told  # read by their attributes


def _consent_changes(info: Info, after: After = strawberry.UNSET) -> AsyncIterator[ConsentChange]:
    told: AsyncIterator[Any] = changes.consent_changes(info, given(after))
    return told  # read by their attributes


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

    access_to_my_data = strawberry.subscription(
        resolver=_access_to_my_data,
        description=(
            "Who looked at the data of the member who is signed in, for what and on what ground, "
            "within a second of its being put on record; for members alone. Listening is itself "
            "a read of one's own and on record as such; of these reads, by this or another such "
            "stream, there is no notice."
        ),
        directives=[RECORDED],
    )
    consent_changes = strawberry.subscription(
        resolver=_consent_changes,
        description=(
            "What a company may no longer see, or may see anew, for the purpose of the connection, "
            "because of something that happened to a member: of members of whom it received "
            "something, for its systems alone; for a processor, of those of whom it received "
            "something on behalf of its controller. Choices that change nothing for the company "
            "and this purpose are not told, nor is what opens or closes by the clock, by a new "
            "catalogue or with the data itself."
        ),
        directives=[TOLD],
    )
