"""The server folds what is recorded, by whomever, within a second, and whatever fails it lives."""

import asyncio
import time
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from models.database import Database
from models.history import Side, history
from models.ledger import Ledger
from server import folding as folding_module
from server.folding import EVERY, GATHER, folding, kept_catalogues
from tests.clock import Clock
from tests.door import opened
from tests.engines import first_on
from tests.folds import entry, ledgers, write
from tests.real import CATALOGUE
from tests.say import Say

pytestmark = pytest.mark.anyio

TRIES = 5
PAGE = "{ members { nodes { fullName } } }"


class Heard:
    """A log that tells when it was told an error."""

    def __init__(self) -> None:
        self.error_told = asyncio.Event()
        self.told: list[tuple[str, object]] = []

    def error(self, event: str, **said: object) -> None:
        self.told.append((event, said))
        self.error_told.set()


async def rename(ledger: Ledger, table: str, to: str) -> None:
    async with ledger.database.write() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))


async def test_a_request_is_folded_within_a_second_without_being_asked_for(
    world_url: str, clock: Clock, tmp_path: Path, say: Say
) -> None:
    async with opened(world_url, clock, tmp_path) as door, asyncio.timeout(60):
        folder, took = door.checkpoint.folder, []
        for _ in range(TRIES):
            before, start = folder.position, time.monotonic()
            await door.ask(PAGE, purpose="own:card:service")
            await folder.grown(before)
            took.append(time.monotonic() - start)
    say(f"asked, answered and folded in {median(took):.3f} s, at most {max(took):.3f} s")
    assert EVERY + GATHER < 1
    assert median(took) < 1


async def test_what_a_dead_writer_left_is_folded_by_any_server(database_url: str) -> None:
    async with ledgers(database_url) as found:
        dead, alive = found.folder(), found.folder()
        await write(dead, [entry(1, "m1"), entry(2, "m1")])
        await dead.ledger.close()
        async with folding(alive), asyncio.timeout(60):
            await alive.grown(1)
        assert alive.position == 2


@pytest.mark.parametrize("database_url", first_on("sqlite"), indirect=True)
async def test_what_others_write_is_noticed_without_a_sign_of_theirs(database_url: str) -> None:
    async with ledgers(database_url) as found:
        other, server = found.folder(), found.folder()
        async with folding(server), asyncio.timeout(60):
            for number in range(3):
                await write(other, [entry(number, "m1")])
                await server.grown(number)


async def test_what_fails_is_logged_and_tried_again_until_it_works(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Heard()
    monkeypatch.setattr(folding_module, "log", log)
    async with ledgers(database_url) as found:
        folder = found.folder()
        await folder.ledger.prepare()
        await rename(folder.ledger, "ledger_position", "taken_away")
        async with folding(folder), asyncio.timeout(60):
            await write(folder, [entry(1, "m1")])
            await log.error_told.wait()
            assert {event for event, _ in log.told} == {"unfolded"}
            await rename(folder.ledger, "taken_away", "ledger_position")
            await folder.grown(0)
        (found_again,) = await history(folder, [(Side.MEMBER, "m1")])
        assert found_again.entry == entry(1, "m1")


async def test_an_entry_is_judged_by_the_catalogue_of_its_version(world_url: str) -> None:
    async with Database.open(world_url) as database:
        catalogue_of = kept_catalogues(database)
        found = await catalogue_of(CATALOGUE.version)
        assert found is not None
        assert found.version == CATALOGUE.version
        assert await catalogue_of("never kept") is None
