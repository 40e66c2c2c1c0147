"""The schema says of all it has whether it is personal, as the catalogue does, or cannot start."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInt,
    GraphQLNonNull,
    is_introspection_type,
)
from strawberry import ID

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
        for name, field in getattr(kind, "fields", {}).items():
            yield Marked(f"{kind.name}.{name}", field)
            for argument, element in getattr(field, "args", {}).items():
                yield Marked(f"{kind.name}.{name}({argument}:)", element)


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


MARKED = [each for each in elements(SCHEMA) if directives(each.element)]
PERSONAL = [each for each in MARKED if isinstance(directives(each.element)[0], Personal)]
NOT_PERSONAL = [each for each in MARKED if isinstance(directives(each.element)[0], NotPersonal)]
CATEGORIES = [
    (each, category, part)
    for each in PERSONAL
    for part in ("categories", "restricted")
    for category in getattr(directives(each.element)[0], part) or ()
]
RELATIONS = {"", "customerRecords", "orders", "insurancePolicies", "healthRecords"}


def test_the_schema_agrees_with_the_catalogue() -> None:
    check_schema(SCHEMA.core, CATALOGUE)
    assert len(PERSONAL) == len(STORED) + len(RELATIONS - {""})


@pytest.mark.parametrize("marked", MARKED, ids=str)
def test_deleting_any_one_classification_stops_start_up(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(marked.element.extensions, DEFINITION, saying(marked.element))
    assert marked.name in refusal()


@pytest.mark.parametrize(("marked", "category", "part"), CATEGORIES, ids=str)
def test_deleting_any_one_category_from_a_directive_stops_start_up(
    marked: Marked, category: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = copy(directives(marked.element)[0])
    setattr(said, part, [each for each in getattr(said, part) if each != category])
    monkeypatch.setitem(marked.element.extensions, DEFINITION, saying(marked.element, said))
    assert f"{marked.name}: @personal must say" in refusal()


@pytest.mark.parametrize("marked", PERSONAL, ids=str)
def test_calling_a_personal_value_not_personal_stops_start_up(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = saying(marked.element, NotPersonal(reason="only a word"))
    monkeypatch.setitem(marked.element.extensions, DEFINITION, said)
    assert f"{marked.name}: says it is not personal, but" in refusal()


@pytest.mark.parametrize("marked", [each for each in MARKED if "." in each.name], ids=str)
def test_saying_both_stops_start_up(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    said = saying(marked.element, Personal(categories=[ID("login")]), NotPersonal(reason="both"))
    monkeypatch.setitem(marked.element.extensions, DEFINITION, said)
    assert marked.name in refusal()


@pytest.mark.parametrize("path", STORED)
def test_deleting_any_one_field_from_the_catalogue_stops_start_up(path: str) -> None:
    fields = {key: each for key, each in CATALOGUE.fields.items() if key != path}
    without = replace(CATALOGUE, fields=fields)
    assert f"{path} is not in" in refusal(without)
    with pytest.raises(StartUpError, match=f"{path} is not in"):
        build_schema(without)


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
    assert "Query.companies(last:): say @personal or @notPersonal" in refusal(schema=schema)


def test_an_argument_of_unknown_category_stops_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    account = element_of("Query.memberByAccount(accountId:)")
    said = saying(account, Personal(categories=[ID("astrology")]))
    monkeypatch.setitem(account.extensions, DEFINITION, said)
    assert "(accountId:): @personal must name categories of the catalogue" in refusal()


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
    rows = {"CustomerRecord", "Order", "InsurancePolicy", "HealthRecord", "Member"}
    wrapped = {f"{row}{suffix}" for row in rows for suffix in ("", "Connection", "Edge")}
    assert personal_types(SCHEMA.core) == wrapped


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
