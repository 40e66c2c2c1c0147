"""What third parties said about members (S62, S63)."""

from datetime import date
from typing import ClassVar

from sqlalchemy import Date

from models.columns import personal
from models.provenance import OfService, below_member
from models.types import TEXT


class CreditCheck(OfService, table=True):
    """A credit bureau's word."""

    __tablename__ = "credit_check"
    __table_args__: ClassVar = below_member("creditChecks", "credit_check")

    bureau: str | None = personal("creditChecks.bureau", TEXT)
    as_of: date | None = personal("creditChecks.asOf", Date)
    grade: str | None = personal("creditChecks.grade", TEXT)


class FraudSignal(OfService, table=True):
    """A sign of fraud."""

    __tablename__ = "fraud_signal"
    __table_args__: ClassVar = below_member("fraudSignals", "fraud_signal")

    kind: str | None = personal("fraudSignals.kind", TEXT)
    informant: str | None = personal("fraudSignals.informant", TEXT)
    as_of: date | None = personal("fraudSignals.asOf", Date)


class ThirdPartyReceipt(OfService, table=True):
    """That something was received from a third party, and on what basis."""

    __tablename__ = "third_party_receipt"
    __table_args__: ClassVar = below_member("receivedFromThirdParty", "third_party_receipt")

    third_party: str | None = personal("receivedFromThirdParty.thirdParty", TEXT)
    basis: str | None = personal("receivedFromThirdParty.basis", TEXT)
