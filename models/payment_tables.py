"""How members pay, what they paid, and the papers that prove who they are."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Date

from models.columns import personal
from models.provenance import OfContract, below_member, graphql_int
from models.types import TEXT, Instant


class PaymentMethod(OfContract, table=True):
    """A card or a bank account; never its full number."""

    __tablename__ = "payment_method"
    __table_args__: ClassVar = below_member("paymentMethods", "payment_method")

    card_brand: str | None = personal("paymentMethods.cardBrand", TEXT)
    card_last4: str | None = personal("paymentMethods.cardLast4", TEXT)
    card_expiry: str | None = personal("paymentMethods.cardExpiry", TEXT)
    bank_account_masked: str | None = personal("paymentMethods.bankAccountMasked", TEXT)


class Payment(OfContract, table=True):
    """A payment made."""

    __tablename__ = "payment"
    __table_args__: ClassVar = below_member("payments", "payment")

    amount: int | None = personal("payments.amount", BigInteger, graphql_int("amount"))
    at: datetime | None = personal("payments.at", Instant)
    method: str | None = personal("payments.method", TEXT)


class IdentityDocument(OfContract, table=True):
    """A paper that was shown, with what stands on it."""

    __tablename__ = "identity_document"
    __table_args__: ClassVar = below_member("identityDocuments", "identity_document")

    type: str | None = personal("identityDocuments.type", TEXT)
    number: str | None = personal("identityDocuments.number", TEXT)
    verified_at: datetime | None = personal("identityDocuments.verifiedAt", Instant)
    full_name: str | None = personal("identityDocuments.fullName", TEXT)
    birth_date: date | None = personal("identityDocuments.birthDate", Date)
    address: str | None = personal("identityDocuments.address", TEXT)
