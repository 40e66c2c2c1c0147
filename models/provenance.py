"""What rows of a relation carry beside their values: whose, who acquired them, how, how long."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from models.columns import not_personal
from models.disclosure import Origin
from models.types import TEXT, Instant
from policy.vocabulary import FOREVER, RowFact

MEMBER = "the internal key of a member, never shown"
WHO = "provenance: the responsible manager"
HOW = "provenance: where the value came from"
RULE = "a fact the rule reads, never shown by itself"

KEEPER = "rakuten_group"
"""Who keeps the accounts, and with them their links and wishes; the catalogue must say so too."""
OF_ACCOUNT = Origin(KEEPER, "ACCOUNT", "")
"""Whose the account's own values are: the same of all of them. On which way each came, no column
says, and nothing is made up."""
OF_SETTINGS = Origin(KEEPER, "ACCOUNT", "SETTINGS")
"""Whose links and wishes are."""

Arguments = tuple[Index | CheckConstraint | dict[str, object], ...]


class Provenance(SQLModel):
    """Whose the row is, who acquired it and how."""

    row_key: str = not_personal("the internal key of a row, never shown", TEXT, key=True)
    member_key: str = not_personal(MEMBER, TEXT)
    acquired_by: str = not_personal(WHO, TEXT)
    source: str = not_personal(HOW, TEXT)
    channel: str = not_personal(HOW, TEXT)
    acquired_at: datetime = not_personal(HOW, Instant)


class Kept(Provenance):
    """A row that is kept for so long."""

    retention_until: datetime = not_personal(RULE, Instant, default=FOREVER, fact=RowFact.RETENTION)


class OfService(Kept):
    """A row that a service may have acquired; "" = none is on record."""

    service: str = not_personal(RULE, TEXT, default="", fact=RowFact.SERVICE)


class OfContract(OfService):
    """A row that may belong to a contract; "" = to none."""

    contract_no: str = not_personal(RULE, TEXT, default="", fact=RowFact.CONTRACT)


def below_member(relation: str, table: str) -> Arguments:
    """Give a relation's table its name in the catalogue and the way from a member to its rows."""
    return Index(f"ix_{table}_member", "member_key", "row_key"), {"info": {"relation": relation}}


def graphql_int(column: str) -> CheckConstraint:
    """Only what GraphQL's Int can say, since nothing coerces it on the way out."""
    return CheckConstraint(
        f"{column} BETWEEN -2147483648 AND 2147483647", name=f"{column}_is_graphql_int"
    )


def one_of(column: str, words: Sequence[str]) -> CheckConstraint:
    """Only the words of the enum that shows it."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_a_word")
