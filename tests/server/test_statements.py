"""How many statements an operation takes: on PostgreSQL one for each of its entries, on SQLite one
more for each list below members, however many rows."""

from typing import cast

import pytest
from sqlalchemy import QueuePool, event

from tests.crowd import ask, caller, join
from tests.door import Door, refused
from tests.statements import counting

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def statements(door: Door, query: str) -> int:
    with counting() as found:
        await ask(door, query)
    return len(found)


def expected(door: Door, entries: int, lists: int) -> int:
    return entries + (lists if door.checkpoint.database.dialect == "sqlite" else 0)


@pytest.mark.parametrize(
    ("query", "entries", "lists"),
    [
        ("{ members { nodes { id } } }", 1, 0),
        (
            "{ members(first: 100) { totalCount nodes { id loginName } pageInfo { endCursor } } }",
            1,
            0,
        ),
        (
            "{ members(orderBy: {field: CITY}, filter: {orders: {some: {}}}) { nodes { id } } }",
            1,
            0,
        ),
        ("{ members { nodes { orders { nodes { amount } } } } }", 1, 1),
        ("{ members { nodes { orders { totalCount } } } }", 1, 0),
        ("{ members { nodes { healthRecords { nodes { kind } } } } }", 1, 0),
        ("{ members { nodes { orders { nodes { id } } devices { nodes { id } } } } }", 1, 2),
        (
            """{ members { edges { node { orders { nodes { amount } } } }
                           nodes { more: orders { edges { node { status } } totalCount } } } }""",
            1,
            1,
        ),
        (
            """{ members { nodes { orders(filter: {amount: {gt: 1}}) { nodes { amount } } }
                 again: nodes { o: orders(filter: {amount: {gt: 1}}) { nodes { at } } } } }""",
            1,
            1,
        ),
        ("{ a: members { nodes { id } } b: members { nodes { loginName } } }", 2, 0),
        (
            """query { members { nodes { ...F ... on Member { orders { nodes { status } } } } } }
               fragment F on Member { orders { nodes { amount } } }""",
            1,
            1,
        ),
        ("{ members { nodes { orders @skip(if: true) { nodes { id } } id } } }", 1, 0),
        ("{ companies { key } }", 0, 0),
    ],
)
async def test_one_statement_serves_each_relation(
    crowd: Door, query: str, entries: int, lists: int
) -> None:
    assert await statements(crowd, query) == expected(crowd, entries, lists)


async def test_aliases_of_one_list_share_a_statement_and_each_shows_its_own_fields(
    crowd: Door,
) -> None:
    query = """{ members(filter: {loginName: {eq: "crowd-03.login"}}) { nodes {
      a: orders(first: 1) { nodes { amount } }
      b: orders(first: 1, after: null) { nodes { status } edges { node { amount at } } }
      c: orders(first: 2) { nodes { amount } }
    } } }"""
    with counting() as found:
        (node,) = (await ask(crowd, query))["members"]["nodes"]
    assert len(found) == expected(crowd, 1, 2)
    assert node == {
        "a": {"nodes": [{"amount": 3000}]},
        "b": {
            "nodes": [{"status": "SHIPPED"}],
            "edges": [{"node": {"amount": 3000, "at": "2023-01-01T00:00:00Z"}}],
        },
        "c": {"nodes": [{"amount": 3000}, {"amount": 1}]},
    }


async def test_the_number_of_statements_does_not_depend_on_rows(either: Door) -> None:
    query = """{ members(first: 100) { totalCount nodes { id
      orders(first: 50) { nodes { amount acquiredBy { key } } totalCount }
      devices { nodes { id } } } } }"""
    before = await statements(either, query)
    await join(either)
    assert await statements(either, query) == before == expected(either, 1, 2)


TWO = "{ a: members { nodes { id } } b: members { nodes { orders { nodes { id } } } } }"
BROKEN = '{ a: members { nodes { id } } b: members(after: "x") { nodes { id } } }'


async def test_all_entries_of_an_operation_read_in_one_snapshot(crowd: Door) -> None:
    """One connection is taken, one transaction begun; and both are given back."""
    engine, taken = crowd.checkpoint.database.readers.sync_engine, list[object]()

    def take(*given: object) -> None:
        taken.append(given)

    event.listen(engine, "begin", take)
    try:
        assert await statements(crowd, TWO) == expected(crowd, 2, 1)
    finally:
        event.remove(engine, "begin", take)
    assert len(taken) == 1
    assert cast("QueuePool", engine.pool).checkedout() == 0


async def test_an_operation_that_fails_gives_its_connection_back(crowd: Door) -> None:
    pool = cast("QueuePool", crowd.checkpoint.database.readers.sync_engine.pool)
    for _ in range(20):  # more than there are connections
        refused(await crowd.send(BROKEN, **caller(crowd)), 400, "BAD_CURSOR")
    assert pool.checkedout() == 0
