"""One request is one operation, and it is the one that is meant."""

import pytest

from schema.build import build_schema
from tests.real import CATALOGUE

SCHEMA = build_schema(CATALOGUE)
TWO = "query A { __typename } query B { b: __typename }"


def test_one_of_several_operations_must_be_named() -> None:
    result = SCHEMA.execute_sync(TWO)
    assert result.data is None
    assert result.errors is not None
    assert "name one of them" in result.errors[0].message


@pytest.mark.parametrize(("name", "key"), [("A", "__typename"), ("B", "b")])
def test_the_one_that_is_named_runs(name: str, key: str) -> None:
    assert SCHEMA.execute_sync(TWO, operation_name=name).data == {key: "Query"}


def test_a_single_operation_needs_no_name() -> None:
    assert SCHEMA.execute_sync("query A { __typename }").data == {"__typename": "Query"}
