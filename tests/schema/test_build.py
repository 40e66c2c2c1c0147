"""How an answer goes through the schema: personal values by response key, the rest by resolver."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from policy.companies import Company
from resolvers.answer import MemberShape
from resolvers.entry import by_response_key
from schema.build import Schema, build_schema
from schema.classification import personal_types
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

CARD: Company = CATALOGUE.companies["card"]
ANSWER: dict[str, Any] = {
    "__typename": "Member",
    "a": "A",
    "b": None,
    "birthDate": date(1985, 4, 12),
    "lastLoginAt": datetime(2026, 5, 28, 11, 42, 5, tzinfo=UTC),
    "gender": "FEMALE",
    "ekycStatus": "VERIFIED",
    "health": {
        "pageInfo": {"more": False, "endCursor": None},
        "nodes": [{"k": "medicalHistory", "by": CARD, "acquiredAt": "2026-06-15T00:00:00Z"}],
        "edges": [{"c": "cursor", "node": {"value": None}}],
    },
    "orders": None,
}
FIELDS = """
  __typename a: loginName b: loginName birthDate lastLoginAt gender ekycStatus
  health: healthRecords(first: 1) {
    pageInfo { more: hasNextPage endCursor }
    nodes { k: kind by: acquiredBy { key kind name { en } } acquiredAt }
    edges { c: cursor node { value } }
  }
  orders { nodes { id } }
"""
SHOWN = {
    **ANSWER,
    "birthDate": "1985-04-12",
    "lastLoginAt": "2026-05-28T11:42:05Z",
    "health": {
        **ANSWER["health"],
        "nodes": [
            {
                "k": "MEDICAL_HISTORY",
                "by": {"key": "card", "kind": "FINTECH", "name": {"en": CARD.name.en}},
                "acquiredAt": "2026-06-15T00:00:00Z",
            }
        ],
    },
}


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


async def test_a_planned_answer_is_read_by_response_key() -> None:
    result = await answering("me", ANSWER).execute(f"{{ me {{ {FIELDS} }} }}")
    assert result.errors is None
    assert result.data == {"me": SHOWN}


async def test_a_planned_member_is_a_node() -> None:
    query = f'{{ node(id: "x") {{ ... on Member {{ {FIELDS} }} }} }}'
    result = await answering("node", MemberShape(ANSWER)).execute(query)
    assert result.errors is None
    assert result.data == {"node": SHOWN}


async def test_an_object_of_the_catalogue_is_a_node() -> None:
    query = '{ node(id: "x") { __typename ... on Company { key } ... on Member { loginName } } }'
    result = await answering("node", CARD).execute(query)
    assert result.errors is None
    assert result.data == {"node": {"__typename": "Company", "key": "card"}}


def test_every_field_of_a_personal_type_reads_the_answer_and_nothing_else() -> None:
    core = build_schema(CATALOGUE).core
    for name in personal_types(core):
        fields = getattr(core.type_map[name], "fields", {})
        assert {field.resolve for field in fields.values()} == {by_response_key}, name


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
