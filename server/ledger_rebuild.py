"""`sekisho ledger rebuild`: histories and records are folded anew from the entries."""

import asyncio
from functools import partial

from rich.progress import Progress

from models.database import Database
from models.ledger_fold import Folder
from models.revision import MEMBERS
from server.folding import kept_catalogues
from server.ledger_commands import opened_ledger
from server.settings import read_settings
from server.terminal import COLUMNS, err


def rebuild() -> None:
    """Fold histories and records anew from the entries, which are not touched.

    Reads of them wait for the end; everything else goes on. Cut off, it is brought to its end by
    the server, or by running it again.
    """
    settings = read_settings()

    async def run() -> int:
        async with (
            Database.open(settings.database_url) as database,
            opened_ledger(settings) as opened,
        ):
            await MEMBERS.check(database)
            folder = Folder(opened, kept_catalogues(database), _unreadable)
            with Progress(*COLUMNS, console=err, transient=True) as progress:
                task = progress.add_task("Entries", total=await folder.size())
                await folder.rebuild(partial(progress.advance, task))
        return folder.position

    last = asyncio.run(run())
    err.print(f"Histories and records are folded anew, up to position {last:,}.")


def _unreadable(segment: int, seq: int) -> None:
    err.print(f"Entry {seq} of segment {segment} cannot be read. Run `sekisho ledger verify`.")
