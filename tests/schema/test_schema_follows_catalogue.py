"""What the catalogue says of a field is what the schema prints, and either alone cannot change."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from _pytest.mark import ParameterSet

from models.tables import RELATIONS
from policy.errors import StartUpError
from schema.build import build_schema, print_sdl
from tests.marks import SCHEMA, also_alone, directives, element_of, refusal
from tests.real import CATALOGUE, STORED


@also_alone
def test_deleting_any_one_field_from_the_catalogue_stops_start_up(step: int) -> None:
    """Every other one is deleted at once as well, since each is found by itself."""
    for gone in (STORED[::2], STORED[1::2], *((path,) for path in STORED[::step])):
        fields = {key: each for key, each in CATALOGUE.fields.items() if key not in gone}
        message = refusal(replace(CATALOGUE, fields=fields))
        assert [path for path in gone if f": {path} is not in" not in message] == []


def few_of(keys: Iterable[str]) -> list[ParameterSet]:
    """One in seven, for what builds a schema; all others are exhaustive."""
    return [
        pytest.param(key, marks=[pytest.mark.exhaustive] if number % 7 else [])
        for number, key in enumerate(keys)
    ]


@pytest.mark.parametrize("relation", few_of(RELATIONS))
def test_a_field_that_left_the_catalogue_cannot_be_built(relation: str) -> None:
    path = next(path for path in STORED if CATALOGUE.fields[path].relation == relation)
    fields = {key: each for key, each in CATALOGUE.fields.items() if key != path}
    with pytest.raises(StartUpError, match=f"{path} is not in"):
        build_schema(replace(CATALOGUE, fields=fields))


def test_deleting_any_one_category_from_the_catalogue_stops_start_up() -> None:
    """The first of each field at once, since each is found by itself; then the last of each."""
    for gone in (0, -1):
        less = {path: list(CATALOGUE.fields[path].categories) for path in STORED}
        for categories in less.values():
            del categories[gone]
        fields = {
            path: replace(field, categories=tuple(less.get(path, field.categories)))
            for path, field in CATALOGUE.fields.items()
        }
        message = refusal(replace(CATALOGUE, fields=fields))
        said = "@personal must say what fields.yaml says of"
        assert [path for path in STORED if f"{said} {path}." not in message] == []


@also_alone
def test_deleting_one_category_alone_stops_start_up(step: int) -> None:
    for path in STORED[::step]:
        field = CATALOGUE.fields[path]
        for category in field.categories:
            rest = tuple(each for each in field.categories if each != category)
            fields = {**CATALOGUE.fields, path: replace(field, categories=rest)}
            assert f"what fields.yaml says of {path}." in refusal(replace(CATALOGUE, fields=fields))


@pytest.mark.parametrize(
    "category", few_of({key: None for path in STORED for key in CATALOGUE.fields[path].categories})
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


def test_a_restriction_lifted_in_the_catalogue_alone_stops_start_up() -> None:
    """Every other one is lifted at once, since each is found by itself; the first alone."""
    restricted = [path for path in STORED if CATALOGUE.fields[path].restricted]
    for lifted in (restricted[::2], restricted[1::2], restricted[:1]):
        freed = {p: replace(CATALOGUE.fields[p], restricted=frozenset()) for p in lifted}
        message = refusal(replace(CATALOGUE, fields={**CATALOGUE.fields, **freed}))
        assert [p for p in lifted if f"what fields.yaml says of {p}." not in message] == []


def test_every_finding_is_listed_at_once() -> None:
    gone = {"phone", "orders.items"}
    fields = {key: each for key, each in CATALOGUE.fields.items() if key not in gone}
    message = refusal(replace(CATALOGUE, fields=fields))
    assert "Member.phone" in message
    assert "Order.items" in message


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
