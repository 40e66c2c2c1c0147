"""How much one caller may ask at once, over HTTP and over WebSocket alike."""

import asyncio
from typing import Any

import pytest

from server.admission import REMEMBERED, Admission
from server.allowance import Allowance
from tests.door import Door, refused
from tests.slow import endless
from tests.sockets import served, talking, until
from tests.streams import happen, kinds, listening, resting, withdrawn
from tests.workers import member, system

pytestmark = pytest.mark.anyio

VIEWER = "{ viewer { role } }"
READ = "{ members { nodes { fullName } } }"
PURPOSE = "own:card:service"
A_WHILE = 0.1
"""Seconds in which an answer would be there, if there were to be one."""


def allow(door: Door, **most: Any) -> None:
    """From here on callers may take so much."""
    door.checkpoint.admission.allowance = Allowance().model_copy(update=most)


async def test_who_asks_too_often_is_told_when_to_ask_again(door: Door) -> None:
    allow(door, subject_rate=2)
    assert [(await door.send(VIEWER)).status_code for _ in range(2)] == [200, 200]
    answer = await door.send(VIEWER)
    refused(answer, 429, "LIMIT_EXCEEDED", "subject")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["errors"][0]["extensions"]["retryAfter"] == 1
    assert (await door.send(VIEWER, token=door.issuer.member("m1"))).status_code == 200


async def test_subjects_of_one_company_share_what_the_company_may_take(door: Door) -> None:
    allow(door, company_rate=2)
    tokens = [door.issuer.token(sub=f"system-{each}") for each in range(3)]
    *let_in, last = [await door.send(VIEWER, token=token) for token in tokens]
    assert [each.status_code for each in let_in] == [200, 200]
    refused(last, 429, "LIMIT_EXCEEDED", "company")
    another = door.issuer.token(company="ichiba")
    assert (await door.send(VIEWER, token=another)).status_code == 200


async def test_over_a_socket_as_over_http(door: Door) -> None:
    allow(door, subject_rate=1)
    async with served(door) as address, talking(address, door.issuer.token()) as talk:
        assert (await talk.ask(VIEWER))["data"]
        told = (await talk.refused(VIEWER))["extensions"]
        assert (told["code"], told["retryAfter"]) == ("LIMIT_EXCEEDED", 1)


async def test_a_subject_has_only_so_many_operations_under_way(door: Door) -> None:
    allow(door, subject_operations=1)
    async with endless(door.checkpoint.database, "standing"):
        slow = await _begun(door)
        refused(await door.send(VIEWER), 429, "LIMIT_EXCEEDED", "under way")
        slow.cancel()
        await asyncio.wait({slow})
    assert (await door.send(READ, purpose=PURPOSE)).status_code == 200


async def test_a_company_s_slow_operations_take_turns_and_nobody_else_s(door: Door) -> None:
    allow(door, company_turns=1)
    async with endless(door.checkpoint.database, "standing"):
        slow = await _begun(door)
        (company,) = door.checkpoint.admission._companies.values()  # noqa: SLF001 (where turns are)
        await until(company.turns.locked)
        waiting = asyncio.create_task(door.send(VIEWER))
        another = door.issuer.token(company="ichiba")
        assert (await door.send(VIEWER, token=another)).status_code == 200
        assert await asyncio.wait({waiting}, timeout=A_WHILE) == (set(), {waiting})
        slow.cancel()
        assert (await waiting).status_code == 200
        await asyncio.wait({slow})


async def test_everybody_together_has_only_so_many(door: Door) -> None:
    allow(door, operations=1)
    async with endless(door.checkpoint.database, "standing"):
        slow = await _begun(door)
        answer = await door.send(VIEWER, token=door.issuer.member("m1"))
        refused(answer, 503, "LIMIT_EXCEEDED")
        assert answer.headers["retry-after"] == "1"
        slow.cancel()
        await asyncio.wait({slow})


async def test_who_listens_takes_no_turn_while_nothing_happens(door: Door) -> None:
    allow(door, company_turns=1, subject_operations=1)
    async with served(door) as address, talking(address, door.issuer.member("m1")) as talk:
        await listening(talk, door, "m1")
        await resting(door, "m1")
        assert (await talk.ask(VIEWER))["data"]
        await happen(door, "m1", withdrawn(door))
        assert await kinds(talk, 1) == ["WITHDRAWN"]
        await talk.let_in(VIEWER)  # it looks once more behind what it told


async def test_a_subject_has_only_so_many_sockets(door: Door) -> None:
    allow(door, subject_sockets=1)
    token = door.issuer.token()
    async with served(door) as address:
        async with talking(address, token):
            with pytest.raises(Exception, match="4429"):
                await talking(address, token).__aenter__()
            async with talking(address, door.issuer.member("m1")):
                pass
        await until(lambda: not door.checkpoint.admission.sockets)
        async with talking(address, token):
            pass


async def test_subjects_unheard_of_are_forgotten_but_those_with_something_under_way() -> None:
    admission = Admission(Allowance())
    with await admission.operation(system("card")):
        place = admission.socket(member("m1"))
        for number in range(REMEMBERED + 1):
            with await admission.operation(member(f"x{number}")):
                pass
        assert len(admission._subjects) == REMEMBERED + 2  # noqa: SLF001 (what it holds)
        assert admission.under_way == admission.sockets == 1
        place.close()
    assert admission.under_way == admission.sockets == 0


async def _begun(door: Door) -> asyncio.Task[Any]:
    """An operation that was admitted, and does not come to its end."""
    task = asyncio.create_task(door.send(READ, purpose=PURPOSE))
    await until(lambda: door.checkpoint.admission.under_way == 1)
    await asyncio.wait({task}, timeout=A_WHILE)
    assert not task.done()
    return task
