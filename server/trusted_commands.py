"""`sekisho documents`: which documents companies' systems are trusted to ask."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from models.database import Database
from models.revision import MEMBERS
from models.trusted import Scope, TrustedDocument, add, documents_of, remove
from policy.catalogue import Catalogue
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE, fitting_schema
from server.clock import now
from server.issuing import Unissuable
from server.manifest_files import Unreadable, documents_in
from server.settings import read_settings
from server.terminal import err, out
from server.trusted_check import caller_for, findings, invalidities

COMPANY = Annotated[str, typer.Option(help="Whose systems ask them.")]
ONE_COMPANY = Annotated[str | None, typer.Option(help="Of this company alone.")]
ON_BEHALF_OF = Annotated[str | None, typer.Option(help="A processor's controller.")]
PURPOSES = Annotated[
    list[str] | None,
    typer.Option("--purpose", help="For what; as often as needed. None: for no purpose."),
]
FILES = Annotated[
    list[Path], typer.Argument(help="Apollo's or Relay's manifest, or .graphql files.")
]

documents = typer.Typer(no_args_is_help=True, help="What companies' systems are trusted to ask.")


@documents.command("add")
def add_documents(
    files: FILES,
    *,
    company: COMPANY,
    on_behalf_of: ON_BEHALF_OF = None,
    purposes: PURPOSES = None,
) -> None:
    """Trust the documents of these files, beside those that are trusted already; all or none.

    Servers take them at once, without a restart.
    """
    catalogue = load_catalogue(CATALOGUE)
    with _told():
        scopes = _scopes(catalogue, company, on_behalf_of, purposes)
        texts = documents_in(files)
    schema = fitting_schema(catalogue)
    wrong = [f"{id_}: {each}" for id_, text in texts.items() for each in invalidities(schema, text)]
    if wrong:
        _tell(wrong)
        raise typer.Exit(1)

    async def run() -> int:
        async with _database() as database:
            await MEMBERS.check(database)
            async with database.write() as connection:
                _refuse_others(await documents_of(connection, scopes), texts)
                return await add(connection, _filed(scopes, texts), now())

    with _told():
        added = asyncio.run(run())
    err.print(f"{added} added, {len(scopes) * len(texts) - added} were trusted before.")


@documents.command("list")
def list_documents(*, company: ONE_COMPANY = None) -> None:
    """Print the trusted documents, one line each: company, purpose, id, how the text begins."""
    for each in _stored(company):
        out.print(f"{_named(each)}  {' '.join(each.text.split())[:60]}", markup=False)


@documents.command("remove")
def remove_documents(
    ids: Annotated[list[str], typer.Argument(help="Their ids, as `list` prints them.")],
    *,
    company: COMPANY,
    on_behalf_of: ON_BEHALF_OF = None,
    purposes: PURPOSES = None,
) -> None:
    """Trust these documents no more. Servers answer them for ten seconds at most."""
    scopes = [Scope(company, on_behalf_of or "", purpose) for purpose in purposes or [""]]

    async def run() -> list[bool]:
        async with _database() as database:
            await MEMBERS.check(database)
            async with database.write() as connection:
                return [await remove(connection, scope, id_) for scope in scopes for id_ in ids]

    gone = asyncio.run(run())
    err.print(f"{sum(gone)} removed.")
    if not all(gone):
        err.print("Not all of them were there: see `sekisho documents list`.")
        raise typer.Exit(1)


@documents.command("check")
def check_documents(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files in place of what is stored.")
    ] = None,
    *,
    company: ONE_COMPANY = None,
    on_behalf_of: ON_BEHALF_OF = None,
    purposes: PURPOSES = None,
) -> None:
    """Name what can never be answered: one line each, and exit 1 if there is any.

    Documents that do not fit the schema, and personal fields that are never open to the company for
    the purpose. With files and --company no database is asked: for the build of a client.
    """
    catalogue = load_catalogue(CATALOGUE)
    if files and company is None:
        raise typer.BadParameter("files need --company, and --purpose for personal data")
    with _told():
        if files and company:
            scopes = _scopes(catalogue, company, on_behalf_of, purposes)
            checked: Sequence[TrustedDocument] = list(_filed(scopes, documents_in(files)))
        else:
            checked = _stored(company)
    schema, at = fitting_schema(catalogue), now()
    found = [
        f"{_named(each)}: {finding}"
        for each in checked
        for finding in findings(schema, catalogue, each, at)
    ]
    _tell(found)
    if found:
        raise typer.Exit(1)
    err.print(f"{len(checked)} documents can be answered.")


def _scopes(
    catalogue: Catalogue, company: str, on_behalf_of: str | None, purposes: Sequence[str] | None
) -> list[Scope]:
    """One for each purpose. Raises Unissuable for what no system could be."""
    scopes = [Scope(company, on_behalf_of or "", purpose) for purpose in purposes or [""]]
    for scope in scopes:
        caller_for(catalogue, scope, now())
    return scopes


def _filed(scopes: Iterable[Scope], texts: Mapping[str, str]) -> Iterator[TrustedDocument]:
    """Each text in each scope."""
    for scope in scopes:
        for id_, text in texts.items():
            yield TrustedDocument(scope, id_, text)


def _refuse_others(stored: Iterable[TrustedDocument], texts: Mapping[str, str]) -> None:
    """Raise Unreadable for an id that stands for another text already."""
    for each in stored:
        if texts.get(each.id, each.text) != each.text:
            raise Unreadable(f"{_named(each)} is another document already: remove it first.")


def _stored(company: str | None) -> Sequence[TrustedDocument]:
    async def run() -> Sequence[TrustedDocument]:
        async with _database() as database:
            await MEMBERS.check(database)
            async with database.read() as connection:
                return await documents_of(connection)

    return [each for each in asyncio.run(run()) if company in {None, each.scope.company}]


def _database() -> Database:
    return Database.open(read_settings().database_url)


def _named(document: TrustedDocument) -> str:
    company, controller, purpose = document.scope
    who = f"{company} for {controller}" if controller else company
    return f"{who}  {purpose or '-'}  {document.id}"


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False)


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be taken is told as the command line tells a wrong option."""
    try:
        yield
    except (Unissuable, Unreadable) as wrong:
        raise typer.BadParameter(str(wrong)) from None
