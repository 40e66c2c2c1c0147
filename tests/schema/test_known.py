"""A document is parsed and validated once, and kept as long as there is room for what it weighs."""

from typing import Any

import orjson
import pytest
from graphql import DocumentNode, execute_sync, parse
from strawberry.types.execution import ExecutionResult

from resolvers import graphql_documents
from resolvers.kept import Kept, weight_of
from schema import known
from schema.build import Schema, build_schema
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

VALID, INVALID = "{ __schema { queryType { name } } }", "{ nothing }"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema(CATALOGUE)


@pytest.fixture(params=[(1024 * 1024, 1), (1024, 3)], ids=["room", "no room"])
def times(request: pytest.FixtureRequest, schema: Schema, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many times what is asked three times is parsed, where there is so much room."""
    room, expected = request.param
    monkeypatch.setattr(schema.documents, "kept", Kept(room))
    return int(expected)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are parsed from now on."""
    texts = list[str]()

    def watched(text: str, **_options: object) -> DocumentNode:
        texts.append(text)
        return parse(text)

    monkeypatch.setattr(graphql_documents, "parse", watched)
    return texts


async def ask(
    schema: Schema, text: str, variables: dict[str, Any] | None = None, name: str | None = None
) -> ExecutionResult:
    answer = await schema.execute(text, variables, operation_name=name)
    assert isinstance(answer, ExecutionResult)
    return answer


@pytest.mark.parametrize("text", [VALID, INVALID])
async def test_a_document_is_parsed_once_as_long_as_it_is_kept(
    schema: Schema, parsed: list[str], times: int, text: str
) -> None:
    answers = [await ask(schema, text) for _ in range(3)]
    assert parsed == [text] * times
    told = [[error.message for error in each.errors or ()] for each in answers]
    assert told[0] == told[1] == told[2]
    assert bool(told[0]) is (text == INVALID)


ABOUT = """
query Named($name: String!, $fields: Boolean = false) { ...Told }
query Others { __schema { types { name } } __typename }
fragment Told on Query { __type(name: $name) { name fields @include(if: $fields) { name } } }
"""


@pytest.fixture
def executed(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> list[DocumentNode]:
    """What the schema is asked about itself from now on, and nothing was before."""
    monkeypatch.setattr(schema.documents, "answers", Kept(1024 * 1024))
    documents = list[DocumentNode]()

    def watched(core: Any, document: DocumentNode, **given: Any) -> Any:
        documents.append(document)
        return execute_sync(core, document, **given)

    monkeypatch.setattr(known, "execute_sync", watched)
    return documents


async def told(
    schema: Schema, text: str, variables: dict[str, Any] | None = None, name: str | None = None
) -> Any:
    """What is told twice the same."""
    answers = [await ask(schema, text, variables, name) for _ in range(2)]
    (data,) = {orjson.dumps(each.data) for each in answers}
    return orjson.loads(data)


async def test_what_the_schema_says_of_itself_is_worked_out_once(
    schema: Schema, executed: list[DocumentNode]
) -> None:
    assert await told(schema, VALID) == {"__schema": {"queryType": {"name": "Query"}}}
    assert len(executed) == 1


async def test_it_is_told_by_variables_and_by_the_operation_s_name(
    schema: Schema, executed: list[DocumentNode]
) -> None:
    answers = [
        await told(schema, ABOUT, {"name": "Viewer"}, "Named"),
        await told(schema, ABOUT, {"name": "Role"}, "Named"),
        await told(schema, ABOUT, {"name": "Viewer", "fields": True}, "Named"),
        await told(schema, ABOUT, {"name": "Viewer"}, "Others"),
    ]
    assert [each.get("__type", {}).get("name") for each in answers] == [
        "Viewer",
        "Role",
        "Viewer",
        None,
    ]
    assert answers[2]["__type"]["fields"]
    assert len(answers[3]["__schema"]["types"]) == len(schema.core.type_map)
    assert len(executed) == 4


async def test_what_goes_wrong_is_said_anew_each_time(
    schema: Schema, executed: list[DocumentNode]
) -> None:
    for _ in range(2):
        assert (await ask(schema, ABOUT, {}, "Named")).errors
    assert len(executed) == 2


@pytest.mark.parametrize("text", ["{ __typename purposes { key } }", "mutation { __typename }"])
async def test_nothing_else_is_kept(
    schema: Schema, executed: list[DocumentNode], text: str
) -> None:
    for _ in range(2):
        await ask(schema, text)
    assert not executed
    assert not len(schema.documents.answers)


def test_a_document_weighs_a_hundred_times_what_it_measures() -> None:
    assert weight_of("x" * 10_000) - weight_of("") == 1_000_000
