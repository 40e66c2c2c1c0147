"""the chain of entries and its projections."""

from alembic.operations import Operations
from sqlalchemy import UniqueConstraint

from migrations.columns import (
    BIG,
    BYTES,
    INSTANT,
    NUMBER,
    SEQUENCE,
    SMALL,
    TEXT,
    YES_OR_NO,
    always,
    key,
    table,
)

revision = "0001"
down_revision = None

BY_KEY = {"sqlite_with_rowid": False}
BELOW_ALL_MONTHS = """\
CREATE TABLE ledger_entry_below PARTITION OF ledger_entry
FOR VALUES FROM (MINVALUE) TO (1000000000)"""
ADDED_TO = {**BY_KEY, "postgresql_with": {"fillfactor": 50}}


def upgrade(op: Operations) -> None:
    """Make the ledger's tables."""
    _chain(op)
    _numbers(op)
    _projections(op)


def _chain(op: Operations) -> None:
    segment = always(TEXT, "month"), always(INSTANT, "opened_at"), always(BIG, "after_head")
    table(op, "ledger_segment", key(SEQUENCE, "segment"), *segment)
    entry = key(BIG, "segment", "seq"), always(BYTES, "salt", "body", "link")
    table(op, "ledger_entry", *entry, postgresql_partition_by="RANGE (segment)")
    if op.get_context().dialect.name == "postgresql":
        op.execute(BELOW_ALL_MONTHS)
    head = always(INSTANT, "at"), always(BYTES, "body", "digest")
    table(op, "ledger_head", key(BIG, "number"), *head)


def _numbers(op: Operations) -> None:
    """What repeats, by number."""
    name = always(TEXT, "name"), [UniqueConstraint("name")]
    table(op, "ledger_name", key(NUMBER, "id"), *name)
    asker = ("company", "on_behalf_of", "role", "purpose")
    together = [UniqueConstraint(*asker)]
    table(op, "ledger_asker", key(NUMBER, "id"), always(NUMBER, *asker), together)
    scope = ("provider", "recipient", "via", "provision")
    of_month = always(TEXT, "month"), [UniqueConstraint(*scope, "month")]
    table(op, "ledger_scope", key(NUMBER, "id"), always(NUMBER, *scope), *of_month)
    table(
        op,
        "ledger_content",
        key(NUMBER, "id"),
        always(BYTES, "digest"),
        always(YES_OR_NO, "statutory"),
        always(BYTES, "body"),
        [UniqueConstraint("digest")],
    )


def _projections(op: Operations) -> None:
    table(op, "ledger_fold", key(NUMBER, "id"), always(BIG, "step", "position"))
    table(op, "ledger_progress", key(BIG, "segment"), always(BIG, "seq"), **BY_KEY)
    table(
        op,
        "ledger_position",
        key(BIG, "position"),
        always(BIG, "segment", "seq"),
        always(INSTANT, "at"),
        always(NUMBER, "asker"),
        [UniqueConstraint("segment", "seq")],
        **BY_KEY,
    )
    concern = key(SMALL, "side"), key(NUMBER, "name"), key(BIG, "position")
    table(op, "ledger_concern", *concern, **BY_KEY)
    history = key(NUMBER, "member"), key(BIG, "base"), always(BYTES, "positions")
    table(op, "ledger_history", *history, **ADDED_TO)
    table(
        op,
        "ledger_record",
        key(NUMBER, "scope", "member", "content"),
        always(NUMBER, "entries"),
        always(INSTANT, "first_at", "last_at"),
        always(BIG, "first_seq", "last_seq"),
        **ADDED_TO,
    )
    op.create_index("ix_ledger_record_member", "ledger_record", ["member", "scope"])
