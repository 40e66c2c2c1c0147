"""Insurance contracts of members, what is paid for and out of them, and health."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger

from models.columns import not_personal, personal
from models.provenance import RULE, OfContract, below_member, graphql_int
from models.types import TEXT, Instant
from policy.vocabulary import FOREVER, RowFact


class InsurancePolicy(OfContract, table=True):
    """An insurance policy and the member's part in it."""

    __tablename__ = "insurance_policy"
    __table_args__: ClassVar = below_member("insurancePolicies", "insurance_policy")

    no: str | None = personal("insurancePolicies.no", TEXT)
    product: str | None = personal("insurancePolicies.product", TEXT)
    role: str | None = personal("insurancePolicies.role", TEXT)
    status: str | None = personal("insurancePolicies.status", TEXT)
    lapse_at: datetime | None = personal("insurancePolicies.lapseAt", Instant)


class Premium(OfContract, table=True):
    """A premium due or paid."""

    __tablename__ = "premium"
    __table_args__: ClassVar = below_member("premiums", "premium")

    amount: int | None = personal("premiums.amount", BigInteger, graphql_int("amount"))
    due_at: datetime | None = personal("premiums.dueAt", Instant)
    paid_at: datetime | None = personal("premiums.paidAt", Instant)


class Beneficiary(OfContract, table=True):
    """What a contract says of a beneficiary, who is another data subject (Q24)."""

    __tablename__ = "beneficiary"
    __table_args__: ClassVar = below_member("beneficiaries", "beneficiary")

    relationship: str | None = personal("beneficiaries.relationship", TEXT)
    share: int | None = personal("beneficiaries.share", BigInteger, graphql_int("share"))


class Acquired(OfContract):
    """A row of what could be sensitive, with the consent to its being acquired at all."""

    acquisition_consent_at: datetime = not_personal(
        RULE, Instant, default=FOREVER, fact=RowFact.ACQUISITION_CONSENT
    )


class Claim(Acquired, table=True):
    """A claim made; its diagnosis is sensitive, the rest is not."""

    __tablename__ = "claim"
    __table_args__: ClassVar = below_member("claims", "claim")

    no: str | None = personal("claims.no", TEXT)
    kind: str | None = personal("claims.kind", TEXT)
    amount: int | None = personal("claims.amount", BigInteger, graphql_int("amount"))
    status: str | None = personal("claims.status", TEXT)
    diagnosis: str | None = personal("claims.diagnosis", TEXT)


class HealthRecord(Acquired, table=True):
    """A sensitive record; its `kind` is also what the rule judges it by."""

    __tablename__ = "health_record"
    __table_args__: ClassVar = below_member("healthRecords", "health_record")

    kind: str | None = personal("healthRecords.kind", TEXT, fact=RowFact.KIND)
    value: str | None = personal("healthRecords.value", TEXT)
