"""What companies hold about a member beside the account: one type per relation."""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import strawberry

from schema.company import Company
from schema.directives import OPEN_ROW, NotPersonal, not_personal, personal
from schema.scalars import EmailAddress


@strawberry.enum(
    description="What a health record is about; also what the rule judges it by.",
    directives=[NotPersonal(reason="the names of the kinds, nobody's")],
)
class HealthKind(Enum):
    """Each value is the word of the catalogue's sensitive lists and of the stored row."""

    HEALTH_DECLARATION = strawberry.enum_value(
        "healthDeclaration", description="Declared at application (告知)."
    )
    MEDICAL_HISTORY = strawberry.enum_value("medicalHistory", description="Past illness.")
    CHECKUP_RESULTS = strawberry.enum_value("checkupResults", description="Of a health check.")
    TREATMENT = strawberry.enum_value("treatment", description="Under treatment.")
    HOSPITALISATION = strawberry.enum_value("hospitalisation", description="A stay in hospital.")
    DISABILITY = strawberry.enum_value("disability", description="A disability.")
    DOMICILE_OF_ORIGIN = strawberry.enum_value(
        "domicileOfOrigin", description="本籍地; collected by accident only, open to no company."
    )
    UNION_MEMBERSHIP = strawberry.enum_value(
        "unionMembership", description="Collected by accident only, open to no company."
    )
    CREED = strawberry.enum_value(
        "creed", description="Collected by accident only, open to no company."
    )
    SEXUAL_LIFE = strawberry.enum_value(
        "sexualLife", description="Collected by accident only, open to no company."
    )
    CRIMINAL_RECORD = strawberry.enum_value(
        "criminalRecord", description="Collected by accident only, open to no company."
    )
    CRIME_VICTIM = strawberry.enum_value(
        "crimeVictim", description="Collected by accident only, open to no company."
    )


@strawberry.type
class Provenance:
    """What every row carries. A row is open iff at least one of its personal fields is."""

    id: strawberry.ID = not_personal("Opaque, made for one audience.", OPEN_ROW)
    acquired_by: Company = not_personal("The responsible manager, who answers for it.", OPEN_ROW)
    source: str = not_personal("Where the value came from.", OPEN_ROW)
    channel: str = not_personal("On which way.", OPEN_ROW)
    acquired_at: datetime = not_personal("When it was acquired.", OPEN_ROW)


@strawberry.type(description="What a company acquired itself: the profile as given to it.")
class CustomerRecord(Provenance):
    """Answered for by the company that acquired it."""

    relation: ClassVar = "customerRecords"

    name: str | None = personal("The name given.")
    address: str | None = personal("The address given.")
    phone: str | None = personal("The telephone number given.")
    occupation: str | None = personal("The occupation given.")


@strawberry.type(description="A purchase, with what was given for it.")
class Order(Provenance):
    """`merchant` and `service` say where it was made."""

    relation: ClassVar = "orders"

    merchant: Company | None = personal("The merchant it was placed with.")
    service: str | None = personal("Key of the service it was placed through.")
    items: list[str] | None = personal("What was bought.")
    amount: int | None = personal("The price, in yen.")
    at: datetime | None = personal("When it was placed.")
    status: str | None = personal("How far it has come.")
    relay_email: EmailAddress | None = personal(
        "An address that relays the merchant's mail to the member."
    )
    recipient_name: str | None = personal("To whom it goes.")
    shipping_address: str | None = personal("Where it goes.")
    phone: str | None = personal("The telephone number given for it.")


@strawberry.type(description="An insurance policy, and the member's part in it.")
class InsurancePolicy(Provenance):
    """Judged per contract."""

    relation: ClassVar = "insurancePolicies"

    no: str | None = personal("Its number.")
    product: str | None = personal("What is insured.")
    role: str | None = personal("What the member is in it.")
    status: str | None = personal("Whether it runs.")
    lapse_at: datetime | None = personal("When it lapses or lapsed.")


@strawberry.type(description="A sensitive record about health.")
class HealthRecord(Provenance):
    """Open only where a list of sensitive items names its kind."""

    relation: ClassVar = "healthRecords"

    kind: HealthKind | None = personal("What it is about.")
    value: str | None = personal("What it says.")
