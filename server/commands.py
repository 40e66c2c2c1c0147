"""The commands of `sekisho`, each a few lines: what they do stands in the modules they call."""

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

import typer
from rich.progress import Progress
from typer.core import TyperGroup

from models.catalogue_store import check_settled
from models.database import Database
from models.event_log import verify_chain
from models.history_check import check as check_histories
from models.ledger_fold import Folder
from models.ledger_verify import Verification
from models.outbox_check import check as check_outbox
from models.projection_check import check as check_projections
from policy.errors import StartUpError
from policy.situation import Question
from schema.build import print_sdl
from server import explanation
from server.catalogue_commands import catalogue
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE, catalogue_in_force, fitting_schema
from server.clock import new_id, now
from server.erasing import erase
from server.folding import kept_catalogues
from server.ledger_commands import ledger, opened_ledger
from server.ledger_rebuild import rebuild
from server.migrating import make_new, migrate
from server.moments import moment
from server.population import HIGHEST_SEED, LARGEST
from server.seeding import populate
from server.seeding import seed as fill
from server.serving import serve
from server.settings import read_settings
from server.terminal import COLUMNS, err, out
from server.tokens import issue_id, issue_token
from server.trusted_commands import documents


class _Sentences(TyperGroup):
    """Tells what stops a command as a sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except StartUpError as refusal:
            err.print(str(refusal), style="red", markup=False)
            raise typer.Exit(1) from None


# INVARIANT: no traceback shows local variables, which may hold a member's data.
commands = typer.Typer(
    cls=_Sentences,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="The checkpoint between companies and the personal data of their members.",
)
commands.add_typer(catalogue, name="catalogue")
commands.add_typer(documents, name="documents")
commands.add_typer(ledger, name="ledger")
ledger.command()(rebuild)
commands.command()(serve)
commands.command("token")(issue_token)
commands.command("id")(issue_id)
commands.command("erase")(erase)
commands.command("migrate")(migrate)


@commands.command()
def seed(
    *,
    members: Annotated[
        int, typer.Option(min=0, max=LARGEST, help="Add so many synthetic members.")
    ] = 0,
    seed: Annotated[
        int, typer.Option(min=0, max=HIGHEST_SEED, help="The same seed makes the same members.")
    ] = 1,
) -> None:
    """Create the tables, store the catalogue and load the demo world, unless it is all there."""
    settings = read_settings()
    with Progress(*COLUMNS, console=err, transient=True) as progress:
        task = progress.add_task("Members", total=members or None)

        async def run() -> tuple[bool, int]:
            await make_new(settings)
            async with Database.open(settings.database_url) as database:
                filled = await fill(database, now, lambda _demo: None)
                if not members:
                    return filled, 0
                advance = partial(progress.advance, task)
                return filled, await populate(database, now, members, seed, advance)

        filled, added = asyncio.run(run())
    err.print("The demo world is loaded." if filled else "The demo world was loaded before.")
    if members:
        here = f"{members:,} members of seed {seed}"
        err.print(f"{here}: {added:,} were added." if added else f"{here} were there before.")


@commands.command()
def schema() -> None:
    """Print the GraphQL schema."""
    sys.stdout.write(print_sdl(fitting_schema(load_catalogue(CATALOGUE))))


@commands.command()
def check() -> None:
    """Hold what stands against events and entries, and the ledger against its chain: one line each.

    Histories and records are held against the entries as far as they are folded.
    """
    settings = read_settings()

    async def findings() -> AsyncIterator[str]:
        async with Database.open(settings.database_url) as database:
            in_force = await catalogue_in_force(database)
            async with database.read() as connection:
                await check_settled(connection)
                async for finding in verify_chain(connection):
                    yield finding
                async for finding in check_projections(connection, in_force):
                    yield finding
                async for finding in check_outbox(connection):
                    yield finding
            async with opened_ledger(settings) as opened:
                async for finding in Verification(opened.database, now()).findings():
                    yield finding
                folder = Folder(opened, kept_catalogues(database, in_force))
                async for finding in check_histories(folder):
                    yield finding

    async def tell() -> int:
        count = 0
        async for finding in findings():
            out.print(finding, markup=False)
            count += 1
        return count

    if asyncio.run(tell()):
        raise typer.Exit(1)
    err.print("What stands is what events and ledger say.")


@commands.command()
def explain(  # noqa: PLR0913 (each is an option)
    *,
    company: Annotated[str, typer.Option(help="Who would read.")],
    purpose: Annotated[str, typer.Option(help="For what.")],
    member: Annotated[str, typer.Option(help="About whom: the member's key.")],
    field: Annotated[str, typer.Option(help="What: its path from Member.")],
    at: Annotated[str | None, typer.Option(help="When, in UTC; now if left out.")] = None,
    on_behalf_of: Annotated[str | None, typer.Option(help="A processor's controller.")] = None,
) -> None:
    """Say whether the company would see the field of this member, and why. Shows no value.

    It is a read about the member by the group's privacy office, and recorded as one.
    """
    settings = read_settings()
    when = moment(at) if at else now()

    async def run() -> None:
        async with Database.open(settings.database_url) as database:
            in_force = await catalogue_in_force(database)
            asked = Question(company, on_behalf_of, purpose, field, when)
            async with database.read() as connection:
                told = await explanation.explain(connection, in_force, asked, member)
        async with opened_ledger(settings) as opened:
            await opened.append(explanation.entry_of(told, in_force, new_id(), now()))
        for line in explanation.render(told):
            out.print(line, markup=False)

    asyncio.run(run())
