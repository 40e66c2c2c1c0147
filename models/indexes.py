"""The indexes that serve searches, orders and leads, beside the keys that the tables bring.

* Of the account, every value that can be searched or sorted by, with the key behind it: a filter
  reads its range, an order its entries as they stand, ties by key included. Region and age, which
  most searches of people name together, have one in common: the range is no more than what is met.
* Of rows, none by value. A condition on rows is asked member by member, through `(member_key,
  row_key)`, and a list below a member is a handful of rows; an index on each of their hundred
  columns would cost every write, and most conditions ("some order above 1,000") meet most members.
* What leads to the few members who may be open (models.lead_sql): by company, by merchant, by
  country, by the end of the account.
"""

from collections.abc import Mapping

from sqlalchemy import Index, Table

from models.columns import path_of
from models.constants import date
from models.types import Words
from policy.vocabulary import FOREVER

_LEADS = (
    ("link", "company"),
    ("mail", "sender"),
    ("overseas", "country"),
    ("incident", "company"),
    ("orders", "merchant"),
)


def index_searches(tables: Mapping[str, Table]) -> None:
    """Give the tables these indexes, before any of them is made."""
    searched = [
        ("account", column.name)
        for column in tables["account"].columns
        if path_of(column) is not None and not isinstance(column.type, Words)
    ]
    for table, column in (*searched, *_LEADS):
        columns = tables[table].c
        Index(f"ix_{table}_{column}", columns[column], columns.member_key)
    account = tables["account"].c
    together = account.prefecture, account.birth_date, account.member_key
    Index("ix_account_prefecture_birth_date", *together)
    standing = tables["standing"].c
    # Of closed accounts alone: who asks for the others must not be led through nearly all members.
    ended = standing.closed_at < date(FOREVER)
    Index(
        "ix_standing_closed_at",
        standing.closed_at,
        standing.member_key,
        sqlite_where=ended,
        postgresql_where=ended,
    )
