"""An act is done once and as a whole, whoever acts beside it; a refused one leaves nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.acts import KEY_LIVES, Act, Done, Once, perform
from models.database import Database
from models.event_log import append, events_of, verify_chain
from models.outbox import BEGINNING, tail
from models.outbox_check import check as check_outbox
from models.projection_check import check
from models.tables import EVENT, IDEMPOTENCY, OPENING, OUTBOX, PROJECTIONS, STANDING
from policy.acts import Objection
from policy.errors import ErrorCode, PrivacyError
from policy.events import Event, EventKind
from tests.acting import DAY, about
from tests.clock import START, Clock
from tests.editions import as_it_is, with_version
from tests.made import make_tables
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
WRITTEN = (EVENT, *PROJECTIONS, OUTBOX, IDEMPOTENCY)
OPENED = Event(EventKind.ACCOUNT_OPENED, START - MINUTE)
NEWER = str((START + DAY).date())
ONCE = Once("m1", "", "setMailPreference", "key-1", "digest-1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as opened:
        await make_tables(opened)
        async with opened.write() as connection:
            await append(connection, CATALOGUE, {"m1": [OPENED], "m2": [OPENED]}, START)
        yield opened


def saying(*events: Event) -> Callable[[Sequence[Event], datetime], Sequence[Event]]:
    """Propose these, whatever happened before, at the time that the act is given."""
    return lambda _past, at: [replace(event, at=at) for event in events]


def mail(company: str = "card", *, wanted: bool = True) -> Event:
    return Event(EventKind.MAIL_PREFERENCE, START, company=company, wanted=wanted)


def link(account: str = "card-1") -> Event:
    return Event(EventKind.LINKED, START, company="card", account_id=account)


async def stored(database: Database) -> Mapping[str, list[Any]]:
    """Everything that an act writes."""
    async with database.read() as connection:
        return {
            table.name: sorted(map(tuple, await connection.execute(select(table))))
            for table in WRITTEN
        }


async def findings(database: Database) -> list[str]:
    async with database.read() as connection:
        chain = [line async for line in verify_chain(connection)]
        chain += [line async for line in check(connection, CATALOGUE)]
        return chain + [line async for line in check_outbox(connection)]


async def past_of(database: Database, member: str = "m1") -> Sequence[Event]:
    async with database.read() as connection:
        return await events_of(connection, member)


async def do(
    database: Database, clock: Clock, *events: Event, once: Once | None = None, member: str = "m1"
) -> Done:
    return await perform(database, CATALOGUE, Act(member, saying(*events)), clock, once)


async def test_what_is_allowed_is_recorded_and_told_together(
    database: Database, clock: Clock
) -> None:
    done = await do(database, clock, mail(), link())
    assert done == Done(START, (mail(), link()))
    assert await past_of(database) == (OPENED, mail(), link())
    now = await stored(database)
    assert [row[4] for row in now["outbox"] if row[3] == "m1"] == [
        "ACCOUNT_OPENED",
        "MAIL_PREFERENCE",
        "LINKED",
    ]
    assert len(now["mail"]) == len(now["link"]) == 1
    assert await findings(database) == []


async def test_what_meets_an_objection_leaves_nothing(database: Database, clock: Clock) -> None:
    before = await stored(database)
    unheard_of = mail("unheard-of")
    done = await do(database, clock, mail(), unheard_of, once=ONCE)
    assert done.objection == (Objection.UNKNOWN_COMPANY, replace(unheard_of, at=START))
    assert done.events == ()
    assert await stored(database) == before


async def test_a_key_whose_act_met_an_objection_is_free_again(
    database: Database, clock: Clock
) -> None:
    await do(database, clock, mail("unheard-of"), once=ONCE)
    done = await do(database, clock, mail(), once=replace(ONCE, digest="digest-2"))
    assert done.events == (mail(),)


async def test_a_replay_does_nothing_and_says_so(database: Database, clock: Clock) -> None:
    await do(database, clock, mail(), once=ONCE)
    before = await stored(database)
    clock.step(KEY_LIVES - MINUTE)
    again = await do(database, clock, mail(), once=ONCE)
    assert again == Done(clock(), before=START)
    assert await stored(database) == before


async def test_a_key_is_not_given_to_something_else(database: Database, clock: Clock) -> None:
    await do(database, clock, mail(), once=ONCE)
    before = await stored(database)
    with pytest.raises(PrivacyError) as refusal:
        await do(database, clock, mail(), once=replace(ONCE, digest="digest-2"))
    assert refusal.value.code is ErrorCode.BAD_USER_INPUT
    assert await stored(database) == before


@pytest.mark.parametrize("part", ["subject", "company", "mutation", "key"])
async def test_the_same_key_of_another_one_is_another_key(
    database: Database, clock: Clock, part: str
) -> None:
    await do(database, clock, mail(), once=ONCE)
    other = replace(ONCE, digest="digest-2", **{part: "other"})
    assert (await do(database, clock, mail(), once=other)).before is None


async def test_a_key_is_forgotten_after_a_day(database: Database, clock: Clock) -> None:
    await do(database, clock, mail(), once=ONCE)
    clock.step(KEY_LIVES)
    later = await do(database, clock, mail(wanted=False), once=replace(ONCE, digest="digest-2"))
    assert [event.wanted for event in later.events] == [False]
    again = await do(database, clock, mail(wanted=False), once=replace(ONCE, digest="digest-2"))
    assert again.before == later.at


async def test_data_is_written_with_the_events_or_not_at_all(
    database: Database, clock: Clock
) -> None:
    before = await stored(database)

    async def fail(connection: AsyncConnection) -> None:
        await connection.execute(STANDING.update().values(ads_opt_out=True))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await perform(database, CATALOGUE, Act("m1", saying(mail()), fail), clock, ONCE)
    assert await stored(database) == before


async def test_data_may_be_written_without_an_event(database: Database, clock: Clock) -> None:
    async def write(connection: AsyncConnection) -> None:
        await connection.execute(OPENING.insert(), {"member_key": "m1", "provision": 1})

    done = await perform(database, CATALOGUE, Act("m1", saying(), write), clock)
    assert done == Done(START)
    assert (await stored(database))["opening"] == [("m1", 1)]


async def test_of_a_member_whom_nobody_knows_nothing_stays(
    database: Database, clock: Clock
) -> None:
    before = await stored(database)
    assert await do(database, clock, member="nobody") == Done(START)
    assert await stored(database) == before


async def test_no_act_is_earlier_than_the_last_one(database: Database, clock: Clock) -> None:
    await do(database, clock, mail())
    clock.step(-MINUTE)
    assert (await do(database, clock, mail(wanted=False))).at == START
    assert await findings(database) == []


async def test_an_account_that_is_linked_to_somebody_is_linked_to_nobody_else(
    database: Database, clock: Clock
) -> None:
    await do(database, clock, link(), member="m2")
    before = await stored(database)
    done = await do(database, clock, mail(), link(), once=ONCE)
    assert done.objection == (Objection.ALREADY_LINKED, link())
    assert await stored(database) == before


async def test_acts_about_one_member_are_done_one_after_the_other(
    database: Database, clock: Clock
) -> None:
    seen: list[int] = []

    def propose(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        seen.append(len(past))
        wanted = sum(event.kind is EventKind.MAIL_PREFERENCE for event in past) % 2 == 0
        return [replace(mail(wanted=wanted), at=at)]

    async def act() -> None:
        await perform(database, CATALOGUE, Act("m1", propose), clock)

    await asyncio.gather(*(act() for _ in range(20)))
    assert sorted(seen) == list(range(1, 21))
    assert [event.wanted for event in (await past_of(database))[1:]] == [True, False] * 10
    assert await findings(database) == []
    async with database.read() as connection:
        told = [each.event_seq for each in await tail(connection, BEGINNING, 100, "m1")]
    assert told == sorted(told)


async def test_the_first_acts_about_a_member_are_done_one_after_the_other(
    database: Database, clock: Clock
) -> None:
    def propose(past: Sequence[Event], at: datetime) -> Sequence[Event]:
        return [] if past else [Event(EventKind.ACCOUNT_OPENED, at)]

    acts = (perform(database, CATALOGUE, Act("m9", propose), clock) for _ in range(10))
    done = await asyncio.gather(*acts)
    assert sum(len(each.events) for each in done) == 1
    assert len(await past_of(database, "m9")) == 1


async def test_the_same_key_at_the_same_moment_acts_once(database: Database, clock: Clock) -> None:
    done = await asyncio.gather(*(do(database, clock, mail(), once=ONCE) for _ in range(10)))
    assert [each.before for each in done].count(None) == 1
    assert len(await past_of(database)) == 2


async def test_the_same_key_for_two_members_at_the_same_moment_acts_for_one(
    database: Database, clock: Clock
) -> None:
    async def act(member: str) -> bool:
        once = replace(ONCE, subject="s", digest=member)
        try:
            await do(database, clock, mail(), once=once, member=member)
        except PrivacyError:
            return False
        return True

    assert sorted(await asyncio.gather(*map(act, ["m1", "m2"] * 5))) == [False] * 5 + [True] * 5
    recorded = [len(await past_of(database, member)) for member in ("m1", "m2")]
    assert sorted(recorded) == [1, 2]


async def test_who_consents_to_a_version_whose_edition_is_coming_is_told_with_that_act(
    database: Database, clock: Clock
) -> None:
    catalogue = with_version(CATALOGUE, "DOC_A", START + DAY, as_it_is, material=False)
    kinds = (EventKind.PRESENTED, EventKind.GRANTED)
    consent = [event for kind in kinds for event in about(kind, START, "A", catalogue)]
    done = await perform(database, catalogue, Act("m1", saying(*consent)), clock)
    assert done.events == tuple(consent)
    async with database.read() as connection:
        *_, told = await events_of(connection, "m1")
        notices = await tail(connection, BEGINNING, 9, "m1")
    assert told == Event(EventKind.NOTIFIED, START, item="A", version=NEWER)
    assert [notice.kind for notice in notices] == [OPENED.kind, *kinds, EventKind.NOTIFIED]
