"""The closed lists that stored values take their words from, as GraphQL enums."""

from enum import Enum

import strawberry

from schema.directives import NotPersonal

WORDS = NotPersonal(reason="the words of the list, nobody's")


@strawberry.enum(description="As the member stated it, or as it was inferred.", directives=[WORDS])
class Gender(Enum):
    """Stored under the same words."""

    FEMALE = strawberry.enum_value("FEMALE", description="Female.")
    MALE = strawberry.enum_value("MALE", description="Male.")
    OTHER = strawberry.enum_value("OTHER", description="Another.")


@strawberry.enum(description="An age, by the decade.", directives=[WORDS])
class AgeBand(Enum):
    """Stored under the same words."""

    UNDER_20 = strawberry.enum_value("UNDER_20", description="Under 20.")
    TWENTIES = strawberry.enum_value("TWENTIES", description="20 to 29.")
    THIRTIES = strawberry.enum_value("THIRTIES", description="30 to 39.")
    FORTIES = strawberry.enum_value("FORTIES", description="40 to 49.")
    FIFTIES = strawberry.enum_value("FIFTIES", description="50 to 59.")
    SIXTIES = strawberry.enum_value("SIXTIES", description="60 to 69.")
    FROM_70 = strawberry.enum_value("FROM_70", description="70 and older.")


@strawberry.enum(description="How far the identity was verified online.", directives=[WORDS])
class EkycStatus(Enum):
    """Stored under the same words."""

    UNVERIFIED = strawberry.enum_value("UNVERIFIED", description="Not verified.")
    PENDING = strawberry.enum_value("PENDING", description="Being verified.")
    VERIFIED = strawberry.enum_value("VERIFIED", description="Verified.")
    REJECTED = strawberry.enum_value("REJECTED", description="Could not be verified.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Verified too long ago.")


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
