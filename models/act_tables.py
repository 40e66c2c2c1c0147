"""Tables of what members do: the outbox that tells of it, and the keys under which it was done."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import SEQUENCE, TEXT, Instant

MEMBER = "the internal key of a member, never shown"
LOG = "a fact of the event log, told to whom it concerns alone"
KEY = "what a caller calls its own request"
BOOKKEEPING = "about the database itself"


class OutboxRow(SQLModel, table=True):
    """One notice for each event, written with it: what subscribers and earlier recipients hear.

    `xid` is the transaction that wrote it (0 on SQLite, which has one writer at a time).
    """

    __tablename__ = "outbox"
    __table_args__: ClassVar = (
        Index("ix_outbox_position", "xid", "seq"),
        Index("ix_outbox_member", "member_key", "xid", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = not_personal(LOG, SEQUENCE, key=True, default=None)
    xid: int = not_personal(LOG, BigInteger)
    event_seq: int = not_personal(LOG, BigInteger)
    member_key: str = not_personal(MEMBER, TEXT)
    kind: str = not_personal(LOG, TEXT)
    item: str = not_personal(LOG, TEXT, default="")
    company: str = not_personal(LOG, TEXT, default="")
    at: datetime = not_personal(LOG, Instant)
    recorded_at: datetime = not_personal(LOG, Instant)


class IdempotencyRow(SQLModel, table=True):
    """A key under which a caller did something; `digest` is of what it said then."""

    __tablename__ = "idempotency"
    __table_args__: ClassVar = (Index("ix_idempotency_at", "at"),)

    subject: str = not_personal(MEMBER, TEXT, key=True)
    company: str = not_personal(KEY, TEXT, key=True)
    mutation: str = not_personal(KEY, TEXT, key=True)
    key: str = not_personal(KEY, TEXT, key=True)
    digest: str = not_personal(KEY, TEXT)
    at: datetime = not_personal(KEY, Instant)


class WriteMarkRow(SQLModel, table=True):
    """How many transactions have written in one of several lanes, and on which timeline the last.

    Lanes keep writers from waiting for each other; SQLite, which has no replicas, leaves none.
    """

    __tablename__ = "write_mark"

    lane: int = not_personal(BOOKKEEPING, Integer, key=True)
    timeline: str = not_personal(BOOKKEEPING, TEXT)
    writes: int = not_personal(BOOKKEEPING, BigInteger)
