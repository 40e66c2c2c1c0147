"""Folding beside the server's work: entries are folded within a second, whoever wrote them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from models.catalogue_store import stored_versions
from models.database import Database
from models.ledger_fold import Catalogues, Folder
from policy.catalogue import Catalogue
from policy.source import CatalogueError
from server.catalogue_files import catalogue_of
from server.logs import fault

EVERY = 0.5
"""Seconds between two looks for what other processes wrote, or left when they died."""
GATHER = 0.05
"""Seconds between an entry and its folding, in which others join it."""

log = structlog.get_logger("sekisho")


@asynccontextmanager
async def folding(folder: Folder) -> AsyncIterator[None]:
    """Fold as long as the block lasts. What fails is logged, and tried again."""
    task = asyncio.create_task(_fold_on(folder))
    try:
        yield
    finally:
        folder.end()
        await task


def kept_catalogues(database: Database, *own: Catalogue) -> Catalogues:
    """Catalogues by version: this server's own, and any that the database keeps."""
    read = {catalogue.version: catalogue for catalogue in own}

    async def catalogue_by(version: str) -> Catalogue | None:
        if version not in read:
            async with database.read() as connection:
                stored = await stored_versions(connection, frozenset({version}))
            for each in stored:
                with suppress(CatalogueError):
                    read[version] = await asyncio.to_thread(catalogue_of, each.files)
        return read.get(version)

    return catalogue_by


def unreadable(segment: int, seq: int) -> None:
    """Log an entry that nobody can read any more."""
    log.error("unreadable_entry", segment=segment, seq=seq, remedy="sekisho ledger verify")


async def _fold_on(folder: Folder) -> None:
    written = folder.ledger.written
    while not folder.ended.is_set():
        try:
            await folder.fold()
        except Exception as error:  # noqa: BLE001 (whatever fails, the server lives)
            log.error("unfolded", **fault(error))  # noqa: TRY400 (a traceback may quote values)
        await _happens(written, EVERY)
        written.clear()
        await _happens(folder.ended, GATHER)


async def _happens(event: asyncio.Event, within: float) -> None:
    """Wait for it as many seconds, and no longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()
