"""nodes(ids:): each object in the order asked, all members among them read at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.crowd import COMPANY, ask, caller, happen, key_of, recorded, stopped
from tests.door import Door, refused
from tests.statements import counting

pytestmark = pytest.mark.anyio

NODES = """query Q($ids: [ID!]!) { nodes(ids: $ids) {
  id __typename
  ... on Member { loginName orders { totalCount } }
  ... on Company { key }
} }"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def id_of(door: Door, member: str, company: str = COMPANY) -> str:
    return door.checkpoint.seal.node_id(f"company:{company}", "Member", member)


async def asked(door: Door, ids: Sequence[str]) -> list[Mapping[str, Any] | None]:
    nodes: list[Mapping[str, Any] | None] = (await ask(door, NODES, {"ids": ids}))["nodes"]
    return nodes


async def test_objects_come_in_the_order_asked_and_twice_if_asked_twice(crowd: Door) -> None:
    companies = (await ask(crowd, "{ companies { id key } }"))["companies"]
    second, third = (id_of(crowd, key_of(number)) for number in (2, 3))
    with counting() as statements:
        found = await asked(crowd, [third, companies[0]["id"], second, third])
    assert [each and (each["id"], each["__typename"]) for each in found] == [
        (third, "Member"),
        (companies[0]["id"], "Company"),
        (second, "Member"),
        (third, "Member"),
    ]
    assert found[0] == found[3]
    assert found[0] is not None
    assert found[0]["loginName"] == "crowd-03.login"
    assert found[0]["orders"] == {"totalCount": 3}
    assert found[1] == companies[0] | {"__typename": "Company"}
    assert len(statements) == 1
    (disclosure,) = (await recorded(crowd)).disclosures
    assert disclosure.members.keys() == {"crowd-02", "crowd-03"}


async def test_who_is_hidden_and_who_is_unknown_are_null_alike(crowd: Door) -> None:
    """crowd-07 asked ichiba to stop all, m4's account is closed, m99 is nobody."""
    ids = [id_of(crowd, key) for key in (key_of(7), key_of(2), "m4", "m99", key_of(7))]
    found = await asked(crowd, ids)
    assert [each is None for each in found] == [True, False, True, True, True]


async def test_nodes_answers_as_node_does(crowd: Door) -> None:
    ids = [id_of(crowd, key_of(number)) for number in (1, 7)]
    query = NODES.replace("[ID!]!", "ID!").replace("nodes(ids: $ids)", "node(id: $ids)")
    one_by_one = [(await ask(crowd, query, {"ids": each}))["node"] for each in ids]
    assert await asked(crowd, ids) == one_by_one


async def test_no_id_is_no_question(crowd: Door) -> None:
    assert await asked(crowd, []) == []


async def test_the_catalogue_needs_no_purpose_in_nodes_either(crowd: Door) -> None:
    (company, *_) = (await ask(crowd, "{ companies { id } }"))["companies"]
    sent = caller(crowd) | {"purpose": None}
    answer = await crowd.ask(NODES, {"ids": [company["id"]]}, **sent)
    assert answer["data"]["nodes"][0]["id"] == company["id"]
    assert "extensions" not in answer


async def test_a_hundred_ids_are_answered_and_one_more_is_refused(crowd: Door) -> None:
    ids = [id_of(crowd, f"nobody-{number}") for number in range(101)]
    with counting() as statements:
        assert await asked(crowd, ids[:100]) == [None] * 100
    assert len(statements) == 1
    response = await crowd.send(NODES, {"ids": ids}, **caller(crowd))
    refused(response, 400, "BAD_USER_INPUT", "100")


@pytest.mark.parametrize("kind", ["garbage", "of another company", "of a row"])
async def test_an_id_that_was_not_made_for_the_caller_is_refused(crowd: Door, kind: str) -> None:
    seal = crowd.checkpoint.seal
    bad = {
        "garbage": "garbage",
        "of another company": id_of(crowd, key_of(2), "travel"),
        "of a row": seal.node_id(f"company:{COMPANY}", "Order", "orders-crowd-02-0"),
    }[kind]
    sent = {"ids": [id_of(crowd, key_of(2)), bad]}
    response = await crowd.send(NODES, sent, **caller(crowd))
    refused(response, 400, "BAD_USER_INPUT", "no id that you can fetch")


async def test_a_stop_takes_the_node_away(either: Door) -> None:
    ids = [id_of(either, "m1"), id_of(either, "m2")]
    assert None not in await asked(either, ids)
    await happen(either, "m1", stopped(either.clock()))
    assert [each is None for each in await asked(either, ids)] == [True, False]
