"""A document is read once, within its limits, and what that costs does not run away with it."""

from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from graphql import GraphQLSyntaxError

from policy.errors import ErrorCode, PrivacyError
from resolvers.graphql_documents import Document, Documents
from resolvers.limits import Limits
from resolvers.operation import Operations
from tests.marks import SCHEMA

pytestmark = pytest.mark.anyio

CORE = SCHEMA.core
LIMITS = Limits()


def reading(**limits: Any) -> Documents:
    return Documents(CORE, replace(LIMITS, **limits))


def refusal(text: str) -> str:
    with pytest.raises(PrivacyError) as refused:
        reading().fresh(text)
    assert refused.value.code is ErrorCode.LIMIT_EXCEEDED
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{ me { id } }" + " " * LIMITS.characters, "at most 65,536 characters; this one has 65,5"),
        ("{ me {" + " id" * LIMITS.tokens + "} }", "at most 1,500 tokens; this one has more"),
        ("{ me { id } }" + "\n#" * LIMITS.tokens, "at most 1,500 tokens; this one has more"),
        ("{ " + "a" * LIMITS.characters, "at most 65,536 characters"),
        ("{ a " * 999, "at most 50 levels of fields"),
        ("{ a(b: " + "[" * 999 + "]" * 999 + ") }", "at most 50 levels of fields"),
        ("{ a " * 51 + "}" * 51, "at most 50 levels of fields"),
        ("{ me {" + " a: id" * 201 + "} }", "at most 200 aliases; this one has 201"),
    ],
)
def test_a_document_that_is_too_long_is_not_read_to_its_end(text: str, told: str) -> None:
    assert told in refusal(text)


def test_a_document_that_does_not_parse_is_no_matter_of_limits() -> None:
    with pytest.raises(GraphQLSyntaxError):
        reading().fresh("{ me { id ")


async def test_a_document_is_read_once() -> None:
    documents = reading()
    document = await documents.read("{ me { id } }")
    assert await documents.read("{ me { id } }") is document


def test_what_validation_says_is_cut_and_tells_of_nothing_similar() -> None:
    text = "{" + " memberz" * 10 + " viever { rol }" * 2 + "}"
    errors = reading(errors=3).fresh(text).errors
    assert [each.message for each in errors] == [
        "Cannot query field 'memberz' on type 'Query'."
    ] * 3
    assert len(reading().fresh(text).errors) == 12


def _spread(first: int, last: int) -> str:
    return " ".join(f"...F{n}" for n in range(first, last))


TANGLED = {
    "fields of one name": "{ me {" + " id" * 600 + "} }",
    "lists in lists": "{"
    + ("members { nodes { orders { nodes {" + " id" * 12 + "} } } }") * 18
    + "}",
    "fragments side by side": "{ me {"
    + " ".join(f"...F{n}" for n in range(99))
    + "} }"
    + " ".join(f"fragment F{n} on Member {{ {'id ' * 5}}}" for n in range(99)),
    "fragments that spread many others": "{ me { ...F0 } }"
    + " ".join(f"fragment F{n} on Member {{ id {_spread(n + 1, n + 12)} }}" for n in range(40))
    + " ".join(f"fragment F{n} on Member {{ id }}" for n in range(40, 52)),
}


@pytest.mark.parametrize("how", TANGLED)
def test_a_document_whose_fields_cannot_all_be_compared_is_refused(how: str) -> None:
    (error,) = reading().fresh(TANGLED[how]).errors
    assert isinstance(error.original_error, PrivacyError)
    assert error.original_error.code is ErrorCode.LIMIT_EXCEEDED


SIZED = """query ($n: Int = 100, $i: [ID!]!) {
  nodes(ids: $i) { id }
  members(first: $n) { nodes { id } }
}"""


@pytest.mark.parametrize(
    ("variables", "cost"),
    [
        ({"i": []}, 103),
        ({"i": ["a", "b"], "n": 50}, 55),
        ({"i": [], "n": 50.0}, 53),
        ({"i": [], "n": None}, 23),
        ({"i": [], "n": "x"}, 23),
        (None, 123),
    ],
)
def test_an_operation_costs_what_its_variables_make_of_it(
    variables: dict[str, object] | None, cost: int
) -> None:
    documents = reading(cost=cost)
    document = documents.fresh(SIZED)
    documents.check_cost(document, None, variables)
    with pytest.raises(PrivacyError) as refused:
        reading(cost=cost - 1).check_cost(document_of(SIZED), None, variables)
    assert f"costs {cost:,}, and at most {cost - 1:,} are" in refused.value.message


def document_of(text: str) -> Document:
    return reading().fresh(text)


def test_what_no_variables_can_make_dear_is_not_counted_again() -> None:
    documents = reading()
    document = documents.fresh(SIZED)
    (operation,) = document.operations
    assert documents.is_cheap(document, operation)
    assert document.most == {"": 1 + 100 + 2 + 100}
    document.most[""] = LIMITS.cost + 1
    assert not documents.is_cheap(document, operation)


def test_a_matrix_costs_more_than_what_it_shows() -> None:
    matrix = 'accessMatrix(purpose: "id_login") { at }'
    documents = reading()
    documents.check_cost(documents.fresh(f"{{ {matrix} }}"), None, {})
    dear = documents.fresh("{" + " ".join(f"m{n}: {matrix}" for n in range(6)) + "}")
    with pytest.raises(PrivacyError):
        documents.check_cost(dear, None, {})


async def test_fragments_that_hold_nothing_and_double_are_read_at_once() -> None:
    doubled = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    text = (
        f"{{ __typename ...F0 }} {doubled} fragment F40 on Query {{ __typename @skip(if: true) }}"
    )
    began = process_time()
    with pytest.raises(PrivacyError):
        await Operations(reading()).find(text, None)
    empty = text.replace("__typename @skip(if: true)", "")
    assert await Operations(reading()).find(empty, None) is not None
    assert process_time() - began < 1
