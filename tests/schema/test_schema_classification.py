"""The schema says of all it has whether it is personal, as the catalogue does, or cannot start."""

from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLNonNull,
    get_named_type,
    is_introspection_type,
)
from strawberry import ID

from models.tables import RELATIONS
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from schema.build import Schema, build_schema, print_sdl
from schema.classification import check_schema, personal_types
from schema.directives import NotPersonal, Personal
from tests.real import CATALOGUE, STORED

DEFINITION = "strawberry-definition"
SCHEMA = build_schema(CATALOGUE)


class Marked(NamedTuple):
    """An element of the schema that carries a classifying directive."""

    name: str
    element: Any

    def __str__(self) -> str:
        return self.name


def elements(schema: Schema) -> Iterator[Marked]:
    for kind in schema.core.type_map.values():
        if is_introspection_type(kind):
            continue
        yield Marked(kind.name, kind)
        for part in ("fields", "values"):
            for name, element in getattr(kind, part, {}).items():
                yield Marked(f"{kind.name}.{name}", element)
                for argument, given in getattr(element, "args", {}).items():
                    yield Marked(f"{kind.name}.{name}({argument}:)", given)


def directives(element: Any) -> list[Any]:
    definition = element.extensions.get(DEFINITION)
    return list(getattr(definition, "directives", None) or ())


def saying(element: Any, *said: object) -> Any:
    """The element's definition as it would be, had it said this instead."""
    definition = copy(element.extensions[DEFINITION])
    definition.directives = list(said)
    return definition


def element_of(name: str, schema: Schema = SCHEMA) -> Any:
    return next(each.element for each in elements(schema) if each.name == name)


def refusal(catalogue: Catalogue = CATALOGUE, schema: Schema = SCHEMA) -> str:
    with pytest.raises(StartUpError) as stopped:
        check_schema(schema.core, catalogue)
    return str(stopped.value)


def marked(schema: Schema, *kinds: type) -> list[Marked]:
    """Everything that carries one of these directives."""
    return [
        each
        for each in elements(schema)
        if any(isinstance(said, kinds) for said in directives(each.element))
    ]


def named_in(refused: str) -> dict[str, set[str]]:
    """What is refused, each with what is said of it."""
    found: dict[str, set[str]] = {}
    for line in refused.splitlines()[1:]:
        name, _, finding = line.partition(": ")
        found.setdefault(name, set()).add(finding)
    return found


OF_TYPES = {kind.name for kind in SCHEMA.core.type_map.values()}
"""Names of types: what stands on a type speaks for its fields."""


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
    assert by_kind[GraphQLInputObjectType] == fields - len(lists_of_texts)
    ordered = sum(isinstance(element_of(name), GraphQLEnumValue) for name in said)
    in_plain_lists = len(["accountId", "linkedAt", "means"])
    assert ordered == len(STORED) - sum(map(len, (lists_of_texts, without_order))) - in_plain_lists
    assert len(lists_of_texts) == 4


def test_deleting_any_one_classification_stops_start_up() -> None:
    """All are deleted at once, since each is found by itself; one in forty also alone."""
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


@pytest.mark.parametrize(
    "name",
    [each.name for each in marked(SCHEMA, Personal, NotPersonal) if each.name in OF_TYPES],
)
def test_deleting_the_classification_of_a_type_stops_start_up(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = element_of(name)
    monkeypatch.setitem(kind.extensions, DEFINITION, saying(kind))
    assert f"{name}." in refusal()


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


@pytest.mark.parametrize("path", STORED)
def test_deleting_any_one_field_from_the_catalogue_stops_start_up(path: str) -> None:
    fields = {key: each for key, each in CATALOGUE.fields.items() if key != path}
    assert f"{path} is not in" in refusal(replace(CATALOGUE, fields=fields))


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_field_that_left_the_catalogue_cannot_be_built(relation: str) -> None:
    path = next(path for path in STORED if CATALOGUE.fields[path].relation == relation)
    fields = {key: each for key, each in CATALOGUE.fields.items() if key != path}
    with pytest.raises(StartUpError, match=f"{path} is not in"):
        build_schema(replace(CATALOGUE, fields=fields))


@pytest.mark.parametrize(
    ("path", "category"),
    [(path, category) for path in STORED for category in CATALOGUE.fields[path].categories],
)
def test_deleting_any_one_category_from_the_catalogue_stops_start_up(
    path: str, category: str
) -> None:
    field = CATALOGUE.fields[path]
    rest = tuple(each for each in field.categories if each != category)
    fields = {**CATALOGUE.fields, path: replace(field, categories=rest)}
    assert f"what fields.yaml says of {path}" in refusal(replace(CATALOGUE, fields=fields))


@pytest.mark.parametrize(
    "category", {key: None for path in STORED for key in CATALOGUE.fields[path].categories}
)
def test_a_category_that_left_the_catalogue_cannot_be_built(category: str) -> None:
    path = next(path for path in STORED if category in CATALOGUE.fields[path].categories)
    known = {key: each for key, each in CATALOGUE.categories.items() if key != category}
    with pytest.raises(StartUpError, match=f"{path} must carry categories"):
        build_schema(replace(CATALOGUE, categories=known))


def test_a_field_of_no_category_stops_start_up() -> None:
    fields = {**CATALOGUE.fields, "phone": replace(CATALOGUE.fields["phone"], categories=())}
    with pytest.raises(StartUpError, match="phone must carry categories"):
        build_schema(replace(CATALOGUE, fields=fields))


@pytest.mark.parametrize("path", [p for p in STORED if CATALOGUE.fields[p].restricted])
def test_a_restriction_lifted_in_the_catalogue_alone_stops_start_up(path: str) -> None:
    lifted = replace(CATALOGUE.fields[path], restricted=frozenset())
    fields = {**CATALOGUE.fields, path: lifted}
    assert f"what fields.yaml says of {path}" in refusal(replace(CATALOGUE, fields=fields))


def test_every_finding_is_listed_at_once() -> None:
    gone = {"phone", "orders.items"}
    fields = {key: each for key, each in CATALOGUE.fields.items() if key not in gone}
    message = refusal(replace(CATALOGUE, fields=fields))
    assert "Member.phone" in message
    assert "Order.items" in message


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


def test_a_sensitive_kind_that_the_schema_cannot_say_stops_start_up() -> None:
    lists = CATALOGUE.sensitive_lists
    health = lists["HEALTH"]
    wider = replace(health, kinds=health.kinds | {"astrology"})
    message = refusal(replace(CATALOGUE, sensitive_lists={**lists, "HEALTH": wider}))
    assert "HealthKind: has no value for the kind astrology" in message


def test_schemas_of_two_catalogues_do_not_disturb_each_other() -> None:
    before = print_sdl(SCHEMA)
    phone = replace(CATALOGUE.fields["phone"], categories=("login", "profile"))
    other = build_schema(replace(CATALOGUE, fields={**CATALOGUE.fields, "phone": phone}))
    assert 'phone: String @personal(categories: ["login", "profile"])' in print_sdl(other)
    assert print_sdl(SCHEMA) == before
    assert print_sdl(build_schema(CATALOGUE)) == before


def test_only_what_holds_or_wraps_personal_fields_is_personal() -> None:
    kinds = SCHEMA.core.type_map
    rows = {
        get_named_type(field.type).name.removesuffix("Connection")
        for name, field in element_of("Member").fields.items()
        if name in RELATIONS
    }
    assert len(rows) == len(RELATIONS) - 1
    wrapped = {f"{row}{part}" for row in {*rows, "Member"} for part in ("", "Connection", "Edge")}
    assert personal_types(SCHEMA.core) == wrapped & kinds.keys()


def test_a_list_carries_every_category_of_its_rows_and_no_restriction_of_some() -> None:
    (orders,) = directives(element_of("Member.orders"))
    assert orders.categories == ["service_usage", "profile"]
    (health,) = directives(element_of("Member.healthRecords"))
    assert health.restricted == ["sensitive"]
    mixed = replace(CATALOGUE.fields["healthRecords.value"], restricted=frozenset())
    fields = {**CATALOGUE.fields, mixed.path: mixed}
    (health,) = directives(
        element_of("Member.healthRecords", build_schema(replace(CATALOGUE, fields=fields)))
    )
    assert not health.restricted
