"""Every column says whether it is personal, in agreement with the catalogue, or start-up stops."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from models.classification import check_models
from models.columns import FACT, NOT_PERSONAL, PERSONAL
from models.tables import (
    ACCOUNT,
    ALL_TABLES,
    HEALTH_RECORD,
    ORDERS,
    RELATIONS,
    column_of,
    fact_column,
)
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.vocabulary import RowFact
from tests.real import CATALOGUE
from tests.small_catalogue import field, small_catalogue

COLUMNS = [(table.name, column.name) for table in ALL_TABLES for column in table.columns]


def copy(table: Table) -> Table:
    """The table, with `info` dictionaries of its own to tamper with."""
    copied = table.to_metadata(MetaData())
    for column in copied.columns:
        column.info = dict(column.info)
    return copied


def refusal(catalogue: Catalogue, *tables: Table) -> str:
    with pytest.raises(StartUpError) as stopped:
        check_models(catalogue, tables)
    return str(stopped.value)


def without(catalogue: Catalogue, path: str) -> Catalogue:
    fields = {key: each for key, each in catalogue.fields.items() if key != path}
    return replace(catalogue, fields=fields)


@pytest.mark.parametrize("catalogue", [CATALOGUE, small_catalogue()], ids=["seeds", "small"])
def test_the_tables_agree_with_the_catalogue(catalogue: Catalogue) -> None:
    check_models(catalogue)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda name: name)
def test_deleting_any_one_classification_stops_start_up(table: str, column: str) -> None:
    copied = copy(next(each for each in ALL_TABLES if each.name == table))
    copied.columns[column].info.clear()
    assert f"{table}.{column}: say personal" in refusal(small_catalogue(), copied)


def test_an_unclassified_new_column_stops_start_up() -> None:
    copied = copy(ORDERS)
    copied.append_column(Column("gift_message", Text))
    assert "orders.gift_message: say personal" in refusal(small_catalogue(), copied)


def test_every_finding_is_listed_at_once() -> None:
    copied = copy(ORDERS)
    copied.columns["items"].info.clear()
    copied.columns["phone"].info.clear()
    message = refusal(small_catalogue(), copied)
    assert "orders.items" in message
    assert "orders.phone" in message


@pytest.mark.parametrize(
    ("column", "info", "finding"),
    [
        ("phone", {PERSONAL: "phone", NOT_PERSONAL: "both"}, "exactly one of them"),
        ("phone", {NOT_PERSONAL: ""}, "exactly one of them"),
        ("phone", {NOT_PERSONAL: "only a number"}, "lists orders.phone as personal"),
        ("phone", {PERSONAL: "orders.telephone"}, "orders.telephone is not in"),
        ("phone", {PERSONAL: "customerRecords.phone"}, "belongs to relation 'customerRecords'"),
        ("phone", {PERSONAL: "orders.items"}, "two columns say they hold orders.items"),
        ("source", {PERSONAL: "orders.source"}, "must be nullable"),
    ],
)
def test_a_classification_that_is_not_true_stops_start_up(
    column: str, info: Mapping[str, Any], finding: str
) -> None:
    copied = copy(ORDERS)
    copied.columns[column].info = dict(info)
    assert finding in refusal(small_catalogue(), copied)


def test_a_personal_column_outside_a_relation_stops_start_up() -> None:
    table = Table("notes", MetaData(), Column("phone", Text, info={PERSONAL: "phone"}))
    assert "notes.phone: personal columns belong" in refusal(small_catalogue(), table)


def test_a_field_that_left_the_catalogue_stops_start_up() -> None:
    message = refusal(without(small_catalogue(), "gender"), ACCOUNT)
    assert "account.gender: gender is not in" in message


def test_a_field_of_the_catalogue_may_have_no_column_yet() -> None:
    catalogue = small_catalogue()
    nickname = field("", "nickname")
    check_models(replace(catalogue, fields={**catalogue.fields, "nickname": nickname}))


@pytest.mark.parametrize(
    ("relation", "fact"),
    [
        (name, fact)
        for name in RELATIONS
        for fact in sorted(small_catalogue().relations[name].facts)
    ],
)
def test_each_row_fact_must_have_its_column_and_each_column_its_row_fact(
    relation: str, fact: RowFact
) -> None:
    catalogue = small_catalogue()
    copied = copy(RELATIONS[relation])
    del copied.columns[fact_column(relation, fact).name].info[FACT]
    assert f"states {fact.value}" in refusal(catalogue, copied)

    stated = catalogue.relations[relation]
    silent = replace(stated, facts=stated.facts - {fact})
    relations = {**catalogue.relations, relation: silent}
    message = refusal(replace(catalogue, relations=relations), RELATIONS[relation])
    assert f"holds {fact.value}" in message


def test_a_table_whose_relation_the_catalogue_does_not_know_stops_start_up() -> None:
    catalogue = small_catalogue()
    relations = {name: each for name, each in catalogue.relations.items() if name != "orders"}
    message = refusal(replace(catalogue, relations=relations), ORDERS)
    assert "the catalogue has no relation 'orders'" in message


@pytest.mark.parametrize("relation", ["linkedCompanies", "mailPreferences"])
def test_a_view_shows_what_the_keeper_of_the_accounts_acquired(relation: str) -> None:
    catalogue = small_catalogue()
    anybody = replace(catalogue.relations[relation], acquirers=None)
    relations = {**catalogue.relations, relation: anybody}
    message = refusal(replace(catalogue, relations=relations), RELATIONS[relation])
    assert f"shows what rakuten_group acquired; say so of relation '{relation}'" in message


def test_a_column_the_rule_reads_cannot_be_null() -> None:
    copied = copy(HEALTH_RECORD)
    copied.columns["service"].nullable = True
    assert "health_record.service: a column the rule reads" in refusal(small_catalogue(), copied)


def test_a_column_is_found_by_the_path_it_says_it_holds() -> None:
    assert column_of("fullNameKana") is ACCOUNT.c.full_name_kana
    assert column_of("orders.shippingAddress") is ORDERS.c.shipping_address
    with pytest.raises(KeyError):
        column_of("orders.source")
