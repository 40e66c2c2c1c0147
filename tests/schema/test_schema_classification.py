"""The schema says of all it has whether it is personal, as the catalogue does, or cannot start."""

from collections import Counter
from copy import copy

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLNonNull,
    get_named_type,
)
from strawberry import ID

from models.own_words import CONTACT
from models.tables import RELATIONS
from schema.build import Schema, build_schema
from schema.classification import MUTATIONS, STANDS_FOR, check_schema, personal_types
from schema.directives import NotPersonal, Personal
from tests.marks import (
    DEFINITION,
    OF_TYPES,
    SCHEMA,
    also_alone,
    directives,
    element_of,
    marked,
    named_in,
    refusal,
    saying,
)
from tests.real import CATALOGUE, STORED


def test_the_schema_agrees_with_the_catalogue() -> None:
    check_schema(SCHEMA.core, CATALOGUE)


def test_what_is_stored_is_shown_and_filtered_and_ordered_by_and_says_so_each_time() -> None:
    said = [each.name for each in marked(SCHEMA, Personal) if "(" not in each.name]
    kinds = SCHEMA.core.type_map
    by_kind = Counter(type(kinds[name.partition(".")[0]]) for name in said)
    shown = [element_of(name) for name in said if isinstance(element_of(name), GraphQLField)]
    fields = len(STORED) + len(RELATIONS) - 1
    lists_of_texts = [each for each in shown if str(each.type) == "[String!]"]
    without_order = [each for each in shown if str(each.type) in {"Boolean", "Company"}]
    assert len(shown) == fields
    written = {each for each in said if each.partition(".")[0].endswith("Input")}
    assert by_kind[GraphQLInputObjectType] - len(written) == fields - len(lists_of_texts)
    assert written == {
        *(f"UpdateContactInput.{path}" for path in CONTACT),
        *(each for each in STANDS_FOR if "(" not in each),
    }
    ordered = sum(isinstance(element_of(name), GraphQLEnumValue) for name in said)
    in_plain_lists = len(["accountId", "linkedAt", "means"])
    assert ordered == len(STORED) - sum(map(len, (lists_of_texts, without_order))) - in_plain_lists
    assert len(lists_of_texts) == 4


def test_deleting_all_classifications_names_each_of_them() -> None:
    schema = Schema(CATALOGUE)
    gone = [each for each in marked(schema, Personal, NotPersonal) if each.name not in OF_TYPES]
    covered = {each.name for each in marked(schema, NotPersonal)} & OF_TYPES
    for each in gone:
        each.element.extensions[DEFINITION] = saying(each.element)
    unsaid = named_in(refusal(schema=schema))
    free = {name for name, _ in gone if name.partition(".")[0] not in covered or "(" in name}
    assert len(free) > 700
    assert free <= unsaid.keys()
    assert all(any("exactly one of them" in said for said in unsaid[name]) for name in free)


@also_alone
def test_deleting_any_one_classification_stops_start_up(step: int) -> None:
    said = [e for e in marked(SCHEMA, Personal, NotPersonal) if e.name not in OF_TYPES]
    covered = {each.name for each in marked(SCHEMA, NotPersonal)} & OF_TYPES
    free = [e for e in said if e.name.partition(".")[0] not in covered or "(" in e.name]
    for name, element in free[::step]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(element.extensions, DEFINITION, saying(element))
            found = named_in(refusal())
        assert found.keys() == {name}


@also_alone
def test_deleting_the_classification_of_a_type_stops_start_up(step: int) -> None:
    """Every other one is deleted at once as well, since each is found by itself."""
    kinds = [e.name for e in marked(SCHEMA, Personal, NotPersonal) if e.name in OF_TYPES]
    assert len(kinds) > 200
    for gone in (kinds[::2], kinds[1::2], *([kind] for kind in kinds[::step])):
        with pytest.MonkeyPatch.context() as patch:
            for name in gone:
                kind = element_of(name)
                patch.setitem(kind.extensions, DEFINITION, saying(kind))
            found = {name.partition(".")[0] for name in named_in(refusal())}
        assert found == set(gone)


@pytest.mark.parametrize(
    "name",
    [
        "Order.amount",
        "OrderFilter.amount",
        "OrderFilter.and",
        "OrderOrderField.AMOUNT",
        "MemberFilter.orders",
        "MemberFilter.linkedCompanies",
        "MemberOrderField.FULL_NAME",
        "Member.orders(filter:)",
        "Query.members(orderBy:)",
        "Query.memberByAccount(accountId:)",
    ],
)
def test_deleting_one_alone_stops_start_up_with_one_finding(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    element = element_of(name)
    monkeypatch.setitem(element.extensions, DEFINITION, saying(element))
    assert set(named_in(refusal())) == {name}


def test_deleting_any_one_category_from_a_directive_stops_start_up() -> None:
    for part in ("categories", "restricted"):
        schema = Schema(CATALOGUE)
        less = [e for e in marked(schema, Personal) if getattr(directives(e.element)[0], part)]
        for _, element in less:
            said = copy(directives(element)[0])
            setattr(said, part, getattr(said, part)[1:])
            element.extensions[DEFINITION] = saying(element, said)
        found = named_in(refusal(schema=schema))
        assert found.keys() == {each.name for each in less}
        assert all("@personal must say" in "".join(said) for said in found.values())
        assert len(less) > 50


def test_calling_a_personal_value_not_personal_stops_start_up() -> None:
    schema = Schema(CATALOGUE)
    personal = marked(schema, Personal)
    for _, element in personal:
        said = saying(element, NotPersonal(reason="only a word"))
        element.extensions[DEFINITION] = said
    found = named_in(refusal(schema=schema))
    for name, _ in personal:
        assert any("says it is not personal, but" in said for said in found[name]), name


def test_saying_both_stops_start_up() -> None:
    schema = Schema(CATALOGUE)
    every = [each for each in marked(schema, Personal, NotPersonal) if "." in each.name]
    for _, element in every:
        both = Personal(categories=[ID("login")]), NotPersonal(reason="both")
        element.extensions[DEFINITION] = saying(element, *both)
    assert {each.name for each in every} <= named_in(refusal(schema=schema)).keys()


def test_a_personal_field_that_cannot_be_null_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    phone = element_of("Member.phone", schema)
    phone.type = GraphQLNonNull(phone.type)
    assert "Member.phone: a personal field must be nullable" in refusal(schema=schema)


def test_a_personal_field_on_a_type_of_no_relation_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    kind, phone = element_of("PageInfo", schema), element_of("Member.phone", schema)
    kind.extensions[DEFINITION] = saying(kind)
    kind.fields["phone"] = phone
    assert "PageInfo.phone: personal fields belong on the type of a relation" in refusal(
        schema=schema
    )


def test_a_personal_field_in_a_type_that_says_it_has_none_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    element_of("Company", schema).fields["phone"] = element_of("Member.phone", schema)
    assert "Company.phone: is personal in a type that says @notPersonal" in refusal(schema=schema)


@pytest.mark.parametrize("kind", ["Member", "Order", "OrderConnection", "MemberEdge", "Node"])
def test_a_new_way_to_personal_data_that_is_no_entry_stops_start_up(kind: str) -> None:
    schema = build_schema(CATALOGUE)
    way = GraphQLField(schema.core.type_map[kind])  # type: ignore[arg-type] # an output type, each
    way.extensions[DEFINITION] = saying(element_of("Query.companies", schema))
    way.extensions[DEFINITION].directives = [NotPersonal(reason="just a way")]
    element_of("Query", schema).fields["way"] = way
    assert "Query.way: leads to personal data and is no personal entry" in refusal(schema=schema)


def test_personal_data_below_the_catalogue_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    member = schema.core.type_map["Member"]
    element_of("Company", schema).fields["owner"] = GraphQLField(member)  # type: ignore[arg-type]
    message = refusal(schema=schema)
    assert "Query.company: leads to personal data" in message
    assert "Query.viewer: leads to personal data" in message


def test_an_unclassified_new_argument_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    element_of("Query.companies", schema).args["last"] = GraphQLArgument(GraphQLInt)
    assert "Query.companies(last:): say personal(...) or not_personal(...)" in refusal(
        schema=schema
    )


def test_a_personal_argument_that_is_compared_with_nothing_stops_start_up() -> None:
    schema = build_schema(CATALOGUE)
    account = element_of("Query.memberByAccount(accountId:)", schema)
    element_of("Query.companies", schema).args["account"] = account
    message = refusal(schema=schema)
    assert "Query.companies(account:): say in schema/classification.py which field" in message


@pytest.mark.parametrize("kind", ["OrderFilter", "OrderOrderField"])
def test_an_unclassified_new_condition_or_order_stops_start_up(kind: str) -> None:
    schema = build_schema(CATALOGUE)
    parts = element_of(kind, schema)
    held = getattr(parts, "fields", None) or parts.values
    first = next(iter(held))
    held["GIFT"] = copy(held[first])
    held["GIFT"].extensions = {}
    assert f"{kind}.GIFT: say personal(...)" in refusal(schema=schema)


def test_an_argument_of_another_category_stops_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    account = element_of("Query.memberByAccount(accountId:)")
    said = saying(account, Personal(categories=[ID("astrology")]))
    monkeypatch.setitem(account.extensions, DEFINITION, said)
    assert "(accountId:): @personal must say what fields.yaml says of linked" in refusal()


def test_only_what_holds_or_wraps_personal_fields_is_personal() -> None:
    kinds = SCHEMA.core.type_map
    rows = {
        get_named_type(field.type).name.removesuffix("Connection")
        for name, field in element_of("Member").fields.items()
        if name in RELATIONS
    }
    assert len(rows) == len(RELATIONS) - 1
    wrapped = {f"{row}{part}" for row in {*rows, "Member"} for part in ("", "Connection", "Edge")}
    payloads = {f"{name[0].upper()}{name[1:]}Payload" for name in MUTATIONS}
    assert personal_types(SCHEMA.core) == (wrapped | payloads) & kinds.keys()
