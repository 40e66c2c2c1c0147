"""Tables of what the rule reads: the event log, its projections, contracts, the catalogue."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Index, Integer, UniqueConstraint, text
from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import SEQUENCE, TEXT, Instant
from policy.vocabulary import FOREVER, NEVER

MEMBER = "the internal key of a member, never shown"
RULE = "a fact the rule reads, never shown by itself"
LOG = "a fact of the event log, read by folding alone"
CATALOGUE = "about the catalogue, not about members"
BOOKKEEPING = "about the database itself"


class EventRow(SQLModel, table=True):
    """The append-only log: every fact about a member, hash-chained per member."""

    __tablename__ = "event"
    __table_args__: ClassVar = (
        UniqueConstraint("member_key", "member_seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = not_personal(LOG, SEQUENCE, key=True, default=None)
    member_key: str = not_personal(MEMBER, TEXT)
    member_seq: int = not_personal(LOG, Integer)
    kind: str = not_personal(LOG, TEXT)
    at: datetime = not_personal(LOG, Instant)
    recorded_at: datetime = not_personal(LOG, Instant)
    body: str = not_personal(LOG, TEXT)
    prev_hash: str = not_personal(LOG, TEXT)
    hash: str = not_personal(LOG, TEXT)
    identifiers: str = not_personal(LOG, TEXT, default="")


class StandingRow(SQLModel, table=True):
    """Where a member stands: undated consent facts as bits, up to the last event folded in."""

    __tablename__ = "standing"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    bits: int = not_personal(RULE, BigInteger, default=0)
    closed_at: datetime = not_personal(RULE, Instant, default=FOREVER)
    ads_opt_out: bool = not_personal(RULE, Boolean, default=False)
    last_seq: int = not_personal(RULE, BigInteger, default=0)


class ItemStandingRow(SQLModel, table=True):
    """A consent item that stands, with its dates; an absent row is a closed item."""

    __tablename__ = "item_standing"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    item: str = not_personal(RULE, TEXT, key=True)
    version: str = not_personal(RULE, TEXT)
    level: int = not_personal(RULE, Integer)
    consented_at: datetime = not_personal(RULE, Instant)
    valid_until: datetime = not_personal(RULE, Instant, default=FOREVER)


class LinkRow(SQLModel, table=True):
    """The account at a company: FOREVER = no link stands, NEVER = not used, not unlinked."""

    __tablename__ = "link"
    __table_args__: ClassVar = (
        Index(
            "ux_link_company_account",
            "company",
            "account_id",
            unique=True,
            sqlite_where=text("account_id <> ''"),
            postgresql_where=text("account_id <> ''"),
        ),
    )

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    company: str = not_personal(RULE, TEXT, key=True)
    account_id: str = not_personal(RULE, TEXT, default="")
    linked_at: datetime = not_personal(RULE, Instant, default=FOREVER)
    used_at: datetime = not_personal(RULE, Instant, default=NEVER)
    unlinked_at: datetime = not_personal(RULE, Instant, default=NEVER)


class NotifiedRow(SQLModel, table=True):
    """The latest notification of an own purpose."""

    __tablename__ = "notified"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    purpose: str = not_personal(RULE, TEXT, key=True)
    at: datetime = not_personal(RULE, Instant)


class MailRow(SQLModel, table=True):
    """The latest recorded wish about a sender's mail."""

    __tablename__ = "mail"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    sender: str = not_personal(RULE, TEXT, key=True)
    wanted: bool = not_personal(RULE, Boolean)
    at: datetime = not_personal(RULE, Instant)


class StopRow(SQLModel, table=True):
    """A stop request at a company; category "*" stops all."""

    __tablename__ = "stop"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    company: str = not_personal(RULE, TEXT, key=True)
    category: str = not_personal(RULE, TEXT, key=True)


class OverseasRow(SQLModel, table=True):
    """A country the member explicitly consented to."""

    __tablename__ = "overseas"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    country: str = not_personal(RULE, TEXT, key=True)


class IncidentRow(SQLModel, table=True):
    """A company with an open incident about the member."""

    __tablename__ = "incident"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    company: str = not_personal(RULE, TEXT, key=True)


class OpeningRow(SQLModel, table=True):
    """Which members gave all that a provision needs; it stands for those that need the same.

    It only leads to members who may be open, without its dates, ages and levels: grants decide.
    """

    __tablename__ = "opening"
    __table_args__: ClassVar = (Index("ix_opening_provision", "provision", "member_key"),)

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    provision: int = not_personal(RULE, Integer, key=True)


class ContractRow(SQLModel, table=True):
    """An insurance contract of a member; `company` is the acquirer of its values."""

    __tablename__ = "contract"

    member_key: str = not_personal(MEMBER, TEXT, key=True)
    company: str = not_personal(RULE, TEXT, key=True)
    no: str = not_personal(RULE, TEXT, key=True)
    lapse_at: datetime = not_personal(RULE, Instant, default=FOREVER)


class CatalogueVersionRow(SQLModel, table=True):
    """A stored catalogue; at most one is active, none is ever deleted."""

    __tablename__ = "catalogue_version"
    __table_args__: ClassVar = (
        Index(
            "ux_catalogue_version_active",
            "active",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )

    version: str = not_personal(CATALOGUE, TEXT, key=True)
    content: str = not_personal(CATALOGUE, TEXT)
    numbers: str = not_personal(CATALOGUE, TEXT)
    active: bool = not_personal(CATALOGUE, Boolean)
    stored_at: datetime = not_personal(CATALOGUE, Instant)


class CatalogueApplyRow(SQLModel, table=True):
    """A version whose rules some standings may follow while another becomes the active one.

    No row: every standing follows the active version. At most one row is the target; the others
    were given up before their end. `after` is the last member folded, `since` the last event that
    was recorded when this walk through the members began, `changed_since` the same of the walk
    before it (0 = everybody is walked through).
    """

    __tablename__ = "catalogue_apply"
    __table_args__: ClassVar = (
        Index(
            "ux_catalogue_apply_target",
            "target",
            unique=True,
            sqlite_where=text("target"),
            postgresql_where=text("target"),
        ),
    )

    version: str = not_personal(CATALOGUE, TEXT, key=True)
    target: bool = not_personal(BOOKKEEPING, Boolean)
    after: str = not_personal(MEMBER, TEXT, default="")
    since: int = not_personal(BOOKKEEPING, BigInteger)
    changed_since: int = not_personal(BOOKKEEPING, BigInteger, default=0)
