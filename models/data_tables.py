"""Tables that hold personal data: the account's scalars and one table per row type."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Date, Index
from sqlmodel import SQLModel

from models.columns import not_personal, personal
from models.types import TEXT, Instant, Words
from policy.vocabulary import FOREVER, RowFact

MEMBER = "the internal key of a member, never shown"
WHO = "provenance: the responsible manager"
HOW = "provenance: where the value came from"
RULE = "a fact the rule reads, never shown by itself"


def graphql_int(column: str) -> CheckConstraint:
    """Only what GraphQL's Int can say, since nothing coerces it on the way out."""
    return CheckConstraint(
        f"{column} BETWEEN -2147483648 AND 2147483647", name=f"{column}_is_graphql_int"
    )


GENDERS = ("FEMALE", "MALE", "OTHER")
EKYC_STATUSES = ("UNVERIFIED", "PENDING", "VERIFIED", "REJECTED", "EXPIRED")


def one_of(column: str, words: Sequence[str]) -> CheckConstraint:
    """Only the words of the enum that shows it."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_a_word")


class Account(SQLModel, table=True):
    """The account's own values, acquired by rakuten_group for every member."""

    __tablename__ = "account"
    __table_args__: ClassVar = {"info": {"relation": ""}}

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    login_name: str | None = personal("loginName", TEXT)
    login_email: str | None = personal("loginEmail", TEXT)
    last_login_at: datetime | None = personal("lastLoginAt", Instant)
    full_name: str | None = personal("fullName", TEXT)
    full_name_kana: str | None = personal("fullNameKana", TEXT)
    birth_date: date | None = personal("birthDate", Date)
    gender: str | None = personal("gender", TEXT, one_of("gender", GENDERS))
    postal_code: str | None = personal("postalCode", TEXT)
    prefecture: str | None = personal("prefecture", TEXT)
    city: str | None = personal("city", TEXT)
    address_line: str | None = personal("addressLine", TEXT)
    phone: str | None = personal("phone", TEXT)
    occupation: str | None = personal("occupation", TEXT)
    point_balance: int | None = personal("pointBalance", BigInteger, graphql_int("point_balance"))
    interest_segments: Sequence[str] | None = personal("interestSegments", Words)
    ekyc_status: str | None = personal("ekycStatus", TEXT, one_of("ekyc_status", EKYC_STATUSES))


class Provenance(SQLModel):
    """What a row carries beside its values: whose it is, who acquired it, how, for how long."""

    row_key: str = not_personal("the internal key of a row, never shown", TEXT, key=True)
    member_key: str = not_personal(MEMBER, TEXT)
    acquired_by: str = not_personal(WHO, TEXT)
    source: str = not_personal(HOW, TEXT)
    channel: str = not_personal(HOW, TEXT)
    acquired_at: datetime = not_personal(HOW, Instant)
    retention_until: datetime = not_personal(RULE, Instant, default=FOREVER, fact=RowFact.RETENTION)


class CustomerRecord(Provenance, table=True):
    """What a company acquired itself: the profile as given to it."""

    __tablename__ = "customer_record"
    __table_args__: ClassVar = (
        Index("ix_customer_record_member", "member_key", "row_key"),
        {"info": {"relation": "customerRecords"}},
    )

    service: str = not_personal(RULE, TEXT, default="", fact=RowFact.SERVICE)
    contract_no: str = not_personal(RULE, TEXT, default="", fact=RowFact.CONTRACT)
    name: str | None = personal("customerRecords.name", TEXT)
    address: str | None = personal("customerRecords.address", TEXT)
    phone: str | None = personal("customerRecords.phone", TEXT)
    occupation: str | None = personal("customerRecords.occupation", TEXT)


class Order(Provenance, table=True):
    """A purchase, with what was given for it; `at` is also when the rule says it was placed."""

    __tablename__ = "orders"
    __table_args__: ClassVar = (
        Index("ix_orders_member", "member_key", "row_key"),
        {"info": {"relation": "orders"}},
    )

    service: str | None = personal("orders.service", TEXT, fact=RowFact.SERVICE)
    merchant: str | None = personal("orders.merchant", TEXT, fact=RowFact.MERCHANT)
    items: Sequence[str] | None = personal("orders.items", Words)
    amount: int | None = personal("orders.amount", BigInteger, graphql_int("amount"))
    at: datetime | None = personal("orders.at", Instant)
    status: str | None = personal("orders.status", TEXT)
    relay_email: str | None = personal("orders.relayEmail", TEXT)
    recipient_name: str | None = personal("orders.recipientName", TEXT)
    shipping_address: str | None = personal("orders.shippingAddress", TEXT)
    phone: str | None = personal("orders.phone", TEXT)


class InsurancePolicy(Provenance, table=True):
    """An insurance policy and the member's part in it."""

    __tablename__ = "insurance_policy"
    __table_args__: ClassVar = (
        Index("ix_insurance_policy_member", "member_key", "row_key"),
        {"info": {"relation": "insurancePolicies"}},
    )

    service: str = not_personal(RULE, TEXT, default="", fact=RowFact.SERVICE)
    contract_no: str = not_personal(RULE, TEXT, default="", fact=RowFact.CONTRACT)
    no: str | None = personal("insurancePolicies.no", TEXT)
    product: str | None = personal("insurancePolicies.product", TEXT)
    role: str | None = personal("insurancePolicies.role", TEXT)
    status: str | None = personal("insurancePolicies.status", TEXT)
    lapse_at: datetime | None = personal("insurancePolicies.lapseAt", Instant)


class HealthRecord(Provenance, table=True):
    """A sensitive record; its `kind` is also what the rule judges it by."""

    __tablename__ = "health_record"
    __table_args__: ClassVar = (
        Index("ix_health_record_member", "member_key", "row_key"),
        {"info": {"relation": "healthRecords"}},
    )

    service: str = not_personal(RULE, TEXT, default="", fact=RowFact.SERVICE)
    contract_no: str = not_personal(RULE, TEXT, default="", fact=RowFact.CONTRACT)
    acquisition_consent_at: datetime = not_personal(
        RULE, Instant, default=FOREVER, fact=RowFact.ACQUISITION_CONSENT
    )
    kind: str | None = personal("healthRecords.kind", TEXT, fact=RowFact.KIND)
    value: str | None = personal("healthRecords.value", TEXT)
