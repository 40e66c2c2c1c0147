"""A ledger that cannot write refuses, says that it is not ready, and is back by itself."""

from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import replace
from itertools import count
from pathlib import Path
from secrets import token_hex

import pytest

from models import ledger as ledger_module
from models import sqlite
from models.ledger import Entry, Ledger
from policy.errors import ErrorCode, PrivacyError
from tests.clock import START
from tests.made import new_ledger
from tests.postgres import Postgres, running

pytestmark = pytest.mark.anyio

ENTRY = Entry("", "card", None, "service", "card-backend", "audit", None, START, "abc")
SIZES = (100_000, 1_500, 0)
"""Letters that no engine packs: what is too large for the room that is left, until nothing fits."""
TRIES = 3
"""Of connections that broke each is noticed when it is used."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Ledger]:
    ledger = await new_ledger(url)
    yield ledger
    await ledger.close()


@asynccontextmanager
async def during(trouble: AbstractContextManager[None]) -> AsyncIterator[None]:
    with trouble:
        yield


@asynccontextmanager
async def full(ledger: Ledger) -> AsyncIterator[None]:
    """SQLite may not let the file grow, as if the disk were full."""
    own = sqlite.pragmas
    limited = lambda read_only: (*own(read_only=read_only), "max_page_count = 100")  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "pragmas", limited)
        await _let_go(ledger)
        yield
    await _let_go(ledger)


async def _let_go(ledger: Ledger) -> None:
    """Of every connection, so that the next ones are made as things are then."""
    await ledger.database.writers.dispose()
    await ledger.appender.close()
    ledger._appender = None  # noqa: SLF001 (the next write makes another)


@contextmanager
def moved(folder: Path) -> Iterator[None]:
    """The folder has another name for a while."""
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    yield
    elsewhere.rename(folder)


async def outlives(ledger: Ledger, trouble: AbstractAsyncContextManager[None]) -> None:
    """Nothing is lost, nothing is acknowledged in vain, and nobody has to help."""
    numbers = count()

    def entry(subject: str = "") -> Entry:
        return replace(ENTRY, decision_id=f"d-{next(numbers)}", subject=subject)

    async def written(each: Entry) -> bool:
        try:
            await ledger.append(each)
        except PrivacyError as refusal:
            refused.add(refusal.code)
            return False
        acknowledged.append(each.decision_id)
        return True

    acknowledged: list[str] = []
    refused: set[ErrorCode] = set()
    assert await written(entry())
    async with trouble:
        for size in SIZES:
            while await written(entry(token_hex(size // 2))):
                pass
        with pytest.raises(PrivacyError, match="nothing was disclosed"):
            await ledger.ready()
        assert not await written(entry())
    assert [True for _ in range(TRIES) if await written(entry())]
    await ledger.ready()
    assert await written(entry())
    assert refused == {ErrorCode.LEDGER_UNAVAILABLE}
    assert set(acknowledged) <= {each.decision_id async for each in ledger.entries()}


async def test_a_full_disk_under_sqlite(sqlite_url: str) -> None:
    async with opened(sqlite_url) as ledger:
        await outlives(ledger, full(ledger))


async def test_a_full_disk_under_postgresql(postgres: Postgres, postgresql_url: str) -> None:
    async with opened(postgresql_url) as ledger:
        database = ledger.database.writers.url.database or ""
        await outlives(ledger, during(postgres.full(database)))


async def test_a_folder_that_is_moved_away_and_back(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    async with opened(f"sqlite+aiosqlite:///{folder / 'ledger.db'}") as ledger:
        await outlives(ledger, during(moved(folder)))


async def test_a_server_that_loses_its_power(programs: Path) -> None:
    with running(programs) as server:
        async with opened(server.create("ledger")) as ledger:
            await outlives(ledger, during(server.gone()))


async def test_a_queue_that_is_full(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def crowded() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(ledger_module, "WAITING", 0)
            yield

    async with opened(database_url) as ledger:
        await outlives(ledger, during(crowded()))
