"""A company hears what closes and opens for it of members it received something of, no more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.disclosure import Use
from models.tables import RELATIONS
from policy.events import EventKind
from tests.changes import (
    CARD,
    COURIER,
    ICHIBA,
    INSURER,
    SERVICE,
    begin,
    changes,
    keys,
    kinds,
    lifted,
    stop,
)
from tests.door import Door
from tests.sockets import served, talking, until
from tests.streams import CHANGES, event, happen, listening, on_the_page, withdrawn

pytestmark = pytest.mark.anyio


async def test_what_closes_and_opens_is_told_with_the_company_s_own_id(either: Door) -> None:
    ids = await CARD.receive(either)
    async with served(either) as address, CARD.talking(address, either) as talk:
        await begin(talk, either)
        notices: list[dict[str, Any]] = []
        for each in (stop(either, "card"), lifted(either, "card"), withdrawn(either)):
            await happen(either, "m1", each)
            notices += await changes(talk, 1)
    first, second, third = notices
    assert [each["kind"] for each in (first, second, third)] == ["STOP", "OPENED", "CLOSED"]
    assert {each["memberId"] for each in (first, second, third)} == {ids["m1"]}
    assert first["at"] == "2026-06-15T00:00:00Z"
    assert keys(first) == keys(second) >= {"login", "profile", "service_usage"}
    assert keys(third) <= keys(first)


async def test_what_a_stop_elsewhere_closes_is_told_as_closed_and_not_why(either: Door) -> None:
    await CARD.receive(either)
    async with served(either) as address, CARD.talking(address, either) as talk:
        await begin(talk, either)
        await happen(either, "m1", stop(either, "rakuten_group", "service_usage"))
        (notice,) = await changes(talk, 1)
    assert notice["kind"] == "CLOSED"
    assert "service_usage" in keys(notice)
    assert notice.keys() == {"cursor", "kind", "at", "memberId", "categories"}


ASIDE = {"linkage", "preference"}
"""Of links and wishes, whose rows come and go with the acts themselves."""


async def access(door: Door) -> Mapping[str, str]:
    """How each field of m1 stands for the card company; nothing where m1 is hidden."""
    asked = "query ($id: ID!) { member(id: $id) { access { field state } } }"
    answer = await door.ask(asked, {"id": CARD.id_of(door, "m1")}, purpose=SERVICE)
    member = answer["data"]["member"]
    states = member["access"] if member else ()
    return {each["field"]: each["state"] for each in states}


async def test_what_is_told_is_what_asking_before_and_after_would_have_shown(door: Door) -> None:
    happened = [
        stop(door, "ichiba"),
        lifted(door, "ichiba"),
        event(door, EventKind.ADS_PREFERENCE, wanted=False),
        stop(door, "card", "login"),
        event(door, EventKind.MAIL_PREFERENCE, company="card", wanted=False),
        event(door, EventKind.UNLINKED, company="card"),
        event(door, EventKind.LINKED, company="card", account_id="card-m1"),
        lifted(door, "card"),
        event(door, EventKind.INCIDENT_OPENED, company="card"),
        withdrawn(door),
    ]
    fields, seen, heard = door.checkpoint.catalogue.fields, await access(door), []
    async with served(door) as address, CARD.talking(address, door) as talk:
        await begin(talk, door)
        for each in happened:
            door.clock.step(timedelta(minutes=1))
            await happen(door, "m1", replace(each, at=door.clock()))
            before, seen = seen, await access(door)
            shut = {p for p, s in before.items() if s == "VISIBLE" != seen.get(p, "WITHHELD")}
            open_ = {p for p, s in seen.items() if s == "VISIBLE" != before.get(p, "WITHHELD")}
            for kinds_told, paths in (({"CLOSED", "STOP"}, shut), ({"OPENED"}, open_)):
                expected = {key for path in paths for key in fields[path].categories}
                if expected - ASIDE:
                    (notice,) = await changes(talk, 1)
                    assert notice["kind"] in kinds_told, each
                    assert keys(notice) - ASIDE == expected - ASIDE, each
                    heard.append(notice["kind"])
    assert heard == ["CLOSED", "OPENED", "STOP", "CLOSED", "OPENED", "OPENED", "CLOSED"]


async def test_a_notice_is_on_record_before_it_leaves(either: Door) -> None:
    await CARD.receive(either)
    async with served(either) as address, CARD.talking(address, either) as talk:
        await begin(talk, either)
        either.clock.step(timedelta(minutes=1))
        await happen(either, "m1", stop(either, "card"))
        payload = await talk.next()
        *_, entry = await either.entries()
    privacy = payload["extensions"]["privacy"]
    assert (privacy["decisionId"], privacy["purpose"]) == (entry.decision_id, SERVICE)
    assert (entry.company, entry.role, entry.purpose) == ("card", "service", SERVICE)
    assert privacy["asOf"] == "2026-06-15T00:01:00Z"
    (part,) = entry.disclosures
    assert part.members.keys() == {"m1"}
    assert part.members["m1"].items.keys() == {("", Use.SELECT), ("consents", Use.SELECT)}
    assert privacy["disclosed"] == privacy["withheld"] == []


async def test_of_whom_nothing_was_received_nothing_is_told(either: Door) -> None:
    one = '{ members(filter: {loginName: {eq: "mihon.hanako"}}) { nodes { id } } }'
    await either.ask(one, token=ICHIBA.token(either), purpose=ICHIBA.purpose)
    async with served(either) as address, ICHIBA.talking(address, either) as talk:
        await begin(talk, either)
        await happen(either, "m2", withdrawn(either))
        await happen(either, "m1", withdrawn(either))
        (notice,) = await changes(talk, 1)
    assert notice["memberId"] == ICHIBA.id_of(either, "m1")
    entries = await either.entries()
    assert {key for each in entries for part in each.disclosures for key in part.members} == {"m1"}


async def test_what_a_member_chose_before_anything_was_received_is_not_told(either: Door) -> None:
    asked = "{ consentCursor }"
    answer = await either.ask(asked, token=CARD.token(either), purpose=SERVICE)
    cursor = answer["data"]["consentCursor"]
    await happen(either, "m1", stop(either, "rakuten_group", "service_usage"))
    ids = await CARD.receive(either)
    async with served(either) as address, CARD.talking(address, either) as talk:
        await begin(talk, either, variables={"after": cursor})
        await happen(either, "m1", stop(either, "card"))
        (notice,) = await changes(talk, 1)
    assert (notice["kind"], notice["memberId"]) == ("STOP", ids["m1"])


async def test_a_member_s_id_is_each_company_s_own(either: Door) -> None:
    async with (
        served(either) as address,
        CARD.talking(address, either) as first,
        ICHIBA.talking(address, either) as second,
    ):
        given = [(await each.receive(either))["m1"] for each in (CARD, ICHIBA)]
        await listening(first, either, None, CHANGES)
        await listening(second, either, None, CHANGES)
        await happen(either, "m1", withdrawn(either))
        notices = [(await changes(talk, 1))[0] for talk in (first, second)]
    assert [each["memberId"] for each in notices] == given
    assert len(set(given)) == 2


async def test_the_closing_of_an_account_is_told_though_the_member_is_no_longer_found(
    either: Door,
) -> None:
    ids = await ICHIBA.receive(either)
    async with served(either) as address, ICHIBA.talking(address, either) as talk:
        await begin(talk, either)
        await happen(either, "m1", event(either, EventKind.ACCOUNT_CLOSED))
        (notice,) = await changes(talk, 1)
    assert (notice["kind"], notice["memberId"]) == ("CLOSED", ids["m1"])
    asked = "query ($id: ID!) { node(id: $id) { id } }"
    answer = await either.ask(
        asked, {"id": ids["m1"]}, token=ICHIBA.token(either), purpose=ICHIBA.purpose
    )
    assert answer["data"] == {"node": None}


async def test_a_processor_hears_of_whom_it_received_for_its_controller(either: Door) -> None:
    ids = await COURIER.receive(either)
    assert "m1" in ids
    async with (
        served(either) as address,
        COURIER.talking(address, either) as talk,
        ICHIBA.talking(address, either) as controlling,
    ):
        await begin(talk, either)
        await begin(controlling, either)
        await happen(either, "m1", stop(either, "ichiba"))
        notices = [(await changes(each, 1))[0] for each in (talk, controlling)]
    assert [each["kind"] for each in notices] == ["STOP", "STOP"]  # what it received, both did
    assert notices[0]["memberId"] == ids["m1"] != notices[1]["memberId"]
    assert keys(notices[0]) < keys(notices[1])  # its contract names some fields alone
    told_to = {(each.company, each.on_behalf_of) for each in (await either.entries())[-2:]}
    assert told_to == {("courier", "ichiba"), ("ichiba", None)}


async def test_what_was_opened_and_is_shut_again_is_not_told_as_open(either: Door) -> None:
    await CARD.receive(either)
    async with served(either) as address:
        async with CARD.talking(address, either) as talk:
            await begin(talk, either)
            await happen(either, "m1", stop(either, "card", "login"))
            cursor = (await changes(talk, 1))[0]["cursor"]
        await happen(either, "m1", lifted(either, "card"))
        await happen(either, "m1", stop(either, "card", "login"))
        async with CARD.talking(address, either) as talk:
            await talk.begin(CHANGES, variables={"after": cursor})
            assert await kinds(talk, 1) == ["STOP"]
            await happen(either, "m1", lifted(either, "card"))
            assert await kinds(talk, 1) == ["OPENED"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_row_that_came_later_was_never_open(door: Door, *, late: bool) -> None:
    await INSURER.receive(door)
    rows, later = RELATIONS["receivedFromThirdParty"], door.clock() + timedelta(minutes=1)
    async with served(door) as address, INSURER.talking(address, door) as talk:
        await begin(talk, door)
        if late:
            async with door.checkpoint.database.write() as connection:
                await connection.execute(update(rows).values(acquired_at=later))
        await happen(door, "m2", stop(door, "ssi"))
        (notice,) = await changes(talk, 1)
    assert ("third_party" in keys(notice)) is not late


async def test_only_systems_of_companies_listen_for_a_purpose(door: Door) -> None:
    wrong = [
        (door.issuer.token(role="analyst"), {"purpose": SERVICE}, "FORBIDDEN"),
        (door.issuer.token(role="officer", purposes=None), {}, "FORBIDDEN"),
        (door.issuer.member("m1"), {}, "FORBIDDEN"),
        (door.issuer.token(), {}, "PURPOSE_REQUIRED"),
    ]
    async with served(door) as address:
        for token, said, code in wrong:
            async with talking(address, token, **said) as talk:
                error = await talk.refused(CHANGES)
                assert error["extensions"]["code"] == code
    assert await door.entries() == []


async def test_the_token_s_end_is_the_end_of_a_company_s_stream(either: Door) -> None:
    await CARD.receive(either)
    before = len(await either.entries())
    async with (
        served(either, glance=timedelta(milliseconds=10)) as address,
        CARD.talking(address, either) as talk,
    ):
        await begin(talk, either)
        either.clock.step(timedelta(hours=1))
        assert await talk.closed() == (4403, "UNAUTHENTICATED")
        await until(lambda: not either.checkpoint.listeners.waiting)
        await happen(either, "m1", withdrawn(either))
    assert len(await either.entries()) == before


async def test_the_page_for_clients_shows_how_to_hear_of_changes(door: Door) -> None:
    *_, query = on_the_page()
    ids = await CARD.receive(door)
    async with served(door) as address, CARD.talking(address, door) as talk:
        await listening(talk, door, None, query)
        await happen(door, "m1", withdrawn(door))
        (notice,) = await changes(talk, 1)
    assert (notice["kind"], notice["memberId"]) == ("CLOSED", ids["m1"])
