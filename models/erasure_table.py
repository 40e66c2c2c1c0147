"""The log of erasure: when, of what, how many; neither values nor whose they were."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import TEXT, Instant

LOG = "what was erased: names of relations and numbers"


class ErasureRow(SQLModel, table=True):
    """How many of one kind went in one run."""

    __tablename__ = "erasure"

    at: datetime = not_personal(LOG, Instant, key=True)
    what: str = not_personal(LOG, TEXT, key=True)
    erased: int = not_personal(LOG, BigInteger)
