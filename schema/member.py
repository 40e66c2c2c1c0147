"""The member: the account's own values, and what companies hold beside them."""

from datetime import date, datetime
from typing import ClassVar, Optional

import strawberry

from schema.access import FieldAccess, access, as_seen_by
from schema.connection import Connection, rows
from schema.consent import STANDING, Consent
from schema.device import AdContact, Device
from schema.directives import not_personal, personal
from schema.free_text import Inquiry, Review, SurveyAnswer
from schema.insurance import Beneficiary, Claim, HealthRecord, InsurancePolicy, Premium
from schema.node import Node
from schema.payment import IdentityDocument, Payment, PaymentMethod
from schema.profile import (
    AccountLink,
    ContactPreference,
    CustomerRecord,
    LoginEvent,
    MailPreference,
)
from schema.scalars import EmailAddress
from schema.shopping import Cashback, Coupon, Order, PointEntry, Reservation, ShippingAddress
from schema.third_party import CreditCheck, FraudSignal, ThirdPartyReceipt
from schema.words import AgeBand, EkycStatus, Gender


@strawberry.type(
    description=(
        "A member, as far as open to the caller for the stated purpose: every other value is "
        "null, without an error. A list is null where nothing of it could be open."
    )
)
class Member(Node):
    """The scalars are the account's own values; what another company acquired is on a row."""

    relation: ClassVar = ""

    id: strawberry.ID = not_personal(
        "Opaque, made for one audience: a company, a member, the officers of a company.",
        "opaque and pairwise: two audiences cannot join on it",
    )
    login_name: str | None = personal("The name signed in with.")
    login_email: EmailAddress | None = personal("The mail address signed in with.")
    last_login_at: datetime | None = personal("The latest login.")
    mfa_enabled: bool | None = personal("Whether signing in takes a second factor.")
    full_name: str | None = personal("The name.")
    full_name_kana: str | None = personal("The name in kana.")
    birth_date: date | None = personal("The day of birth.")
    age_band: AgeBand | None = personal("The age, by the decade.")
    gender: Gender | None = personal("The gender.")
    postal_code: str | None = personal("The postal code.")
    prefecture: str | None = personal("The prefecture (都道府県).")
    city: str | None = personal("The city, ward or village (市区町村).")
    address_line: str | None = personal("The rest of the address.")
    phone: str | None = personal("The telephone number.")
    mobile_phone: str | None = personal("The number of the mobile telephone.")
    occupation: str | None = personal("The occupation.")
    employer: str | None = personal("Whom the member works for.")
    point_balance: int | None = personal("The points held.")
    interest_segments: list[str] | None = personal("Interests derived from use.")
    ekyc_status: EkycStatus | None = personal("How far the identity was verified.")
    login_history: Connection[LoginEvent] | None = rows("Logins.", LoginEvent)
    orders: Connection[Order] | None = rows("Purchases.", Order)
    reservations: Connection[Reservation] | None = rows("Bookings.", Reservation)
    coupons: Connection[Coupon] | None = rows("Coupons held or used.", Coupon)
    cashbacks: Connection[Cashback] | None = rows("Money given back.", Cashback)
    point_history: Connection[PointEntry] | None = rows("Points earned and spent.", PointEntry)
    shipping_addresses: Connection[ShippingAddress] | None = rows(
        "Where the member has things sent.", ShippingAddress
    )
    customer_records: Connection[CustomerRecord] | None = rows(
        "What companies acquired themselves.", CustomerRecord
    )
    payment_methods: Connection[PaymentMethod] | None = rows(
        "Cards and bank accounts.", PaymentMethod
    )
    payments: Connection[Payment] | None = rows("Payments made.", Payment)
    identity_documents: Connection[IdentityDocument] | None = rows(
        "Papers that proved the identity.", IdentityDocument
    )
    devices: Connection[Device] | None = rows("Devices, as seen at a login or after.", Device)
    ad_contacts: Connection[AdContact] | None = rows("Advertisements met.", AdContact)
    credit_checks: Connection[CreditCheck] | None = rows("What credit bureaus say.", CreditCheck)
    fraud_signals: Connection[FraudSignal] | None = rows("Signs of fraud.", FraudSignal)
    received_from_third_party: Connection[ThirdPartyReceipt] | None = rows(
        "What was received from third parties.", ThirdPartyReceipt
    )
    insurance_policies: Connection[InsurancePolicy] | None = rows(
        "Insurance policies.", InsurancePolicy
    )
    premiums: Connection[Premium] | None = rows("Premiums due and paid.", Premium)
    beneficiaries: Connection[Beneficiary] | None = rows(
        "What insurance contracts say of beneficiaries.", Beneficiary
    )
    claims: Connection[Claim] | None = rows("Claims made on insurance.", Claim)
    health_records: Connection[HealthRecord] | None = rows(
        "Sensitive records about health.", HealthRecord
    )
    inquiries: Connection[Inquiry] | None = rows("Questions and complaints.", Inquiry)
    reviews: Connection[Review] | None = rows("Reviews written.", Review)
    survey_answers: Connection[SurveyAnswer] | None = rows("Answers to surveys.", SurveyAnswer)
    linked_companies: list[AccountLink] | None = personal("The companies linked to the account.")
    mail_preferences: list[MailPreference] | None = personal("Whose mail is wanted.")
    contact_preferences: list[ContactPreference] | None = personal(
        "How companies may get in touch."
    )
    access: list[FieldAccess] = not_personal(
        "How fields stand for the caller: visible, absent or withheld, and why.",
        "says of a field no more than the answer to it would",
        access,
    )
    consents: list[Consent] | None = not_personal(
        "Where the member's consents stand; null for companies.", STANDING.reason
    )
    as_seen_by: Optional["Member"] = not_personal(
        "The member as a company would get them for a purpose, for the member alone: null where "
        "the company would not see the member. Its id and those below are of an audience of "
        "their own. What the law withholds from the member stays withheld.",
        "what the member could read anyway",
        as_seen_by,
    )
