"""`sekisho migrate`: database and ledger get the tables of this version."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from models.database import Database
from models.ledger import Ledger, ledger_url
from models.revision import LEDGER, MEMBERS, Revision
from policy.errors import StartUpError
from server.settings import Settings, read_settings
from server.terminal import err, out

Home = tuple[Database, Revision]


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Say what is missing, and exit with 1 if anything is.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the SQL, and touch nothing.")
    ] = False,
) -> None:
    """Bring database and ledger, new or old, to the tables that this version needs.

    Stop the servers of the version before, migrate, start those of this one. All that one of the
    two lacks is done in one transaction; what is there already is not done again.
    """
    if check and dry_run:
        raise typer.BadParameter("--check or --dry-run, not both")
    settings = read_settings()
    if dry_run:
        out.print(asyncio.run(_sql(settings)), markup=False, end="")
    elif not check:
        asyncio.run(_migrate(settings))
        err.print("Database and ledger have the tables of this version.")
    elif missing := asyncio.run(_missing(settings)):
        out.print("\n".join(missing), markup=False)
        raise typer.Exit(1)
    else:
        err.print("Nothing is missing.")


async def make_new(settings: Settings) -> None:
    """Make the tables where there are none. Raises StartUpError for those of another revision."""
    async with _homes(settings) as homes:
        for database, revision in homes:
            with _whole(database):
                await _upgrade().make(database, revision)


async def _migrate(settings: Settings) -> None:
    tell = partial(err.print, markup=False)
    async with _homes(settings) as homes:
        for database, revision in homes:
            with _whole(database):
                await _upgrade().migrate(database, revision, tell)


async def _missing(settings: Settings) -> Sequence[str]:
    async with _homes(settings) as homes:
        return [each for home in homes for each in await _upgrade().missing(*home)]


async def _sql(settings: Settings) -> str:
    async with _homes(settings) as homes:
        return "".join([await _upgrade().sql(*home) for home in homes])


def _upgrade() -> ModuleType:
    """What runs revisions. It brings Alembic, 7 MiB of which a server has no use."""
    return import_module("migrations.upgrade")


@asynccontextmanager
async def _homes(settings: Settings) -> AsyncIterator[Sequence[Home]]:
    """The database and the ledger, each with the revision that it has to have."""
    ledger = Ledger.open(settings.ledger_url or ledger_url(settings.database_url)).database
    async with Database.open(settings.database_url) as database, ledger:
        yield (database, MEMBERS), (ledger, LEDGER)


@contextmanager
def _whole(database: Database) -> Iterator[None]:
    """What fails left nothing behind. Raises StartUpError for it, which quotes no statement."""
    try:
        yield
    except (DBAPIError, OSError) as fault:
        cause = type(getattr(fault, "orig", fault)).__name__
        raise StartUpError(
            f"{database.name} did not take the next revision ({cause}) and is as it was: see that "
            "no server uses it and that its disk has room, then run `sekisho migrate` again."
        ) from fault
