"""What a role brings with it: self access is nobody else's, and an officer is shown no value."""

import pytest

from tests.door import Door

pytestmark = pytest.mark.anyio

OWN = "subject_request"


async def test_a_company_that_states_the_members_purpose_sees_nobody(either: Door) -> None:
    query = "{ me { fullName } members { totalCount nodes { fullName } } }"
    for subject in ("m1", "a-caller"):
        token = either.issuer.token(sub=subject, purposes=[OWN])
        answer = await either.ask(query, token=token, purpose=OWN)
        assert answer["data"] == {"me": None, "members": {"totalCount": 0, "nodes": []}}
    mine = await either.ask(query, token=either.issuer.member("m1"))
    assert mine["data"]["members"] == {"totalCount": 1, "nodes": [mine["data"]["me"]]}


async def test_an_officer_is_shown_nothing_that_the_own_company_may_see(either: Door) -> None:
    query = "query Q($id: ID!) { member(id: $id) { insurancePolicies { nodes { no } } } }"
    shown = []
    for role, purposes in (("service", ["service_provision"]), ("officer", None)):
        audience = "company:ssi" if purposes else "officer:ssi"
        sent = {"id": either.checkpoint.seal.node_id(audience, "Member", "m2")}
        token = either.issuer.token(company="ssi", role=role, purposes=purposes)
        answer = await either.ask(query, sent, token=token, purpose=purposes and purposes[0])
        shown.append(answer["data"]["member"]["insurancePolicies"])
    assert shown == [{"nodes": [{"no": "SSI-0002"}]}, None]
