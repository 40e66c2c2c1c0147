"""Records of provision and of receipt, as the law asks for them (art. 29, 30)."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import records
from resolvers.catalogue import Info
from schema.company import Label
from schema.consent import ConsentAct
from schema.directives import argument, narrowing, plain
from schema.disclosure import ONE_MEMBER, After, First, asked
from schema.enums import ConsentLevel
from schema.recorded import (
    RECORDED,
    RecordedCompany,
    RecordedName,
    RecordedProvision,
    Recordings,
)


@strawberry.type(
    description="How a provider acquired what it provided (取得の経緯).", directives=[RECORDED]
)
class AcquisitionCircumstance:
    """As the stored value says it."""

    source: str = plain("From where.")
    channel: str | None = plain("By which channel; null where nothing says.")


@strawberry.type(
    description="A consent that the provision rested on, and the event that it stood by.",
    directives=[RECORDED],
)
class RecordedConsent:
    """Told from the member's events up to the moment."""

    id: strawberry.ID = plain("The event's id: opaque, made for one audience.")
    item: RecordedName | None = plain("The consent item; null for the consent to a country.")
    country: str | None = plain("The country consented to (art. 28); null for an item.")
    kind: str | None = strawberry.field(
        graphql_type=ConsentAct | None,
        description="What happened to the item, that it stood; null for the consent to a country.",
    )
    level: ConsentLevel = plain("How strong it was.")
    version: str | None = plain("Key of the version consented to.")
    consented_at: datetime = plain("When it was given.")


@strawberry.type(directives=[RECORDED])
class _Record:
    """What both kinds of record say."""

    id: strawberry.ID = plain("Opaque, made for one audience.")
    month: str = plain("The month that it sums up, in UTC: `2026-06`.")
    provider: RecordedCompany = plain("Who had acquired the values that were provided.")
    held_by: RecordedCompany = plain("Who held them then: the provider, or who succeeded it.")
    recipient: RecordedCompany = plain("Who received, the controller where a processor asked.")
    via: RecordedCompany | None = plain("The processor that asked; null where none did.")
    country: str | None = plain("Where the recipient is; null where unknown.")
    member_id: strawberry.ID | None = plain(
        "Whom it is about, by the id that the caller knows; null to officers, who are told numbers."
    )
    member_count: int | None = plain(
        "To officers: about how many members such records are, rounded down to tens, null below."
    )
    items: list[str] | None = plain(
        "The items, by their path from Member; empty = the member as such. Null to officers who "
        "name no member."
    )
    categories: list[Label] = plain("What kinds of data the items are.")
    circumstances: list[AcquisitionCircumstance] | None = plain(
        "How the provider had acquired them, as it states; null to officers who name no member."
    )
    purposes: list[RecordedName] | None = plain("For what; null to officers who name no member.")
    provision: RecordedProvision | None = plain(
        "What opened them; null where the member was returned as such."
    )
    consented: bool = plain("Whether it rested on the member's consent, which stood.")
    consents: list[RecordedConsent] | None = plain(
        "The consents relied on, at the first provision and at the last; none once the member's "
        "log is erased, null to officers who name no member."
    )
    first_at: datetime = plain("The first provision of the month.")
    last_at: datetime = plain("The last provision of the month.")
    number: int | None = plain(
        "How many decisions it sums up; null to officers who name no member."
    )
    statutory: bool = plain("Whether the law demands the record.")
    kept_until: datetime = plain("Until when it is kept at least: three years after the last.")
    policy_version: str | None = plain(
        "The version of the catalogue at the last provision; null to officers who name no member."
    )
    sentence: Label = plain("All of it in plain words.")


@strawberry.type(
    description=(
        "A provision record (提供記録): what one company was given of one member by another under "
        "one provision in one month. Its provider lists it, and so does its member."
    ),
    directives=[RECORDED],
)
class ProvisionRecord(_Record):
    """Art. 29."""


@strawberry.type(
    description=(
        "A receipt record (受領記録): what one company received of one member from another under "
        "one provision in one month. Its recipient lists it, and so does its member."
    ),
    directives=[RECORDED],
)
class ReceiptRecord(_Record):
    """Art. 30."""


@strawberry.input(
    description="Narrows a list of records: all that is given must hold.", directives=[RECORDED]
)
class RecordFilter:
    """What is left out or null narrows nothing."""

    providers: list[strawberry.ID] | None = narrowing("Keys of companies: any of them provided.")
    recipients: list[strawberry.ID] | None = narrowing(
        "Keys of companies: any of them received, itself or by a processor."
    )
    provision: strawberry.ID | None = narrowing("Key of the provision that opened the items.")
    statutory: bool | None = narrowing("Whether the law demands the record.")
    since: datetime | None = narrowing(
        "Provided last at this instant or later; officers count whole months."
    )
    until: datetime | None = narrowing(
        "Provided first before this instant; officers count whole months."
    )
    member_id: strawberry.ID | None = narrowing(ONE_MEMBER)


Narrowed = Annotated[
    RecordFilter | None,
    argument("Only those of which all of this holds.", RECORDED.reason, "filter"),
]


async def provision_records(
    info: Info,
    narrowed: Narrowed = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Recordings[ProvisionRecord]:
    """List what the caller provided, or what of the member was."""
    found: Any = await records.records(
        info.context, asked(records.PROVISION, narrowed, first, after)
    )
    listed: Recordings[ProvisionRecord] = found
    return listed


async def receipt_records(
    info: Info,
    narrowed: Narrowed = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Recordings[ReceiptRecord]:
    """List what the caller received, or what of the member was."""
    found: Any = await records.records(info.context, asked(records.RECEIPT, narrowed, first, after))
    listed: Recordings[ReceiptRecord] = found
    return listed
