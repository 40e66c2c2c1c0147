"""What nobody asked before is made beside everything else: what is known need not wait for it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from time import thread_time
from typing import Any

import pytest

from policy.requester import Requester, Role
from policy.vocabulary import FOREVER
from server.admission import Admission, Refusal
from server.allowance import Allowance
from server.workshop import SLICE, Workshop
from tests.door import Door, refused
from tests.server.test_admission import allow
from tests.server.test_effort import new

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
WORK = 0.02
"""Seconds of processor time."""
READ = "{ members(first: 2) { nodes { fullName } } }"


def worked() -> None:
    """Take some processor time."""
    began = thread_time()
    while thread_time() - began < WORK:
        pass


def somebody(company: str, subject: str = "s1") -> Requester:
    return Requester(Role.ANALYST, subject, company, None, (), FOREVER)


@asynccontextmanager
async def occupied(workshop: Workshop) -> AsyncIterator[None]:
    """Something is being made until the block ends."""
    begun, end = Event(), Event()

    def make() -> None:
        begun.set()
        end.wait()

    making = asyncio.create_task(workshop.make(make, lambda _: None))
    await asyncio.to_thread(begun.wait)
    try:
        yield
    finally:
        end.set()
        await making


async def until(reached: Callable[[], bool]) -> None:
    while not reached():  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0)


async def test_while_something_new_is_made_what_is_known_is_answered(door: Door) -> None:
    known = await door.send(READ, purpose=PURPOSE)
    workshop = door.checkpoint.admission.workshop
    async with occupied(workshop):
        waiting = asyncio.create_task(door.send(new("a plan"), purpose=PURPOSE))
        await until(lambda: workshop.asked == 2)
        assert (await door.send(READ, purpose=PURPOSE)).json()["data"] == known.json()["data"]
        assert not waiting.done()
    assert (await waiting).status_code == 200


async def test_who_waits_too_long_for_it_is_told_to_try_again(door: Door) -> None:
    async with occupied(door.checkpoint.admission.workshop):
        allow(door, time_limit=0.05)
        response = await door.send(new(), purpose=PURPOSE)
    refused(response, 503, "LIMIT_EXCEEDED", "try again")
    allow(door)
    assert (await door.send(new(), purpose=PURPOSE)).status_code == 200


async def test_companies_and_subjects_take_turns_however_much_one_asks() -> None:
    admission, made = Admission(Allowance()), list[str]()

    async def ask(who: Requester, name: str) -> None:
        with await admission.operation(who) as admitted:
            context: Any = type("Asked", (), {"written": False})
            await admitted.effort(context, partial(made.append, name))

    much = [(somebody("card", "greedy"), f"greedy {number}") for number in range(5)]
    asked = [*much, (somebody("card", "modest"), "modest"), (somebody("bank"), "bank")]
    async with occupied(admission.workshop):
        asking = [asyncio.create_task(ask(*each)) for each in asked]
        await until(lambda: admission.under_way == len(asked))
    await asyncio.gather(*asking)
    assert made.index("bank") <= 1
    assert made.index("modest") <= 2
    assert [name for name in made if "greedy" in name] == [name for _, name in much]


async def test_the_workshop_rests_as_long_as_it_worked_while_others_work() -> None:
    workshop, spent = Workshop(others_work=lambda: True), list[float]()
    await workshop.make(worked, spent.append)
    begins = asyncio.get_running_loop().time
    ended = workshop.rested - spent[0]
    assert begins() >= ended
    assert await workshop.make(begins, spent.append) >= ended + WORK


async def test_with_nobody_else_at_work_it_does_not_rest() -> None:
    workshop = Workshop(others_work=lambda: False)
    await workshop.make(worked, lambda _: None)
    assert workshop.rested <= asyncio.get_running_loop().time()


async def test_who_leaves_while_something_is_made_pays_for_it() -> None:
    workshop, spent, begun, end = Workshop(lambda: False), list[float](), Event(), Event()

    def make() -> None:
        begun.set()
        worked()
        end.wait()

    asking = asyncio.create_task(workshop.make(make, spent.append))
    await asyncio.to_thread(begun.wait)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    end.set()
    await until(lambda: bool(spent))
    assert spent[0] >= WORK
    assert await workshop.make(lambda: "the next", spent.append) == "the next"


async def test_what_fails_is_told_to_who_asked_and_paid() -> None:
    workshop, spent = Workshop(lambda: False), list[float]()

    def fail() -> None:
        worked()
        raise Refusal("no")

    with pytest.raises(Refusal):
        await workshop.make(fail, spent.append)
    assert spent[0] >= WORK


async def test_threads_take_turns_often_while_something_is_made_and_only_then() -> None:
    before = sys.getswitchinterval()
    workshop = Workshop(lambda: False)
    assert await workshop.make(sys.getswitchinterval, lambda _: None) == pytest.approx(SLICE)
    assert sys.getswitchinterval() == before
