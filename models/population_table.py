"""Which synthetic populations a database was filled with."""

from sqlalchemy import BigInteger
from sqlmodel import SQLModel

from models.columns import not_personal

BOOKKEEPING = "about the database itself"


class PopulationRow(SQLModel, table=True):
    """The members of one seed, numbered from 1 to `members`."""

    __tablename__ = "population"

    seed: int = not_personal(BOOKKEEPING, BigInteger, key=True)
    members: int = not_personal(BOOKKEEPING, BigInteger)
