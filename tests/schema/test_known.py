"""A document is parsed and validated once, and kept as long as there is room for what it weighs."""

import pytest
from graphql import DocumentNode, parse
from strawberry.types.execution import ExecutionResult

from resolvers import graphql_documents
from resolvers.kept import Kept, weight_of
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


async def ask(schema: Schema, text: str) -> ExecutionResult:
    answer = await schema.execute(text)
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


def test_a_document_weighs_a_hundred_times_what_it_measures() -> None:
    assert weight_of("x" * 10_000) - weight_of("") == 1_000_000
