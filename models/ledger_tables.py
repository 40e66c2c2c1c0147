"""The ledger's tables, apart from the others: on SQLite they are a file of their own."""

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, LargeBinary, MetaData
from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import SEQUENCE, TEXT, Instant

LEDGER_METADATA = MetaData()
RECORD = "a record of what was disclosed: names of items, never values"
CHAIN = "what binds the records to one another"


class LedgerSegment(SQLModel, table=True):
    """What one writer wrote in one month."""

    __tablename__ = "ledger_segment"
    metadata = LEDGER_METADATA

    segment: int | None = not_personal(CHAIN, SEQUENCE, key=True, default=None)
    month: str = not_personal(CHAIN, TEXT)
    """Of its opening, as 2026-04."""
    opened_at: datetime = not_personal(CHAIN, Instant)
    after_head: int = not_personal(CHAIN, BigInteger)
    """The number of the last head when it was opened, 0 for none: the next head has to name it."""


class LedgerEntryRow(SQLModel, table=True):
    """One decision, as recorded before its answer left; or what is left of it when it is purged."""

    __tablename__ = "ledger_entry"
    __table_args__: ClassVar = {"postgresql_partition_by": "RANGE (segment)"}
    metadata = LEDGER_METADATA

    segment: int = not_personal(CHAIN, BigInteger, key=True)
    seq: int = not_personal(CHAIN, BigInteger, key=True)
    """From 1 on, without a gap."""
    salt: bytes = not_personal(CHAIN, LargeBinary)
    """Empty where the entry is purged."""
    body: bytes = not_personal(RECORD, LargeBinary)
    """The entry; where it is purged, its commitment."""
    link: bytes = not_personal(CHAIN, LargeBinary)


class LedgerHead(SQLModel, table=True):
    """How far every segment had come at one moment, bound to the head before."""

    __tablename__ = "ledger_head"
    metadata = LEDGER_METADATA

    number: int = not_personal(CHAIN, BigInteger, key=True)
    """From 1 on, without a gap."""
    at: datetime = not_personal(CHAIN, Instant)
    body: bytes = not_personal(CHAIN, LargeBinary)
    """The ends of the segments that grew since the head before (models/ledger_chain.py)."""
    digest: bytes = not_personal(CHAIN, LargeBinary)


LEDGER_SEGMENT = LEDGER_METADATA.tables["ledger_segment"]
LEDGER_ENTRY = LEDGER_METADATA.tables["ledger_entry"]
LEDGER_HEAD = LEDGER_METADATA.tables["ledger_head"]


def month_of(at: datetime) -> str:
    """The month that an entry belongs to, in UTC, as 2026-04."""
    there = at.astimezone(UTC)
    return f"{there.year:04}-{there.month:02}"
