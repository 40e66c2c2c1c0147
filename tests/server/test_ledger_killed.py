"""Kill -9 under load, at random moments: whoever got an answer whole finds its entry recorded."""

import os
import signal
from pathlib import Path

import pytest

from tests.dice import Dice, endless
from tests.door import copy_of
from tests.load import load, recorded
from tests.say import Say
from tests.sockets import until
from tests.workers import hosting

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

MOMENTS = 60
"""At most so many answers come between one kill and the next."""
FEW, MANY = 3, 10
"""Kills."""
PARTS = 10
"""Tests that many kills are split into on each engine, each well within the time of a test."""
OF_ONE_SERVER = 5
"""At most so many: at last all of it, before that one worker after the other, while the rest goes
on and the server replaces it."""
ROUNDS = [(FEW, 0), *(pytest.param((MANY, part), marks=pytest.mark.long) for part in range(PARTS))]


async def killed(world: str, ledger_url: str, folder: Path, dice: Dice, kills: int) -> set[str]:
    """The decisions of all answers that came before the last of so many kills."""
    with hosting(world, folder, ledger_url=ledger_url) as host:
        async with load(host) as asking:
            for _ in range(kills - 1):
                await asking.answers(1 + dice.below(MOMENTS))
                await until(
                    lambda: bool(host.workers())
                )  # the last kill may have left none for a moment
                os.kill(dice.pick(*host.workers()), signal.SIGKILL)
            await asking.answers(1 + dice.below(MOMENTS))
            os.killpg(host.group, signal.SIGKILL)
        assert not asking.refused
    return asking.told


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_no_answer_that_arrived_whole_lacks_its_entry_whoever_was_killed(
    seed_file: Path, database_url: str, tmp_path: Path, say: Say, rounds: tuple[int, int]
) -> None:
    world = copy_of(seed_file, tmp_path)
    kills, part = rounds
    dice, told = endless(f"killed {part}"), set[str]()
    for done in range(0, kills, OF_ONE_SERVER):
        more = min(OF_ONE_SERVER, kills - done)
        told |= await killed(world, database_url, tmp_path, dice, more)
        assert told <= await recorded(database_url)
    surplus = len(await recorded(database_url) - told)
    say(f"{kills} kills: {len(told)} answers, all recorded; {surplus} entries more")
