"""A member is told, gives, refuses, puts off and takes back: item by item, and at once."""

import pytest

from policy.events import EventKind
from tests.acts import codes, do, give, log_of, member, states
from tests.door import Door

pytestmark = pytest.mark.anyio


async def test_what_is_presented_and_given_stands(either: Door) -> None:
    token = member(either, "m1")
    given = await give(either, token, "B.use", "B.group")
    assert codes(given) == []
    assert states(given) == {"B.use": "GRANTED", "B.group": "GRANTED"}
    *_, first, second = await log_of(either, "m1")
    assert [first.kind, second.kind] == [EventKind.GRANTED] * 2


async def test_what_is_taken_back_is_closed_at_once(either: Door) -> None:
    token = member(either, "m1")
    await give(either, token, "B.use")
    withdrawn = await do(either, "withdrawConsent", token, items=["B.use"])
    assert states(withdrawn) == {"B.use": "WITHDRAWN"}
