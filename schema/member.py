"""The member: the account's own values, and what companies hold beside them."""

from datetime import date, datetime
from enum import Enum
from typing import ClassVar

import strawberry

from schema.connection import Connection, rows
from schema.directives import NotPersonal, not_personal, personal
from schema.node import Node
from schema.rows import CustomerRecord, HealthRecord, InsurancePolicy, Order
from schema.scalars import EmailAddress

WORDS = NotPersonal(reason="the words of the list, nobody's")


@strawberry.enum(description="As the member stated it.", directives=[WORDS])
class Gender(Enum):
    """Stored under the same words."""

    FEMALE = strawberry.enum_value("FEMALE", description="Female.")
    MALE = strawberry.enum_value("MALE", description="Male.")
    OTHER = strawberry.enum_value("OTHER", description="Another.")


@strawberry.enum(description="How far the identity was verified online.", directives=[WORDS])
class EkycStatus(Enum):
    """Stored under the same words."""

    UNVERIFIED = strawberry.enum_value("UNVERIFIED", description="Not verified.")
    PENDING = strawberry.enum_value("PENDING", description="Being verified.")
    VERIFIED = strawberry.enum_value("VERIFIED", description="Verified.")
    REJECTED = strawberry.enum_value("REJECTED", description="Could not be verified.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Verified too long ago.")


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
    full_name: str | None = personal("The name.")
    full_name_kana: str | None = personal("The name in kana.")
    birth_date: date | None = personal("The day of birth.")
    gender: Gender | None = personal("The gender.")
    postal_code: str | None = personal("The postal code.")
    prefecture: str | None = personal("The prefecture (都道府県).")
    city: str | None = personal("The city, ward or village (市区町村).")
    address_line: str | None = personal("The rest of the address.")
    phone: str | None = personal("The telephone number.")
    occupation: str | None = personal("The occupation.")
    point_balance: int | None = personal("The points held.")
    interest_segments: list[str] | None = personal("Interests derived from use.")
    ekyc_status: EkycStatus | None = personal("How far the identity was verified.")
    orders: Connection[Order] | None = rows("Purchases.")
    customer_records: Connection[CustomerRecord] | None = rows(
        "What companies acquired themselves."
    )
    insurance_policies: Connection[InsurancePolicy] | None = rows("Insurance policies.")
    health_records: Connection[HealthRecord] | None = rows("Sensitive records about health.")
