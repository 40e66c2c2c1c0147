"""Who the member is to a company: what was given to it, logins there, how to be reached."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Boolean

from models.columns import personal
from models.provenance import OfContract, OfService, Provenance, below_member
from models.types import TEXT, Instant
from policy.vocabulary import RowFact


class CustomerRecord(OfContract, table=True):
    """What a company acquired itself: the profile as given to it."""

    __tablename__ = "customer_record"
    __table_args__: ClassVar = below_member("customerRecords", "customer_record")

    name: str | None = personal("customerRecords.name", TEXT)
    address: str | None = personal("customerRecords.address", TEXT)
    phone: str | None = personal("customerRecords.phone", TEXT)
    occupation: str | None = personal("customerRecords.occupation", TEXT)


class LoginEvent(OfService, table=True):
    """A login with the group's ID, or an attempt."""

    __tablename__ = "login_event"
    __table_args__: ClassVar = below_member("loginHistory", "login_event")

    at: datetime | None = personal("loginHistory.at", Instant)
    company: str | None = personal("loginHistory.company", TEXT)
    ok: bool | None = personal("loginHistory.ok", Boolean)


class ContactPreference(Provenance, table=True):
    """How the member wishes to hear from a company; `company` is also whose row the rule says."""

    __tablename__ = "contact_preference"
    __table_args__: ClassVar = below_member("contactPreferences", "contact_preference")

    company: str | None = personal("contactPreferences.company", TEXT, fact=RowFact.ROW_COMPANY)
    means: str | None = personal("contactPreferences.means", TEXT)
