"""Kill -9 under load, at random moments: whoever got an answer whole finds its entry recorded."""

import os
import signal
from pathlib import Path

import pytest

from tests.dice import Dice, endless
from tests.door import copy_of
from tests.load import load, recorded
from tests.say import Say
from tests.workers import hosting

pytestmark = pytest.mark.anyio

MOMENTS = 60
"""At most so many answers come between one kill and the next."""
FEW, MANY = (1, 3), (20, 5)
"""How often a server is started, and how often one is killed: at last all of it, before that one
worker after the other, while the rest goes on and the server replaces it."""


async def killed(world: str, ledger_url: str, folder: Path, dice: Dice, kills: int) -> set[str]:
    """The decisions of all answers that came before the last of so many kills."""
    with hosting(world, folder, ledger_url=ledger_url) as host:
        async with load(host) as asking:
            for _ in range(kills - 1):
                await asking.answers(1 + dice.below(MOMENTS))
                os.kill(dice.pick(*host.workers()), signal.SIGKILL)
            await asking.answers(1 + dice.below(MOMENTS))
            os.killpg(host.group, signal.SIGKILL)
        assert not asking.refused
    return asking.told


@pytest.mark.parametrize("rounds", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
async def test_no_answer_that_arrived_whole_lacks_its_entry_whoever_was_killed(
    seed_file: Path, database_url: str, tmp_path: Path, say: Say, rounds: tuple[int, int]
) -> None:
    world = copy_of(seed_file, tmp_path)
    dice, told = endless(f"killed {rounds}"), set[str]()
    starts, kills = rounds
    for _ in range(starts):
        told |= await killed(world, database_url, tmp_path, dice, kills)
        assert told <= await recorded(database_url)
    surplus = len(await recorded(database_url) - told)
    say(f"{starts * kills} kills: {len(told)} answers, all recorded; {surplus} entries more")
