"""`sekisho catalogue`: check the files, and let the database follow them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress

from models.database import Database
from policy.source import CatalogueError
from server import applying
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE, fitting_schema
from server.clock import now
from server.settings import read_settings
from server.terminal import COLUMNS, err, out

catalogue = typer.Typer(no_args_is_help=True, help="Companies, purposes, documents, provisions.")


@contextmanager
def _findings_by_line() -> Iterator[None]:
    """One line for each finding, with file, line and remedy."""
    try:
        yield
    except CatalogueError as fault:
        for finding in fault.findings:
            out.print(f"seeds/catalogue/{finding}", markup=False)
        raise typer.Exit(1) from None


@catalogue.command("check")
def check_catalogue() -> None:
    """Read the catalogue's files: one line for each finding, with file, line and remedy."""
    with _findings_by_line():
        read = load_catalogue(CATALOGUE)
        fitting_schema(read)
    out.print(f"The catalogue is sound. Its version is {read.version}.")


@catalogue.command("apply")
def apply_catalogue(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
) -> None:
    """Let the database follow the catalogue's files: keep this version, fold every standing by it.

    Servers go on answering meanwhile. Cut off, it goes on where it was when it is run again.
    """
    settings = read_settings()

    async def run() -> None:
        async with Database.open(settings.database_url) as database:
            planned = await applying.plan(database, now())
            _tell(planned)
            if dry_run or planned.is_active:
                return
            with Progress(*COLUMNS, console=err, transient=True) as progress:
                task = progress.add_task("Members", total=planned.members)
                await applying.apply(database, now, planned, partial(progress.advance, task))
        out.print(f"Version {planned.catalogue.version} is active: start its servers, end others.")

    with _findings_by_line():
        asyncio.run(run())


def _tell(planned: applying.Plan) -> None:
    version = planned.catalogue.version
    if planned.is_active:
        out.print(f"Version {version} is active already: nothing is to be done.")
        return
    for line in planned.new:
        out.print(f"New: {line}", markup=False)
    for other in sorted(planned.given_up):
        out.print(f"Given up before its end: version {other}")
    going_on = version in planned.found.others
    what = "is being applied, and is gone on with" if going_on else "is to become active"
    out.print(f"Version {version} {what}: {planned.members:,} members are to be folded by it.")
