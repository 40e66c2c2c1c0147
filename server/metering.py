"""Where several processes serve together: keeps what only a look can tell up to date for all."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from models.database import Database
from models.ledger import Ledger
from server.admission import Admission
from server.observed import Observed

EVERY = 5.0
"""Seconds between two looks: whoever is asked for the page looks at itself alone."""


@asynccontextmanager
async def metering(
    observed: Observed, admission: Admission, database: Database, ledger: Ledger
) -> AsyncIterator[None]:
    """Look every few seconds as long as the block lasts, where there are others to tell."""
    folder = observed.meters.shared
    if folder is None:
        yield
        return
    _forget_the_dead(folder)
    task = asyncio.create_task(_look_on(observed, admission, database, ledger))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        mark_process_dead(os.getpid(), folder)


async def _look_on(
    observed: Observed, admission: Admission, database: Database, ledger: Ledger
) -> None:
    while True:
        observed.look(admission, database, ledger)
        await asyncio.sleep(EVERY)


def _forget_the_dead(folder: str) -> None:
    """Take out what was true of a process that was killed: nobody else does."""
    for file in Path(folder).glob("gauge_live*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, folder)
