"""The ledger's projections: what histories and records are read from, folded from the entries.

Names (of members, companies, roles, purposes, versions) and whatever else repeats are written once
and stand in the other tables by number. Number 0 is nobody.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
)
from sqlmodel import SQLModel

from models.columns import not_personal
from models.ledger_tables import LEDGER_METADATA
from models.types import TEXT, Instant

FOLDED = "folded from the ledger, by number: names of items, never values"
NAME = "an internal key or a name of the catalogue, never a value"
_BY_KEY = {"sqlite_with_rowid": False}
# Room in each page for what is added to its rows, so that PostgreSQL's table does not grow by it.
_ADDED_TO = {**_BY_KEY, "postgresql_with": {"fillfactor": 50}}


class FoldRow(SQLModel, table=True):
    """The one row that says how far folding is: who meets another step than it read begins anew."""

    __tablename__ = "ledger_fold"
    metadata = LEDGER_METADATA

    id: int = not_personal(FOLDED, Integer, key=True)
    step: int = not_personal(FOLDED, BigInteger)
    position: int = not_personal(FOLDED, BigInteger)
    """The last one given."""


class ProgressRow(SQLModel, table=True):
    """How far a segment is folded."""

    __tablename__ = "ledger_progress"
    __table_args__: ClassVar = (_BY_KEY,)
    metadata = LEDGER_METADATA

    segment: int = not_personal(FOLDED, BigInteger, key=True)
    seq: int = not_personal(FOLDED, BigInteger)


class NameRow(SQLModel, table=True):
    """A name and its number."""

    __tablename__ = "ledger_name"
    __table_args__: ClassVar = (UniqueConstraint("name"),)
    metadata = LEDGER_METADATA

    id: int = not_personal(FOLDED, Integer, key=True)
    name: str = not_personal(NAME, TEXT)


class AskerRow(SQLModel, table=True):
    """Who asked for what: what many entries have in common."""

    __tablename__ = "ledger_asker"
    __table_args__: ClassVar = (UniqueConstraint("company", "on_behalf_of", "role", "purpose"),)
    metadata = LEDGER_METADATA

    id: int = not_personal(FOLDED, Integer, key=True)
    company: int = not_personal(FOLDED, Integer)
    on_behalf_of: int = not_personal(FOLDED, Integer)
    role: int = not_personal(FOLDED, Integer)
    purpose: int = not_personal(FOLDED, Integer)


class PositionRow(SQLModel, table=True):
    """Where an entry stands in the order of folding."""

    __tablename__ = "ledger_position"
    __table_args__: ClassVar = (UniqueConstraint("segment", "seq"), _BY_KEY)
    metadata = LEDGER_METADATA

    position: int = not_personal(FOLDED, BigInteger, key=True)
    segment: int = not_personal(FOLDED, BigInteger)
    seq: int = not_personal(FOLDED, BigInteger)
    at: datetime = not_personal(FOLDED, Instant)
    asker: int = not_personal(FOLDED, Integer)


class ConcernRow(SQLModel, table=True):
    """That an entry concerns a company, on one side."""

    __tablename__ = "ledger_concern"
    __table_args__: ClassVar = (_BY_KEY,)
    metadata = LEDGER_METADATA

    side: int = not_personal(FOLDED, SmallInteger, key=True)
    name: int = not_personal(FOLDED, Integer, key=True)
    position: int = not_personal(FOLDED, BigInteger, key=True)


class HistoryRow(SQLModel, table=True):
    """Where the entries stand that concern a member: many positions in one row (models.positions).

    A page concerns a hundred members: a row for each would take more than all else together.
    """

    __tablename__ = "ledger_history"
    __table_args__: ClassVar = (_ADDED_TO,)
    metadata = LEDGER_METADATA

    member: int = not_personal(FOLDED, Integer, key=True)
    base: int = not_personal(FOLDED, BigInteger, key=True)
    """What stands from here on, up to the base of the member's next row, stands in this one."""
    positions: bytes = not_personal(FOLDED, LargeBinary)


class ScopeRow(SQLModel, table=True):
    """What the records of one month have in common that differ in their member alone."""

    __tablename__ = "ledger_scope"
    __table_args__: ClassVar = (
        UniqueConstraint("provider", "recipient", "via", "provision", "month"),
    )
    metadata = LEDGER_METADATA

    id: int = not_personal(FOLDED, Integer, key=True)
    provider: int = not_personal(FOLDED, Integer)
    recipient: int = not_personal(FOLDED, Integer)
    via: int = not_personal(FOLDED, Integer)
    provision: int = not_personal(FOLDED, Integer)
    month: str = not_personal(FOLDED, TEXT)


class ContentRow(SQLModel, table=True):
    """What was used how and under which law: what many records have in common."""

    __tablename__ = "ledger_content"
    __table_args__: ClassVar = (UniqueConstraint("digest"),)
    metadata = LEDGER_METADATA

    id: int = not_personal(FOLDED, Integer, key=True)
    digest: bytes = not_personal(FOLDED, LargeBinary)
    """Of both that follow: no index takes them as they are."""
    statutory: bool = not_personal(FOLDED, Boolean)
    body: bytes = not_personal(FOLDED, LargeBinary)


class RecordRow(SQLModel, table=True):
    """A part of a record of provision and of receipt: what has one content. They are added up."""

    __tablename__ = "ledger_record"
    __table_args__: ClassVar = (
        Index("ix_ledger_record_member", "member", "scope"),
        _ADDED_TO,
    )
    metadata = LEDGER_METADATA

    scope: int = not_personal(FOLDED, Integer, key=True)
    member: int = not_personal(FOLDED, Integer, key=True)
    content: int = not_personal(FOLDED, Integer, key=True)
    entries: int = not_personal(FOLDED, Integer)
    first_at: datetime = not_personal(FOLDED, Instant)
    last_at: datetime = not_personal(FOLDED, Instant)
    first_seq: int = not_personal(FOLDED, BigInteger)
    last_seq: int = not_personal(FOLDED, BigInteger)


def _table(name: str) -> Table:
    return LEDGER_METADATA.tables[name]


FOLD = _table("ledger_fold")
PROGRESS = _table("ledger_progress")
NAME_OF = _table("ledger_name")
ASKER = _table("ledger_asker")
POSITION = _table("ledger_position")
CONCERN = _table("ledger_concern")
HISTORY = _table("ledger_history")
SCOPE = _table("ledger_scope")
CONTENT = _table("ledger_content")
RECORD = _table("ledger_record")

LEDGER_TABLES = tuple(LEDGER_METADATA.sorted_tables)
"""The ledger's own, and these."""
