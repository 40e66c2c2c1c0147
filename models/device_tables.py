"""What devices told: personal from the login on that links them (S12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from models.account_table import AGE_BANDS, GENDERS
from models.columns import not_personal, personal
from models.provenance import RULE, OfService, below_member, one_of
from models.types import TEXT, Instant, Words
from policy.vocabulary import LinkState, RowFact


class Device(OfService, table=True):
    """A device as it was seen, once."""

    __tablename__ = "device"
    __table_args__: ClassVar = (
        one_of("link_state", tuple(LinkState)),
        *below_member("devices", "device"),
    )

    link_state: str = not_personal(RULE, TEXT, fact=RowFact.LINK_STATE)
    device_id: str | None = personal("devices.deviceId", TEXT)
    advertising_id: str | None = personal("devices.advertisingId", TEXT)
    cookie_uid: str | None = personal("devices.cookieUid", TEXT)
    os: str | None = personal("devices.os", TEXT)
    connection: str | None = personal("devices.connection", TEXT)
    user_agent: str | None = personal("devices.userAgent", TEXT)
    ip_address: str | None = personal("devices.ipAddress", TEXT)
    geolocation: str | None = personal("devices.geolocation", TEXT)
    referrer: str | None = personal("devices.referrer", TEXT)
    viewed_urls: Sequence[str] | None = personal("devices.viewedUrls", Words)
    search_terms: Sequence[str] | None = personal("devices.searchTerms", Words)
    inferred_age_band: str | None = personal(
        "devices.inferredAgeBand", TEXT, one_of("inferred_age_band", AGE_BANDS)
    )
    inferred_gender: str | None = personal(
        "devices.inferredGender", TEXT, one_of("inferred_gender", GENDERS)
    )


class AdContact(OfService, table=True):
    """An advertisement that met the member."""

    __tablename__ = "ad_contact"
    __table_args__: ClassVar = (
        one_of("link_state", tuple(LinkState)),
        *below_member("adContacts", "ad_contact"),
    )

    link_state: str = not_personal(RULE, TEXT, fact=RowFact.LINK_STATE)
    ad: str | None = personal("adContacts.ad", TEXT)
    at: datetime | None = personal("adContacts.at", Instant)
    trigger: str | None = personal("adContacts.trigger", TEXT)
    technology: str | None = personal("adContacts.technology", TEXT)
