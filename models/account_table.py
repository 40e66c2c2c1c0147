"""The account: the scalars of a member."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Date
from sqlmodel import SQLModel

from models.columns import not_personal, personal
from models.provenance import KEEPER, MEMBER, graphql_int, one_of
from models.types import TEXT, Instant, Words

AGE_BANDS = ("UNDER_20", "TWENTIES", "THIRTIES", "FORTIES", "FIFTIES", "SIXTIES", "FROM_70")
GENDERS = ("FEMALE", "MALE", "OTHER")
EKYC_STATUSES = ("UNVERIFIED", "PENDING", "VERIFIED", "REJECTED", "EXPIRED")


class Account(SQLModel, table=True):
    """The account's own values, acquired by rakuten_group for every member."""

    __tablename__ = "account"
    __table_args__: ClassVar = {"info": {"relation": "", "keeper": KEEPER}}

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    login_name: str | None = personal("loginName", TEXT)
    login_email: str | None = personal("loginEmail", TEXT)
    last_login_at: datetime | None = personal("lastLoginAt", Instant)
    mfa_enabled: bool | None = personal("mfaEnabled", Boolean)
    full_name: str | None = personal("fullName", TEXT)
    full_name_kana: str | None = personal("fullNameKana", TEXT)
    birth_date: date | None = personal("birthDate", Date)
    age_band: str | None = personal("ageBand", TEXT, one_of("age_band", AGE_BANDS))
    gender: str | None = personal("gender", TEXT, one_of("gender", GENDERS))
    postal_code: str | None = personal("postalCode", TEXT)
    prefecture: str | None = personal("prefecture", TEXT)
    city: str | None = personal("city", TEXT)
    address_line: str | None = personal("addressLine", TEXT)
    phone: str | None = personal("phone", TEXT)
    mobile_phone: str | None = personal("mobilePhone", TEXT)
    occupation: str | None = personal("occupation", TEXT)
    employer: str | None = personal("employer", TEXT)
    point_balance: int | None = personal("pointBalance", BigInteger, graphql_int("point_balance"))
    interest_segments: Sequence[str] | None = personal("interestSegments", Words)
    ekyc_status: str | None = personal("ekycStatus", TEXT, one_of("ekyc_status", EKYC_STATUSES))
