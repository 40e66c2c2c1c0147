"""Where a member's consents stand, and what happened to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry

from policy.events import EventKind
from policy.vocabulary import ConsentState
from resolvers import receipts
from schema.directives import NotPersonal, plain
from schema.document import ConsentItem, PolicyVersion
from schema.enums import ConsentLevel, publish
from schema.receipt import ConsentReceipt

STANDING = NotPersonal(reason="the member's own choices, told to them and to privacy officers")

publish(
    ConsentState,
    "Where a consent item stands.",
    {
        ConsentState.NONE: "Never shown.",
        ConsentState.PRESENTED: "Shown, and not answered.",
        ConsentState.DEEMED: "Deemed given by first use.",
        ConsentState.GRANTED: "Given by an act of the member.",
        ConsentState.REFUSED: "Refused.",
        ConsentState.DEFERRED: "Put off.",
        ConsentState.WITHDRAWN: "Given once, and taken back.",
        ConsentState.SUSPENDED: "Held by a privacy officer.",
        ConsentState.INVALIDATED: "Declared void by a privacy officer.",
        ConsentState.EXPIRED: "Its term is over.",
        ConsentState.SUPERSEDED: "Given to an earlier version: covers what that one said.",
        ConsentState.ENDED: "Given once; ended with the account.",
    },
    directive=STANDING,
)

_ACTS = {
    EventKind.PRESENTED: "It was shown.",
    EventKind.DEEMED: "It was deemed given by first use.",
    EventKind.GRANTED: "The member gave it.",
    EventKind.REFUSED: "The member refused.",
    EventKind.DEFERRED: "The member put the answer off.",
    EventKind.WITHDRAWN: "The member took it back.",
    EventKind.SUSPENDED: "A privacy officer held it.",
    EventKind.REINSTATED: "A privacy officer let it stand again.",
    EventKind.INVALIDATED: "A privacy officer declared it void.",
    EventKind.NOTIFIED: "The member was told of an editorial version that carries it over.",
}
_enum: Any = StrEnum
ConsentAct: Any = _enum("ConsentAct", {str(kind): str(kind) for kind in _ACTS})
publish(
    ConsentAct,
    "What can happen to a consent item.",
    {ConsentAct[str(kind)]: meaning for kind, meaning in _ACTS.items()},
    directive=STANDING,
)


@strawberry.type(description="Something that happened to a consent item.", directives=[STANDING])
class ConsentEvent:
    """On record, whether or not it changed how the item stands."""

    kind: str = strawberry.field(graphql_type=ConsentAct, description="What happened.")
    at: datetime = plain("When.")
    version: PolicyVersion | None = plain("The version it was about; null where it named none.")


@strawberry.type(description="Where one consent item of a member stands.", directives=[STANDING])
class Consent:
    """As the member's events fold."""

    id: strawberry.ID = plain(
        "Opaque, made for one audience; `consentReceipt` takes it.", receipts.consent_id
    )
    item: ConsentItem = plain("The item.")
    state: ConsentState = plain("Where it stands.")
    version: PolicyVersion | None = plain("The version consented to; null where none is.")
    level: ConsentLevel = plain("How strong the consent is.")
    since: datetime | None = plain("When it came to stand so; null if nothing ever happened.")
    valid_until: datetime | None = plain("When its term ends; null = open.")
    history: list[ConsentEvent] = plain("What happened to it, oldest first.")
    receipt: ConsentReceipt = plain(
        "Its receipt, to keep or to hand on; issued with this answer.", receipts.receipt
    )
