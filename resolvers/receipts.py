"""Consent receipts: what a member agreed to or declined, as an ISO/IEC TS 27560 record.

JSON-LD with the terms of DPV 2.3. The only value of the member in it is the id under which its
reader knows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo

from policy.errors import ErrorCode, PrivacyError
from policy.requester import Role
from resolvers.actor import oneself
from resolvers.consents import Consent, consents_about
from resolvers.context import Context
from resolvers.jsonld import CONTEXT, instant
from resolvers.operands import in_a_url
from resolvers.receipt_record import SCHEMA, Desk, Record
from resolvers.seal import Unsealed
from resolvers.subject import not_an_id

CONSENT, RECEIPT = "Consent", "ConsentReceipt"

Info = strawberry.Info[Context, None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of one consent item, as it is issued now."""

    id: str
    issued_at: datetime
    consent: Consent
    record: Mapping[str, Any]


def consent_id(root: strawberry.Parent[Consent], info: Info) -> str:
    """Give the consent's id for its reader."""
    return info.context.seal.node_id(root.audience, CONSENT, root.member, root.item.key)


def receipt(root: strawberry.Parent[Consent], info: Info) -> Receipt:
    """Issue the receipt of a consent that was read, on record, for this reader."""
    return issued(Desk.of(info.context), root)


async def consent_receipt(info: GraphQLResolveInfo[Context], token: str) -> Receipt | None:
    """Issue the receipt with this id, or of the consent with this id, to the member or an officer.

    Raises FORBIDDEN for companies, BAD_USER_INPUT for what is no such id of the caller's. It is a
    read about the member, recorded as their consents are. None for an item that is no more.
    """
    context = info.context
    requester = context.requester
    if requester.role not in {Role.MEMBER, Role.OFFICER}:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "Consent receipts are for members, and for privacy officers."
        )
    member, item = _opened(context, token)
    if requester.role is Role.MEMBER:
        reader = await oneself(context)
        if not reader.trusted or reader.member != member:
            raise not_an_id()
    consents = await consents_about(context, member)
    if consents is None:
        raise not_an_id()
    desk = Desk.of(context)
    return next((issued(desk, each) for each in consents if each.item.key == item), None)


def _opened(context: Context, token: str) -> tuple[str, str]:
    if context.refuse_operands:
        raise in_a_url("An id")
    try:
        kind, member, item = context.seal.open_node_id(context.requester.audience, token)
    except (Unsealed, ValueError):
        kind = member = item = ""
    if kind not in {CONSENT, RECEIPT}:
        raise not_an_id()
    return member, item


def issued(desk: Desk, consent: Consent) -> Receipt:
    """Issue a receipt: a copy of the record as it is now, under a number of its own."""
    seal, key = desk.seal, (consent.member, consent.item.key)
    number = seal.uuid(consent.audience, RECEIPT, *key, desk.decision_id)
    return Receipt(
        id=seal.node_id(consent.audience, RECEIPT, *key),
        issued_at=desk.at,
        consent=consent,
        record={
            "@context": CONTEXT,
            "@id": f"urn:uuid:{number}",
            "@type": "dpv:ConsentReceipt",
            "dct:identifier": number,
            "dct:conformsTo": f"{SCHEMA}receipt",
            "dct:issued": instant(desk.at),
            "dct:hasPart": Record(desk, consent).node(),
        },
    )
