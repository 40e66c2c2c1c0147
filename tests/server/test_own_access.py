"""A member hears of each look at their data, once, in order, and of the hearing itself no more."""

from datetime import timedelta
from typing import Any

import pytest

from models.disclosure import Use
from resolvers import cursors
from tests.door import Door
from tests.sockets import Talk, served, talking, until
from tests.streams import (
    ACCESS,
    CHANGES,
    following,
    happen,
    listening,
    on_the_page,
    told,
    waiting,
    withdrawn,
)

pytestmark = pytest.mark.anyio

SERVICE = "own:card:service"


async def read(door: Door, field: str = "fullName") -> None:
    """The card company reads one field of m1."""
    asked = f'{{ memberByAccount(accountId: "card-m1") {{ {field} }} }}'
    await door.ask(asked, purpose=SERVICE)


async def heard(talk: Talk, number: int) -> list[dict[str, Any]]:
    return [told(await talk.next()) for _ in range(number)]


def fields(notice: dict[str, Any]) -> set[str]:
    return {each["field"] for each in notice["disclosure"]["items"]}


async def test_a_look_at_the_member_s_data_is_told_as_the_history_shows_it(either: Door) -> None:
    token = either.issuer.member("m1")
    async with served(either) as address, talking(address, token) as talk:
        await following(talk, either)
        await read(either)
        payload = await talk.next()
        *_, entry = await either.entries()
    notice = told(payload)["disclosure"]
    assert (notice["role"], notice["purpose"]) == ("SERVICE", {"key": SERVICE})
    assert (notice["recipient"], notice["at"]) == ({"key": "card"}, "2026-06-15T00:00:00Z")
    assert {"field": "fullName", "use": "SELECT"} in notice["items"]
    asked = (
        "{ disclosures { nodes { at role purpose { key } recipient { key } "
        "items { field use } memberCount } } }"
    )
    shown = (await either.ask(asked, token=token))["data"]["disclosures"]["nodes"]
    assert notice in shown
    assert payload["extensions"]["privacy"]["decisionId"] == entry.decision_id
    (part,) = entry.disclosures
    assert part.members["m1"].items.keys() == {("", Use.SELECT), ("accessToMyData", Use.SELECT)}


async def test_each_look_is_told_once_in_order_whoever_looked(either: Door) -> None:
    token = either.issuer.member("m1")
    officer = either.issuer.token(role="officer", company="*", purposes=None)
    m1 = either.checkpoint.seal.node_id("officer:*", "Member", "m1")
    async with served(either) as address, talking(address, token) as talk:
        await following(talk, either)
        await read(either, "fullName")
        await read(either, "phone")
        await either.ask("{ me { birthDate } }", token=token)
        about = "query ($id: ID!) { member(id: $id) { consents { state } } }"
        await either.ask(about, {"id": m1}, token=officer)
        notices = await heard(talk, 4)
    entries = await either.entries()
    assert len({each.decision_id for each in entries}) == len(entries) == 8
    assert all(len(each.disclosures) == 1 for each in entries)
    seen = [fields(each) & {"fullName", "phone", "birthDate", "consents"} for each in notices]
    assert seen == [{"fullName"}, {"phone"}, {"birthDate"}, {"consents"}]
    assert [each["disclosure"]["role"] for each in notices] == [
        *("SERVICE", "SERVICE", "MEMBER", "OFFICER"),
    ]


async def test_two_streams_of_one_member_do_not_keep_each_other_busy(either: Door) -> None:
    token = either.issuer.member("m1")
    async with (
        served(either) as address,
        talking(address, token) as first,
        talking(address, token) as second,
    ):
        await following(first, either)
        await following(second, either)
        for field in ("fullName", "phone"):
            await read(either, field)
            for talk in (first, second):
                (notice,) = await heard(talk, 1)
                assert field in fields(notice)
    entries = await either.entries()
    assert sorted(each.role for each in entries) == ["member"] * 4 + ["service"] * 2


async def test_what_a_company_was_told_of_a_change_is_told_to_the_member(either: Door) -> None:
    await read(either)
    async with (
        served(either) as address,
        talking(address, either.issuer.member("m1")) as talk,
        talking(address, either.issuer.token(), purpose=SERVICE) as company,
    ):
        await following(talk, either)
        await listening(company, either, None, CHANGES)
        await happen(either, "m1", withdrawn(either))
        assert told(await company.next())["kind"] == "CLOSED"
        (notice,) = await heard(talk, 1)
    assert fields(notice) == {"", "consents"}
    assert notice["disclosure"]["recipient"] == {"key": "card"}


async def test_a_cursor_of_one_s_history_goes_on_where_it_was_made(either: Door) -> None:
    token = either.issuer.member("m1")
    async with served(either) as address:
        async with talking(address, token) as talk:
            await following(talk, either)
            await read(either, "fullName")
            cursor = (await heard(talk, 1))[0]["cursor"]
        await read(either, "phone")
        await read(either, "birthDate")
        async with talking(address, token) as talk:
            await talk.begin(ACCESS, variables={"after": cursor})
            first, second = await heard(talk, 2)
            await read(either, "city")
            (third,) = await heard(talk, 1)
    assert ["phone" in fields(first), "birthDate" in fields(second), "city" in fields(third)] == [
        *(True, True, True)
    ]
    assert len({len(each["cursor"]) for each in (first, second, third)}) == 1


async def test_a_cursor_of_one_s_history_is_the_member_s_own_and_good_for_a_day(door: Door) -> None:
    token = door.issuer.member("m1")
    async with served(door) as address:
        async with talking(address, token) as talk:
            await following(talk, door)
            await read(door)
            cursor = (await heard(talk, 1))[0]["cursor"]
            await listening(talk, door, "m1")
            await happen(door, "m1", withdrawn(door))
            foreign = cursor
            while foreign == cursor:
                notice = told(await talk.next())
                foreign = notice["cursor"] if "kind" in notice else cursor
            for wrong in ("", "x", foreign, cursor + "A"):
                error = await talk.refused(ACCESS, variables={"after": wrong})
                assert error["extensions"]["code"] == "BAD_CURSOR"
        async with talking(address, door.issuer.member("m2")) as talk:
            error = await talk.refused(ACCESS, variables={"after": cursor})
            assert error["extensions"]["code"] == "BAD_CURSOR"
        door.clock.step(cursors.LIFE)
        async with talking(address, door.issuer.member("m1")) as talk:
            error = await talk.refused(ACCESS, variables={"after": cursor})
            assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_nobody_hears_of_looks_at_somebody_else(either: Door) -> None:
    async with (
        served(either) as address,
        talking(address, either.issuer.member("m2")) as talk,
    ):
        await following(talk, either)
        await read(either)
        await either.ask("{ me { city } }", token=either.issuer.member("m2"))
        (notice,) = await heard(talk, 1)
    assert fields(notice) == {"", "city"}


@pytest.mark.parametrize("role", ["service", "analyst", "officer"])
async def test_only_members_hear_of_looks(door: Door, role: str) -> None:
    purposes = None if role == "officer" else ["own:card:*"]
    token = door.issuer.token(role=role, purposes=purposes)
    async with served(door) as address, talking(address, token) as talk:
        error = await talk.refused(ACCESS)
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert await door.entries() == []


async def test_the_token_s_end_is_the_end_of_one_s_history_s_stream(either: Door) -> None:
    async with (
        served(either, glance=timedelta(milliseconds=10)) as address,
        talking(address, either.issuer.member("m1")) as talk,
    ):
        await following(talk, either)
        either.clock.step(timedelta(hours=1))
        assert await talk.closed() == (4403, "UNAUTHENTICATED")
        await until(lambda: not waiting(either))
        await read(either)
    assert [each.role for each in await either.entries()] == ["service"]


async def test_the_page_for_clients_shows_how_to_hear_of_looks(door: Door) -> None:
    _, query, _ = on_the_page()
    async with served(door) as address, talking(address, door.issuer.member("m1")) as talk:
        await following(talk, door, query)
        await read(door)
        (notice,) = await heard(talk, 1)
    assert notice["disclosure"]["sentence"]["ja"]
