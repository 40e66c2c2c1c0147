"""What a company hears goes on where it was left, and tells no choice that is not its business."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from models.event_log import append
from models.tables import ACCOUNT
from policy.events import Event, EventKind
from policy.vocabulary import AgeGroup
from resolvers import changes as stream
from resolvers import cursors
from tests.changes import CARD, ICHIBA, Company, begin, changes, kinds, lifted, stop
from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.sockets import served
from tests.streams import CHANGES, event, happen, withdrawn

pytestmark = pytest.mark.anyio


async def test_a_cursor_goes_on_where_it_was_made(either: Door) -> None:
    await CARD.receive(either)
    async with served(either) as address:
        async with CARD.talking(address, either) as talk:
            await begin(talk, either)
            await happen(either, "m1", stop(either, "card", "login"))
            cursor = (await changes(talk, 1))[0]["cursor"]
        await happen(either, "m1", event(either, EventKind.ADS_PREFERENCE, wanted=False))
        await happen(either, "m1", stop(either, "card"))
        async with CARD.talking(address, either) as talk:
            await talk.begin(CHANGES, variables={"after": cursor})
            assert await kinds(talk, 1) == ["STOP"]
            await happen(either, "m1", lifted(either, "card"))
            assert await kinds(talk, 1) == ["OPENED"]


async def test_many_notices_come_page_by_page_none_twice(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PAGE", 2)
    await CARD.receive(door)
    async with served(door) as address, CARD.talking(address, door) as talk:
        await begin(talk, door)
        stops = [stop(door, "card", each) for each in ("login", "profile", "device_cookie")]
        quiet = [event(door, EventKind.ADS_PREFERENCE, wanted=False)] * 3
        await happen(door, "m1", *quiet, stops[0], *quiet, *stops[1:], *quiet, withdrawn(door))
        seen = await changes(talk, 4)
    assert [each["kind"] for each in seen] == ["STOP", "STOP", "STOP", "CLOSED"]
    assert len({each["cursor"] for each in seen}) == 4


async def test_a_cursor_is_one_company_s_for_one_purpose_and_good_for_a_day(door: Door) -> None:
    await CARD.receive(door)
    other = Company("card", "own:card:marketing")
    async with served(door) as address:
        async with CARD.talking(address, door) as talk:
            await begin(talk, door)
            await happen(door, "m1", stop(door, "card"))
            cursor = (await changes(talk, 1))[0]["cursor"]
            for wrong in ("", "x", cursor[:-1], cursor + "A"):
                error = await talk.refused(CHANGES, variables={"after": wrong})
                assert error["extensions"]["code"] == "BAD_CURSOR"
        for company in (ICHIBA, other):
            async with company.talking(address, door) as talk:
                error = await talk.refused(CHANGES, variables={"after": cursor})
                assert error["extensions"]["code"] == "BAD_CURSOR"
        door.clock.step(cursors.LIFE)
        async with CARD.talking(address, door) as talk:
            error = await talk.refused(CHANGES, variables={"after": cursor})
            assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_what_was_read_and_what_is_heard_meet_without_a_gap(either: Door) -> None:
    asked = "{ consentCursor members { nodes { id fullName } } }"
    answer = await either.ask(asked, purpose=CARD.purpose)
    assert answer["data"]["members"]["nodes"]
    await happen(either, "m1", withdrawn(either))
    async with served(either) as address, CARD.talking(address, either) as talk:
        await talk.begin(CHANGES, variables={"after": answer["data"]["consentCursor"]})
        assert await kinds(talk, 1) == ["CLOSED"]


async def test_the_closing_is_told_late_of_one_whose_account_is_gone_by_then(either: Door) -> None:
    ids = await ICHIBA.receive(either)
    sent: dict[str, Any] = {"token": ICHIBA.token(either), "purpose": ICHIBA.purpose}
    cursor = (await either.ask("{ consentCursor }", **sent))["data"]["consentCursor"]
    await happen(either, "m1", event(either, EventKind.ACCOUNT_CLOSED))
    async with either.checkpoint.database.write() as connection:
        await connection.execute(delete(ACCOUNT).where(ACCOUNT.c.member_key == "m1"))
    async with served(either) as address, ICHIBA.talking(address, either) as talk:
        await talk.begin(CHANGES, variables={"after": cursor})
        (notice,) = await changes(talk, 1)
    assert (notice["kind"], notice["memberId"]) == ("CLOSED", ids["m1"])


@pytest.mark.parametrize("world_url", ["postgresql"], indirect=True)
async def test_what_is_committed_later_than_its_successor_is_told_all_the_same(
    either: Door,
) -> None:
    await ICHIBA.receive(either)
    here = either.checkpoint
    async with served(either) as address, ICHIBA.talking(address, either) as talk:
        async with here.database.write() as slow:
            await append(slow, here.catalogue, {"m1": [withdrawn(either)]}, either.clock())
            await happen(either, "m2", withdrawn(either))
            # Both starts and reads behind what is committed with the higher number.
            await begin(talk, either)
        told = {each["memberId"] for each in await changes(talk, 2)}
    assert told == {ICHIBA.id_of(either, key) for key in ("m1", "m2")}


def test_of_an_event_that_closes_and_opens_both_are_told_one_after_the_other() -> None:
    closed, opened_, both = (stream.Place(0, 7, step) for step in (1, 2, 2))
    assert stream.Place(0, 6, 2) < closed < opened_ == both < stream.Place(0, 8, 1)
    assert closed.before == (0, 6)


def quiet(door: Door, member: str) -> Sequence[Event]:
    """Choices that are none of the card company's business."""
    version = "2024-04-01"
    said: dict[str, Any] = {"item": "B.use", "version": version}
    return [
        event(door, EventKind.ADS_PREFERENCE, wanted=False),
        event(door, EventKind.MAIL_PREFERENCE, company="ichiba", wanted=True),
        event(door, EventKind.PRESENTED, **said),
        event(door, EventKind.GRANTED, age=AgeGroup.ADULT, **said),
        event(door, EventKind.WITHDRAWN, **said),
        event(door, EventKind.LINKED, company="bank", account_id=f"bank-{member}"),
        event(door, EventKind.OVERSEAS_CONSENTED, country="SG", age=AgeGroup.ADULT),
        stop(door, "bank"),
        event(door, EventKind.INCIDENT_OPENED, company="bank"),
    ]


async def heard(door: Door, *, chosen: bool) -> Sequence[dict[str, Any]]:
    """What the card company hears, whatever else m1, and m2, chose meanwhile."""
    await CARD.receive(door)
    said = []
    async with served(door) as address, CARD.talking(address, door) as talk:
        await begin(talk, door)
        for loud in (stop(door, "card"), lifted(door, "card"), withdrawn(door)):
            if chosen:
                await happen(door, "m1", *quiet(door, "m1"))
                await happen(door, "m2", *quiet(door, "m2"), withdrawn(door))
            await happen(door, "m1", loud)
            said.append(await talk.next())
    return said


async def test_members_who_differ_in_choices_of_no_concern_are_told_of_alike(
    seed_file: Path, tmp_path: Path
) -> None:
    streams = []
    for chosen in (False, True):
        folder = tmp_path / str(chosen)
        folder.mkdir()
        async with opened(copy_of(seed_file, folder), Clock(), folder) as door:
            streams.append(await heard(door, chosen=chosen))
    for one, other in zip(*streams, strict=True):
        cursors_of = [each["data"]["consentChanges"].pop("cursor") for each in (one, other)]
        assert len(cursors_of[0]) == len(cursors_of[1])
        for each in (one, other):  # random but in tests
            del each["extensions"]["privacy"]["decisionId"]
        assert one == other
