"""How an answer goes through the schema: personal values by response key, the rest by resolver."""

from dataclasses import replace
from typing import Any

import pytest

from policy.companies import Company
from resolvers.executor import Made
from resolvers.payload import by_response_key
from schema.build import Schema, _never, build_schema
from schema.classification import personal_types
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

CARD: Company = CATALOGUE.companies["card"]
MADE = {"__typename": "Member", "a": "A", "b": None, "orders": {"nodes": [{"k": "as it is"}]}}
FIELDS = "__typename a: loginName b: loginName orders { nodes { k: items } }"


def answering(root: str, answer: object) -> Schema:
    """The schema, with one root that gives this answer."""
    schema = build_schema(CATALOGUE)
    assert schema.core.query_type is not None
    schema.core.query_type.fields[root].resolve = lambda *_, **__: answer
    return schema


async def message(query: str, variables: dict[str, Any] | None = None) -> str:
    result = await build_schema(CATALOGUE).execute(query, variables)
    assert result.data is None
    assert result.errors is not None
    return result.errors[0].message


async def test_a_planned_answer_leaves_as_it_was_made() -> None:
    result = await answering("me", Made(MADE)).execute(f"{{ me {{ {FIELDS} }} }}")
    assert result.errors is None
    assert result.data == {"me": MADE}


async def test_a_planned_member_is_a_node() -> None:
    query = f'{{ node(id: "x") {{ ... on Member {{ {FIELDS} }} }} }}'
    result = await answering("node", Made(MADE)).execute(query)
    assert result.errors is None
    assert result.data == {"node": MADE}


async def test_what_no_plan_made_is_resolved_by_nobody() -> None:
    result = await answering("me", {"loginName": "A"}).execute("{ me { loginName } }")
    assert result.errors
    assert result.data in (None, {"me": {"loginName": None}})


async def test_an_object_of_the_catalogue_is_a_node() -> None:
    query = '{ node(id: "x") { __typename ... on Company { key } ... on Member { loginName } } }'
    result = await answering("node", CARD).execute(query)
    assert result.errors is None
    assert result.data == {"node": {"__typename": "Company", "key": "card"}}


def test_every_field_below_a_personal_entry_comes_with_its_plan() -> None:
    core = build_schema(CATALOGUE).core
    for name in personal_types(core):
        fields = getattr(core.type_map[name], "fields", {})
        expected = {by_response_key} if name.endswith("Payload") else {_never}
        assert {field.resolve for field in fields.values()} == expected, name


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ viewr { role } }", None),
        ("{ viewer { rol } }", None),
        ('{ company(keyy: "card") { key } }', None),
        ("{ companies(filter: {kynd: SSI}) { key } }", None),
        ("{ companies(filter: {kind: SSSI}) { key } }", None),
        ("query ($f: CompanyFiltr) { companies(filter: $f) { key } }", None),
        ("query ($f: CompanyFilter) { companies(filter: $f) { key } }", {"f": {"kynd": "SSI"}}),
        ("query ($f: CompanyFilter) { companies(filter: $f) { key } }", {"f": {"kind": "SSSI"}}),
    ],
)
async def test_no_error_suggests_a_name(query: str, variables: dict[str, Any] | None) -> None:
    assert "Did you mean" not in await message(query, variables)


async def test_errors_are_logged_by_whoever_serves_not_here(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await message("{ nonsense }")
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


async def test_a_document_valid_in_one_schema_is_validated_anew_in_another() -> None:
    first, second = build_schema(CATALOGUE), build_schema(replace(CATALOGUE, version="other"))
    assert second.core.query_type is not None
    del second.core.query_type.fields["viewer"]
    query = "{ viewer { __typename } }"
    for _ in range(2):
        assert (await first.execute(query)).errors is not None  # no context: the root fails
        result = await second.execute(query)
        assert result.errors is not None
        assert result.errors[0].message == "Cannot query field 'viewer' on type 'Query'."
