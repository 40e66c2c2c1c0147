"""Consent receipts: what a member agreed to, in a form that other systems read too."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import receipts
from resolvers.catalogue import Info
from schema.directives import NotPersonal, argument, plain
from schema.scalars import JsonLd

TOLD = NotPersonal(reason="what the member decided, told to them and to privacy officers")


@strawberry.type(
    description=(
        "The receipt of one consent item: a record as ISO/IEC TS 27560 has it, in JSON-LD with the "
        "terms of the Data Privacy Vocabulary 2.3. It says what the version covers that was "
        "consented to, asked for or declined, and every event on the way; what is open to whom "
        "now, `explain` and `asSeenBy` say. The member is in it under their `id` alone."
    ),
    directives=[TOLD],
)
class ConsentReceipt:
    """Issued anew each time it is read."""

    id: strawberry.ID = plain("Opaque, made for one audience; `consentReceipt` takes it.")
    issued_at: datetime = plain("When it was issued: what it says is as of then.")
    record: JsonLd = plain("The receipt, with the consent record as its part.")


ReceiptId = Annotated[
    strawberry.ID,
    argument(
        "The id of a receipt, or of the consent it is about.", "opaque, made for the caller", "id"
    ),
]


async def consent_receipt(info: Info, receipt_id: ReceiptId) -> Any:
    return await receipts.consent_receipt(info._raw_info, receipt_id)  # noqa: SLF001 (there is no other way)
