"""What third parties said about a member."""

from datetime import date
from typing import ClassVar

import strawberry

from schema.directives import personal
from schema.provenance import Provenance


@strawberry.type(description="A credit bureau's word.")
class CreditCheck(Provenance):
    """As of a day."""

    relation: ClassVar = "creditChecks"

    bureau: str | None = personal("Whose word it is.")
    as_of: date | None = personal("As of when.")
    grade: str | None = personal("The grade given.")


@strawberry.type(description="A sign of fraud. The law withholds it from the member too.")
class FraudSignal(Provenance):
    """Art. 33(2)(ii)."""

    relation: ClassVar = "fraudSignals"

    kind: str | None = personal("What was noticed.")
    informant: str | None = personal("Who noticed it.")
    as_of: date | None = personal("As of when.")


@strawberry.type(description="That something was received from a third party.")
class ThirdPartyReceipt(Provenance):
    """And on what basis."""

    relation: ClassVar = "receivedFromThirdParty"

    third_party: str | None = personal("From whom.")
    basis: str | None = personal("On what basis: requested, public or consented.")
