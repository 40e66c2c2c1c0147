"""Every table by name, and the tables of the relations below Member."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlmodel import SQLModel

from models import (
    account_table,
    act_tables,
    device_tables,
    erasure_table,
    free_text_tables,
    insurance_tables,
    payment_tables,
    population_table,
    profile_tables,
    rule_tables,
    shopping_tables,
    third_party_tables,
    trusted_table,
)
from models.columns import fact_of, path_of
from models.history_tables import LEDGER_TABLES
from models.indexes import index_searches
from models.views import ACCOUNT_LINK, MAIL_PREFERENCE, VIEWS
from policy.vocabulary import RowFact


def _table(model: type[SQLModel]) -> Table:
    return METADATA.tables[str(model.__tablename__)]


METADATA: MetaData = SQLModel.metadata
index_searches(METADATA.tables)

ACCOUNT = _table(account_table.Account)
LOGIN_EVENT = _table(profile_tables.LoginEvent)
CUSTOMER_RECORD = _table(profile_tables.CustomerRecord)
CONTACT_PREFERENCE = _table(profile_tables.ContactPreference)
ORDERS = _table(shopping_tables.Order)
RESERVATION = _table(shopping_tables.Reservation)
COUPON = _table(shopping_tables.Coupon)
CASHBACK = _table(shopping_tables.Cashback)
POINT_ENTRY = _table(shopping_tables.PointEntry)
SHIPPING_ADDRESS = _table(shopping_tables.ShippingAddress)
PAYMENT_METHOD = _table(payment_tables.PaymentMethod)
PAYMENT = _table(payment_tables.Payment)
IDENTITY_DOCUMENT = _table(payment_tables.IdentityDocument)
DEVICE = _table(device_tables.Device)
AD_CONTACT = _table(device_tables.AdContact)
CREDIT_CHECK = _table(third_party_tables.CreditCheck)
FRAUD_SIGNAL = _table(third_party_tables.FraudSignal)
THIRD_PARTY_RECEIPT = _table(third_party_tables.ThirdPartyReceipt)
INSURANCE_POLICY = _table(insurance_tables.InsurancePolicy)
PREMIUM = _table(insurance_tables.Premium)
BENEFICIARY = _table(insurance_tables.Beneficiary)
CLAIM = _table(insurance_tables.Claim)
HEALTH_RECORD = _table(insurance_tables.HealthRecord)
INQUIRY = _table(free_text_tables.Inquiry)
REVIEW = _table(free_text_tables.Review)
SURVEY_ANSWER = _table(free_text_tables.SurveyAnswer)

EVENT = _table(rule_tables.EventRow)
STANDING = _table(rule_tables.StandingRow)
ITEM_STANDING = _table(rule_tables.ItemStandingRow)
LINK = _table(rule_tables.LinkRow)
NOTIFIED = _table(rule_tables.NotifiedRow)
MAIL = _table(rule_tables.MailRow)
STOP = _table(rule_tables.StopRow)
OVERSEAS = _table(rule_tables.OverseasRow)
INCIDENT = _table(rule_tables.IncidentRow)
OPENING = _table(rule_tables.OpeningRow)
CONTRACT = _table(rule_tables.ContractRow)
CATALOGUE_VERSION = _table(rule_tables.CatalogueVersionRow)
CATALOGUE_APPLY = _table(rule_tables.CatalogueApplyRow)
POPULATION = _table(population_table.PopulationRow)
OUTBOX = _table(act_tables.OutboxRow)
IDEMPOTENCY = _table(act_tables.IdempotencyRow)
WRITE_MARK = _table(act_tables.WriteMarkRow)
ERASURE = _table(erasure_table.ErasureRow)
TRUSTED_DOCUMENT = _table(trusted_table.TrustedDocumentRow)

ALL_TABLES = (
    *METADATA.sorted_tables,
    *VIEWS.sorted_tables,
    *LEDGER_TABLES,
)
"""The database's, its views, and the ledger's."""

PROJECTIONS = (STANDING, ITEM_STANDING, LINK, NOTIFIED, MAIL, STOP, OVERSEAS, INCIDENT, OPENING)
"""What the fold of the events writes; each has `member_key` first in its key."""

ROW_TABLES = (
    LOGIN_EVENT,
    ORDERS,
    RESERVATION,
    COUPON,
    CASHBACK,
    POINT_ENTRY,
    SHIPPING_ADDRESS,
    CUSTOMER_RECORD,
    PAYMENT_METHOD,
    PAYMENT,
    IDENTITY_DOCUMENT,
    DEVICE,
    AD_CONTACT,
    CREDIT_CHECK,
    FRAUD_SIGNAL,
    THIRD_PARTY_RECEIPT,
    INSURANCE_POLICY,
    PREMIUM,
    BENEFICIARY,
    CLAIM,
    HEALTH_RECORD,
    INQUIRY,
    REVIEW,
    SURVEY_ANSWER,
    CONTACT_PREFERENCE,
)
"""Those whose rows are written as rows."""

RELATIONS: Mapping[str, Table] = MappingProxyType(
    {
        str(table.info["relation"]): table
        for table in (ACCOUNT, *ROW_TABLES, ACCOUNT_LINK, MAIL_PREFERENCE)
    }
)
"""Relation of the catalogue → its table or view; "" is the account itself."""


def column_of(path: str) -> Column[Any]:
    """The column that says it holds the field at this path. Raises KeyError without one."""
    return _BY_PATH[path]


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
