"""While the ledger cannot be written no data leaves a server, it says so, and comes back by itself.

Servers as they run, two workers each, under load.
"""

import resource
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from policy.errors import ErrorCode
from tests.door import copy_of
from tests.load import Load, load, recorded
from tests.postgres import running
from tests.workers import Host, hosting

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
ROOM = 1024 * 1024
"""Bytes that a file may have where the disk is full."""
ANSWERS = 20


@contextmanager
def full(host: Host) -> Iterator[None]:
    """To the workers, as if the disk were full: the kernel lets no file grow any more (Linux)."""
    workers = host.workers()
    for pid in workers:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
    yield
    for pid in workers:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, UNLIMITED)


@contextmanager
def moved(folder: Path) -> Iterator[None]:
    """The folder has another name for a while."""
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    yield
    elsewhere.rename(folder)


async def outlives(asking: Load, trouble: AbstractContextManager[None]) -> None:
    """From the first refusal to the end of the trouble nothing else comes, and then answers."""
    await asking.answers(ANSWERS)
    with trouble:
        await asking.only_refusals(ANSWERS)
        assert not await asking.ready()
    await asking.answers(ANSWERS)
    while not await asking.ready():  # each worker notices for itself what it had lost
        pass
    assert asking.refused.keys() == {ErrorCode.LEDGER_UNAVAILABLE}
    assert not asking.cut_off


async def test_a_full_disk_and_then_a_folder_that_is_moved_away_and_back(
    seed_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ledger"
    folder.mkdir()
    ledger_url = f"sqlite+aiosqlite:///{folder / 'ledger.db'}"
    with hosting(copy_of(seed_file, tmp_path), tmp_path, ledger_url=ledger_url) as host:
        async with load(host) as asking:
            await outlives(asking, full(host))
            await outlives(asking, moved(folder))
    assert asking.told <= await recorded(ledger_url)


async def test_a_database_that_loses_its_power(
    seed_file: Path, tmp_path: Path, programs: Path
) -> None:
    with running(programs) as server:
        ledger_url = server.create("ledger")
        with hosting(copy_of(seed_file, tmp_path), tmp_path, ledger_url=ledger_url) as host:
            async with load(host) as asking:
                await outlives(asking, server.gone())
        assert asking.told <= await recorded(ledger_url)
