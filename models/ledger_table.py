"""The ledger's one table, apart from the others: on SQLite it is a file of its own."""

from datetime import datetime

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import TEXT, Instant

LEDGER_METADATA = MetaData()
RECORD = "a record of what was disclosed: names of items, never values"


class LedgerEntryRow(SQLModel, table=True):
    """One decision, as recorded before its answer left."""

    __tablename__ = "ledger_entry"
    metadata = LEDGER_METADATA

    decision_id: str = not_personal(RECORD, TEXT, key=True)
    at: datetime = not_personal(RECORD, Instant)
    body: str = not_personal(RECORD, TEXT)


LEDGER_ENTRY = LEDGER_METADATA.tables["ledger_entry"]
