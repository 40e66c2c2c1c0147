"""Data and names that nobody planned for: nothing breaks, nothing opens."""

import pytest
from sqlalchemy import update

from models.tables import CUSTOMER_RECORD
from tests.door import Door

pytestmark = pytest.mark.anyio


async def test_a_response_key_is_never_taken_for_a_type(either: Door) -> None:
    query = "query Q($id: ID!) { node(id: $id) { ... on Member { __typename: loginName } } }"
    sent = {"id": either.checkpoint.seal.node_id("company:card", "Member", "m1")}
    answer = await either.ask(query, sent, purpose="own:card:service")
    assert answer["data"] == {"node": {"__typename": "mihon.hanako"}}


async def test_what_an_unknown_company_acquired_is_open_to_nobody(either: Door) -> None:
    async with either.checkpoint.database.write() as connection:
        await connection.execute(update(CUSTOMER_RECORD).values(acquired_by="ghost"))
    query = "{ me { customerRecords { nodes { name acquiredBy { key } } } } }"
    answer = await either.ask(query, token=either.issuer.member("m1"))
    assert answer["data"]["me"] == {"customerRecords": {"nodes": []}}


async def test_the_last_day_there_is_can_be_the_end_of_a_token(either: Door) -> None:
    token = either.issuer.token(exp=253402300799)
    answer = await either.ask("{ viewer { role } }", token=token)
    assert answer["data"] == {"viewer": {"role": "SERVICE"}}


async def test_an_unknown_input_field_is_not_repeated_with_its_value(either: Door) -> None:
    response = await either.send('{ companies(filter: {x: "Secret Taro"}) { key } }')
    assert response.status_code == 400
    assert "Taro" not in response.text


async def test_a_purpose_is_its_id_and_nothing_around_it(either: Door) -> None:
    sent = [
        (b"Authorization", f"Bearer {either.issuer.token()}".encode()),
        (b"Sekisho-Purpose", "own:card:service\u00a0".encode("latin-1")),
    ]
    body = {"query": "{ viewer { role } }"}
    response = await either.client.post("/graphql", json=body, headers=sent)
    assert response.json()["errors"][0]["extensions"]["code"] == "PURPOSE_UNKNOWN"


async def test_keys_and_connections_have_no_secret_in_their_repr(either: Door) -> None:
    assert "ab" * 32 not in repr(either.checkpoint)
    assert bytes.fromhex("ab" * 32).__repr__() not in repr(either.checkpoint.seal)
