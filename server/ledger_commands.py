"""`sekisho ledger …`: the chain of the ledger is given to a witness, verified, and kept short."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from models.ledger import Ledger, ledger_url
from models.ledger_heads import Head, cut_head
from models.ledger_purge import Purged, check_over
from models.ledger_purge import due as count_due
from models.ledger_purge import purge as purge_months
from models.ledger_verify import Verification, Verified
from policy.errors import StartUpError
from policy.retention import first_month_kept
from server.clock import now
from server.settings import Settings, read_settings
from server.terminal import COLUMNS, err, out

ledger = typer.Typer(no_args_is_help=True, help="The record of what was disclosed.")


@asynccontextmanager
async def opened_ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """The ledger that the settings name. Raises StartUpError for one that cannot be used."""
    opened = Ledger.open(settings.ledger_url or ledger_url(settings.database_url))
    try:
        yield opened
    except (DBAPIError, OSError) as fault:
        cause = type(getattr(fault, "orig", fault)).__name__
        raise StartUpError(
            f"The ledger {opened.database.name} cannot be used ({cause}). "
            "Check SEKISHO_LEDGER_URL and that it can be reached and written."
        ) from fault
    finally:
        await opened.close()


@ledger.command()
def head() -> None:
    """Bind all that is recorded by now, and print the line that a witness outside has to keep."""
    settings = read_settings()

    async def run() -> Head:
        async with opened_ledger(settings) as opened:
            await opened.prepare()
            return await cut_head(opened.database, now())

    out.print(asyncio.run(run()).line, markup=False)


@ledger.command()
def verify(
    *,
    head: Annotated[
        str | None,
        typer.Option(help="The line that the witness kept; if left out, the last one stored here."),
    ] = None,
) -> None:
    """Find whatever was altered since it was recorded: one line each, the first first.

    What was recorded after the head is outside of the guarantee: see docs/ledger.md.
    """
    settings, given = read_settings(), Head.parse(head) if head else None

    async def run() -> tuple[int, Verified | None]:
        async with opened_ledger(settings) as opened:
            verification, found = Verification(opened.database, now(), given), 0
            with Progress(*COLUMNS, console=err, transient=True) as progress:
                task = progress.add_task("Entries", total=await verification.entries())
                async for finding in verification.findings(partial(progress.advance, task)):
                    out.print(finding, markup=False)
                    found += 1
            return found, verification.verified

    found, verified = asyncio.run(run())
    if verified:
        err.print(_told(verified, given), markup=False)
    if found:
        raise typer.Exit(1)
    err.print("Nothing was altered.")


def _told(verified: Verified, given: Head | None) -> str:
    """What was verified, and what nobody can vouch for."""
    if verified.head is None:
        return (
            f"Entries: {verified.entries:,}. No head was cut yet, so all are outside of the "
            "guarantee: `sekisho ledger head` cuts one, to be kept outside."
        )
    whose = "given" if given else "stored here; one that is kept outside shows more (--head)"
    return (
        f"Entries: {verified.entries:,}, held against head {verified.head.number}, {whose}. "
        f"Recorded after it, and outside of the guarantee: {verified.outside:,}."
    )


@ledger.command()
def purge(
    *,
    before: Annotated[
        str | None,
        typer.Option(help="Only the months before this one, as 2026-04.", metavar="MONTH"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what is due, and touch nothing.")
    ] = False,
) -> None:
    """Delete what entries and records of months that ended over three years ago say.

    Their place in the chain stays, so that the others can be verified. Cut off, it leaves the rest
    to the next run. Backups and archives are not its to reach.
    """
    settings, at = read_settings(), now()
    until = before or first_month_kept(at)
    _check_month(until)
    check_over(until, at)

    async def run() -> Purged:
        async with opened_ledger(settings) as opened:
            await opened.prepare()
            async with opened.database.read() as connection:
                found = await count_due(connection, until)
            if dry_run:
                return Purged(found, 0)
            with Progress(*COLUMNS, console=err, transient=True) as progress:
                task = progress.add_task("Purged", total=sum(found.values()))
                advance = partial(progress.advance, task)
                return await purge_months(opened.database, at, until, advance)

    gone = asyncio.run(run())
    for month, count in gone.entries.items():
        out.print(f"{month}: {count:,} entries {'are due' if dry_run else 'purged'}", markup=False)
    if gone.records:
        out.print(f"records of these months: {gone.records:,} deleted", markup=False)
    if not gone.entries:
        err.print("Nothing is due.")
    elif not dry_run:
        err.print("Give the witness a new head, which covers the purge: sekisho ledger head.")


def _check_month(month: str) -> None:
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month) is None:
        raise StartUpError("A month is a year and a month, as 2026-04.")
