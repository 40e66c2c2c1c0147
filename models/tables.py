"""Every table by name, and the tables of the relations below Member."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlmodel import SQLModel

from models import data_tables, rule_tables
from models.columns import fact_of, path_of
from models.ledger_table import LEDGER_ENTRY
from policy.vocabulary import RowFact


def _table(model: type[SQLModel]) -> Table:
    return METADATA.tables[str(model.__tablename__)]


METADATA: MetaData = SQLModel.metadata

ACCOUNT = _table(data_tables.Account)
CUSTOMER_RECORD = _table(data_tables.CustomerRecord)
ORDERS = _table(data_tables.Order)
INSURANCE_POLICY = _table(data_tables.InsurancePolicy)
HEALTH_RECORD = _table(data_tables.HealthRecord)

EVENT = _table(rule_tables.EventRow)
STANDING = _table(rule_tables.StandingRow)
ITEM_STANDING = _table(rule_tables.ItemStandingRow)
LINK = _table(rule_tables.LinkRow)
NOTIFIED = _table(rule_tables.NotifiedRow)
MAIL = _table(rule_tables.MailRow)
STOP = _table(rule_tables.StopRow)
OVERSEAS = _table(rule_tables.OverseasRow)
INCIDENT = _table(rule_tables.IncidentRow)
CONTRACT = _table(rule_tables.ContractRow)
CATALOGUE_VERSION = _table(rule_tables.CatalogueVersionRow)
SCHEMA_STAMP = _table(rule_tables.SchemaStampRow)

ALL_TABLES = (*METADATA.sorted_tables, LEDGER_ENTRY)
"""The database's and the ledger's."""

PROJECTIONS = (STANDING, ITEM_STANDING, LINK, NOTIFIED, MAIL, STOP, OVERSEAS, INCIDENT)
"""What the fold of the events writes; each has `member_key` first in its key."""

RELATIONS: Mapping[str, Table] = MappingProxyType(
    {
        str(table.info["relation"]): table
        for table in (ACCOUNT, CUSTOMER_RECORD, ORDERS, INSURANCE_POLICY, HEALTH_RECORD)
    }
)
"""Relation of the catalogue → its table; "" is the account itself."""


def column_of(relation: str, field: str) -> Column[Any]:
    """The column that says it holds this field of the relation. Raises KeyError without one."""
    return _BY_PATH[f"{relation}.{field}" if relation else field]


def fact_column(relation: str, fact: RowFact) -> Column[Any]:
    """The column the rule reads this row fact from. Raises KeyError without one."""
    return _BY_FACT[relation, fact]


_BY_PATH: Mapping[str, Column[Any]] = MappingProxyType(
    {
        path: column
        for table in RELATIONS.values()
        for column in table.columns
        if (path := path_of(column)) is not None
    }
)

_BY_FACT: Mapping[tuple[str, RowFact], Column[Any]] = MappingProxyType(
    {
        (relation, fact): column
        for relation, table in RELATIONS.items()
        for column in table.columns
        if (fact := fact_of(column)) is not None
    }
)
