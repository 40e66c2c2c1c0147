"""`sekisho erase`: what nothing keeps any longer goes, after it has been counted."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress

from models.database import Database
from models.erasure import due as count_due
from models.erasure import erase as erase_due
from models.revision import MEMBERS
from policy.errors import StartUpError
from server.clock import now
from server.settings import read_settings
from server.terminal import COLUMNS, err, out


def erase(
    *,
    due: Annotated[
        bool, typer.Option("--due", help="What is due by now; there is nothing else to erase.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what is due, and touch nothing.")
    ] = False,
) -> None:
    """Erase what nothing keeps any longer: see docs/retention.md. Shows names and numbers only.

    Cut off, it leaves the rest to the next run. Backups and archives are not its to reach.
    """
    if not due:
        raise StartUpError("Say what to erase: sekisho erase --due, with --dry-run to count first.")
    settings = read_settings()

    async def run() -> Mapping[str, int]:
        at = now()
        async with Database.open(settings.database_url) as database:
            await MEMBERS.check(database)
            async with database.read() as connection:
                found = await count_due(connection, at)
            if dry_run or not found:
                return found
            with Progress(*COLUMNS, console=err, transient=True) as progress:
                task = progress.add_task("Erased", total=sum(found.values()))
                return await erase_due(database, at, partial(progress.advance, task))

    told = asyncio.run(run())
    for name, count in told.items():
        out.print(f"{name}: {count:,} {'are due' if dry_run else 'erased'}", markup=False)
    if not told:
        err.print("Nothing is due.")
