"""Insurance contracts of a member, what is paid for them and out of them, and health."""

from datetime import datetime
from typing import ClassVar

import strawberry

from schema.directives import personal
from schema.provenance import Provenance
from schema.words import HealthKind


@strawberry.type(description="An insurance policy, and the member's part in it.")
class InsurancePolicy(Provenance):
    """Judged per contract."""

    relation: ClassVar = "insurancePolicies"

    no: str | None = personal("Its number.")
    product: str | None = personal("What is insured.")
    role: str | None = personal("What the member is in it.")
    status: str | None = personal("Whether it runs.")
    lapse_at: datetime | None = personal("When it lapses or lapsed.")


@strawberry.type(description="A premium due or paid.")
class Premium(Provenance):
    """Unpaid while `paidAt` is null."""

    relation: ClassVar = "premiums"

    amount: int | None = personal("How much, in yen.")
    due_at: datetime | None = personal("When it is due.")
    paid_at: datetime | None = personal("When it was paid.")


@strawberry.type(
    description="What a contract says of a beneficiary, who is a data subject of their own."
)
class Beneficiary(Provenance):
    """Who it is, is decided on that person."""

    relation: ClassVar = "beneficiaries"

    relationship: str | None = personal("What they are to the member.")
    share: int | None = personal("Their share, in percent.")


@strawberry.type(description="A claim made under an insurance policy.")
class Claim(Provenance):
    """The diagnosis is sensitive, and opens apart from the rest."""

    relation: ClassVar = "claims"

    no: str | None = personal("Its number.")
    kind: str | None = personal("What is claimed.")
    amount: int | None = personal("How much, in yen.")
    status: str | None = personal("How far it has come.")
    diagnosis: str | None = personal("The diagnosis; sensitive.")


@strawberry.type(description="A sensitive record about health.")
class HealthRecord(Provenance):
    """Open only where a list of sensitive items names its kind."""

    relation: ClassVar = "healthRecords"

    kind: HealthKind | None = personal("What it is about.")
    value: str | None = personal("What it says.")
