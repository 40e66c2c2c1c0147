"""One request is one operation, and it is the one that is meant."""

import pytest

from tests.marks import SCHEMA

pytestmark = pytest.mark.anyio

TWO = "query A { __typename } query B { b: __typename }"


async def test_one_of_several_operations_must_be_named() -> None:
    result = await SCHEMA.execute(TWO)
    assert result.data is None
    assert result.errors is not None
    assert "name one of them" in result.errors[0].message


@pytest.mark.parametrize(("name", "key"), [("A", "__typename"), ("B", "b")])
async def test_the_one_that_is_named_runs(name: str, key: str) -> None:
    assert (await SCHEMA.execute(TWO, operation_name=name)).data == {key: "Query"}


async def test_a_single_operation_needs_no_name() -> None:
    assert (await SCHEMA.execute("query A { __typename }")).data == {"__typename": "Query"}
