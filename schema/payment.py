"""How a member pays, what was paid, and the papers that prove who they are."""

from datetime import date, datetime
from typing import ClassVar

import strawberry

from schema.directives import personal
from schema.provenance import Provenance


@strawberry.type(description="A card or a bank account; never its full number.")
class PaymentMethod(Provenance):
    """The bank account is more restricted than the card."""

    relation: ClassVar = "paymentMethods"

    card_brand: str | None = personal("The brand of the card.")
    card_last4: str | None = personal("The last four digits of the card.")
    card_expiry: str | None = personal("When the card ends: MM/YY.")
    bank_account_masked: str | None = personal("The bank account, its number masked.")


@strawberry.type(description="A payment made.")
class Payment(Provenance):
    """An entry of the payment history."""

    relation: ClassVar = "payments"

    amount: int | None = personal("How much, in yen.")
    at: datetime | None = personal("When it was paid.")
    method: str | None = personal("By what.")


@strawberry.type(description="A paper that was shown to prove the identity.")
class IdentityDocument(Provenance):
    """With what stands on it, whatever the account says."""

    relation: ClassVar = "identityDocuments"

    type: str | None = personal("What paper it is.")
    number: str | None = personal("Its number.")
    verified_at: datetime | None = personal("When it was verified.")
    full_name: str | None = personal("The name on it.")
    birth_date: date | None = personal("The day of birth on it.")
    address: str | None = personal("The address on it.")
