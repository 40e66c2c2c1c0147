"""What devices told about a member, from the login on that links them."""

from datetime import datetime
from typing import ClassVar

import strawberry

from schema.directives import personal
from schema.provenance import Provenance
from schema.scalars import GeoPoint
from schema.words import AgeBand, Gender


@strawberry.type(description="A device as it was seen once, at or after a login.")
class Device(Provenance):
    """What was seen before a login is nobody's, and is shown to nobody."""

    relation: ClassVar = "devices"

    device_id: str | None = personal("The id of the device.")
    advertising_id: str | None = personal("Its advertising id.")
    cookie_uid: str | None = personal("The id in its cookie.")
    os: str | None = personal("Its operating system.")
    connection: str | None = personal("How it was connected.")
    user_agent: str | None = personal("How its browser named itself.")
    ip_address: str | None = personal("Its IP address.")
    geolocation: GeoPoint | None = personal("Where it was.")
    referrer: str | None = personal("The page that led here.")
    viewed_urls: list[str] | None = personal("The pages viewed.")
    search_terms: list[str] | None = personal("What was searched for.")
    inferred_age_band: AgeBand | None = personal("The age inferred from its use.")
    inferred_gender: Gender | None = personal("The gender inferred from its use.")


@strawberry.type(description="An advertisement that met the member.")
class AdContact(Provenance):
    """As it was collected."""

    relation: ClassVar = "adContacts"

    ad: str | None = personal("Which advertisement.")
    at: datetime | None = personal("When it was.")
    trigger: str | None = personal("What it was collected at.")
    technology: str | None = personal("What it was collected with.")
