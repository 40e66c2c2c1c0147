"""A stream goes on where it was left: nothing is missed, nothing told twice, whoever overtakes."""

import pytest

from models.event_log import append
from models.outbox import tell
from policy.events import Event, EventKind
from resolvers import cursors
from resolvers.stream import PAGE
from tests.door import Door
from tests.sockets import served, talking, until
from tests.streams import SHORT, VERSION, A, event, happen, kinds, listening, told, withdrawn

pytestmark = pytest.mark.anyio

OVERTAKING = pytest.mark.parametrize("world_url", ["postgresql"], indirect=True)
"""SQLite has one writer at a time: nothing overtakes."""


async def test_a_cursor_goes_on_where_it_was_made(either: Door) -> None:
    token = either.issuer.member("m1")
    async with served(either) as address:
        async with talking(address, token) as talk:
            await listening(talk, either, "m1")
            await happen(either, "m1", withdrawn(either))
            cursor = told(await talk.next())["cursor"]
        missed = [
            event(either, EventKind.UNLINKED, company="card"),
            event(either, EventKind.ADS_PREFERENCE, wanted=False),
        ]
        await happen(either, "m1", missed[0])
        await happen(either, "m1", missed[1])
        async with talking(address, token) as talk:
            await talk.begin(SHORT, variables={"after": cursor})
            assert await kinds(talk, 2) == ["UNLINKED", "ADS_PREFERENCE"]
            await happen(either, "m1", event(either, EventKind.SUSPENDED, item=A))
            assert await kinds(talk, 1) == ["SUSPENDED"]


async def test_many_notices_come_page_by_page_none_twice(either: Door) -> None:
    token, number = either.issuer.member("m1"), 2 * PAGE + 5
    async with served(either) as address, talking(address, token) as talk:
        id_ = await listening(talk, either, "m1")
        await happen(either, "m1", withdrawn(either))
        cursor = told(await talk.next())["cursor"]
        await talk.say(type="complete", id=id_)
        await until(lambda: not either.checkpoint.listeners.waiting)
        shown = event(either, EventKind.PRESENTED, item=A, version=VERSION)
        await happen(either, "m1", *[shown] * number, withdrawn(either))
        await talk.begin(SHORT, variables={"after": cursor})
        seen = [told(await talk.next()) for _ in range(number + 1)]
    assert len({each["cursor"] for each in seen}) == number + 1
    assert [each["kind"] for each in seen] == ["PRESENTED"] * number + ["WITHDRAWN"]
    assert len(await either.entries()) == number + 2


async def test_a_cursor_is_the_member_s_own_of_this_list_and_good_for_a_day(door: Door) -> None:
    token = door.issuer.member("m1")
    orders = await door.ask("{ me { orders(first: 1) { pageInfo { endCursor } } } }", token=token)
    foreign = orders["data"]["me"]["orders"]["pageInfo"]["endCursor"]
    async with served(door) as address:
        async with talking(address, token) as talk:
            await listening(talk, door, "m1")
            await happen(door, "m1", withdrawn(door))
            cursor = told(await talk.next())["cursor"]
            for wrong in ("", "x", foreign, cursor[:-1], cursor + "A"):
                error = await talk.refused(SHORT, variables={"after": wrong})
                assert error["extensions"]["code"] == "BAD_CURSOR"
        async with talking(address, door.issuer.member("m2")) as talk:
            error = await talk.refused(SHORT, variables={"after": cursor})
            assert error["extensions"]["code"] == "BAD_CURSOR"
        door.clock.step(cursors.LIFE)
        async with talking(address, door.issuer.member("m1")) as talk:
            error = await talk.refused(SHORT, variables={"after": cursor})
            assert error["extensions"]["code"] == "BAD_CURSOR"


class Writer:
    """A transaction that goes on as it is told."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.transaction = door.checkpoint.database.write()

    async def begin(self, member: str, *events: Event) -> None:
        self.connection = await self.transaction.__aenter__()
        here = self.door.checkpoint
        await append(self.connection, here.catalogue, {member: events}, self.door.clock())

    async def commit(self) -> None:
        await self.transaction.__aexit__(None, None, None)


@OVERTAKING
async def test_what_is_committed_later_than_its_successor_is_told_all_the_same(
    either: Door,
) -> None:
    slow, fast = Writer(either), Writer(either)
    await slow.begin("m1", withdrawn(either))
    await fast.begin("m2", event(either, EventKind.ADS_PREFERENCE, wanted=False))
    await fast.commit()
    async with (
        served(either) as address,
        talking(address, either.issuer.member("m1")) as first,
        talking(address, either.issuer.member("m2")) as second,
    ):
        # Both start behind what is committed with a lower and a higher number than the other.
        await listening(first, either, "m1")
        await listening(second, either, "m2")
        third = Writer(either)
        await third.begin("m3", event(either, EventKind.ADS_PREFERENCE, wanted=False))
        await third.commit()
        await slow.commit()
        assert await kinds(first, 1) == ["WITHDRAWN"]
        assert await kinds(second, 1) == ["ADS_PREFERENCE"]


@OVERTAKING
async def test_of_two_interleaved_transactions_about_a_member_each_is_told_once(
    either: Door,
) -> None:
    database, now = either.checkpoint.database, either.clock()
    shown = event(either, EventKind.PRESENTED, item=A, version=VERSION)
    async with (
        served(either) as address,
        talking(address, either.issuer.member("m1")) as talk,
    ):
        id_ = await listening(talk, either, "m1")
        async with database.write() as early:
            await tell(early, [("m1", 9_001, shown)], now)
            async with database.write() as late:
                await tell(late, [("m1", 9_002, withdrawn(either))], now)
            # Committed, and not yet told: an older one may follow.
            answered = await talk.ask("{ viewer { role } }")
            assert answered["data"]
        notices = [told(await talk.next()) for _ in range(2)]
        assert [each["kind"] for each in notices] == ["PRESENTED", "WITHDRAWN"]
        await talk.say(type="complete", id=id_)
        for cursor, left in ((notices[0]["cursor"], ["WITHDRAWN"]), (notices[1]["cursor"], [])):
            await talk.begin(SHORT, variables={"after": cursor})
            assert await kinds(talk, len(left)) == left
        await happen(either, "m1", event(either, EventKind.ADS_PREFERENCE, wanted=False))
        assert await kinds(talk, 2) == ["ADS_PREFERENCE"] * 2


STATE = "{ consentCursor me { consents { item { key } state } } }"


async def test_state_and_stream_meet_without_a_gap(either: Door) -> None:
    """A transaction under way elsewhere may have the stream repeat what the state shows already."""
    token = either.issuer.member("m1")
    await happen(either, "m1", event(either, EventKind.ADS_PREFERENCE, wanted=True))
    state = (await either.ask(STATE, token=token))["data"]
    assert {"item": {"key": A}, "state": "DEEMED"} in state["me"]["consents"]
    await happen(either, "m1", withdrawn(either))
    async with served(either) as address, talking(address, token) as talk:
        await talk.begin(SHORT, variables={"after": state["consentCursor"]})
        heard = await kinds(talk, 1)
        if heard == ["ADS_PREFERENCE"]:
            heard = await kinds(talk, 1)
        assert heard == ["WITHDRAWN"]


async def test_nobody_else_has_a_place_in_the_stream(door: Door) -> None:
    for role, purposes in (("service", ["own:card:*"]), ("officer", None)):
        token = door.issuer.token(role=role, purposes=purposes)
        answer = await door.ask("{ consentCursor }", token=token)
        assert answer == {"data": {"consentCursor": None}}
