"""Self access is the member's: stating its purpose opens nothing to anybody else."""

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
