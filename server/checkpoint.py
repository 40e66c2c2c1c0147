"""What the application answers from: opened at start, checked, closed at the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import check_active, check_live, numbers_given
from models.classification import check_models
from models.database import Database
from models.grant_sql import check_translations
from models.ledger import Ledger, ledger_url
from models.ledger_fold import Folder
from models.revision import LEDGER, MEMBERS
from policy.catalogue import Catalogue
from resolvers.limits import Limits
from resolvers.listeners import Listeners
from resolvers.seal import Seal
from resolvers.terms import Terms
from resolvers.totality import check_plans
from schema.build import Schema, build_schema
from server.admission import Admission
from server.catalogue_files import load_catalogue
from server.clock import Clock, Ids
from server.development import KID, development_key, refuse_development_keys
from server.folding import folding, kept_catalogues, unreadable
from server.identity import Identity
from server.keys import Jwk, KeyRing, KeySource, check_key_file, given_keys, key_address, key_file
from server.manifest import Manifest
from server.metering import metering
from server.observed import Observed
from server.settings import CHECKOUT, Settings, check_production
from server.terms_file import load_terms
from server.traced_database import traced_database
from server.traces import traced
from server.versions import Versions

log = structlog.get_logger("sekisho.replicas")

_LIMITS = Limits()
CATALOGUE = CHECKOUT / "seeds" / "catalogue"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """All that a request needs beside itself."""

    catalogue: Catalogue
    versions: Versions
    schema: Schema
    database: Database
    ledger: Ledger
    folder: Folder
    identity: Identity
    manifest: Manifest
    seal: Seal
    listeners: Listeners
    terms: Terms
    limits: Limits
    admission: Admission
    clock: Clock
    ids: Ids
    observed: Observed


@asynccontextmanager
async def open_checkpoint(settings: Settings, clock: Clock, ids: Ids) -> AsyncIterator[Checkpoint]:
    """Open everything, check that it fits together, close it at the end. Raises StartUpError."""
    check_production(settings)
    keys = KeyRing(_key_source(settings), clock)
    await keys.read()
    ledger = Ledger.open(settings.ledger_url or ledger_url(settings.database_url))
    try:
        await LEDGER.check(ledger.database)
        async with (
            traced() as traces,
            traced_database(followed_database(settings), traces) as database,
        ):
            catalogue = await catalogue_in_force(database, check_live)
            if database.replicas is not None:
                await database.replicas.check()
            terms = await asyncio.to_thread(load_terms)
            listeners = Listeners(database, settings.time_limit)
            folder = Folder(ledger, kept_catalogues(database, catalogue), unreadable)
            checkpoint = Checkpoint(
                catalogue=catalogue,
                versions=Versions(catalogue),
                schema=fitting_schema(catalogue, settings.limits),
                database=database,
                ledger=ledger,
                folder=folder,
                identity=Identity(keys, settings.token_issuer or "", settings.audience, clock),
                manifest=Manifest(database, alone=settings.trusted_alone),
                seal=seal_of(settings),
                listeners=listeners,
                terms=terms,
                limits=settings.limits,
                admission=Admission(settings),
                clock=clock,
                ids=ids,
                observed=Observed(traces),
            )
            try:
                figures = metering(checkpoint.observed, checkpoint.admission, database, ledger)
                async with folding(folder), figures:
                    yield checkpoint
            finally:
                await listeners.close()
    finally:
        await ledger.close()


def followed_database(settings: Settings) -> Database:
    """The database with the replicas that are read from."""
    database = Database.open(settings.database_url)
    return database.followed(settings.replica_url, _missed)


def _missed(replica: str) -> None:
    log.warning("replica_left_out", replica=replica)


async def catalogue_in_force(
    database: Database, check: Callable[[AsyncConnection, str], Awaitable[None]] = check_active
) -> Catalogue:
    """The catalogue of the files, if this database follows it. Raises StartUpError.

    With `check_live` also one that it is about to follow: a server that starts during an apply is
    ready at its end.
    """
    await MEMBERS.check(database)
    async with database.read() as connection:
        catalogue = await catalogue_of_files(connection)
        await check(connection, catalogue.version)
    return catalogue


async def catalogue_of_files(connection: AsyncConnection) -> Catalogue:
    """The catalogue of the files, held against the numbers that stored ones gave."""
    catalogue = await asyncio.to_thread(load_catalogue, CATALOGUE)
    numbers = await numbers_given(connection, catalogue.version)
    return await asyncio.to_thread(load_catalogue, CATALOGUE, numbers)


def fitting_schema(catalogue: Catalogue, limits: Limits = _LIMITS) -> Schema:
    """The schema, once tables, SQL and fields all agree with the catalogue. Raises StartUpError."""
    _check_fit(catalogue)
    return _schema_of(catalogue, limits)


@lru_cache(maxsize=4)
def _check_fit(catalogue: Catalogue) -> None:
    """Raise StartUpError for tables or SQL that do not fit the catalogue.

    Nothing of these changes while a process runs: what fits once is not looked at again.
    """
    check_models(catalogue)
    check_translations()


@lru_cache(maxsize=4)
def _schema_of(catalogue: Catalogue, limits: Limits) -> Schema:
    """The schema of a catalogue, all of it planned for; applications of one process share it."""
    schema = build_schema(catalogue, limits)
    check_plans(schema.core)
    return schema


def seal_of(settings: Settings) -> Seal:
    """The seal of node ids and cursors: in development there is a key of our own."""
    keys = settings.seal_keys
    return Seal(keys or (development_key(settings).id_key,))


def _key_source(settings: Settings) -> KeySource:
    """Where tokens' keys come from; the development key only in development mode."""
    sources: list[KeySource] = []
    if settings.jwks_file:
        check_key_file(settings.jwks_file)
        sources.append(key_file(settings.jwks_file))
    if settings.jwks_url:
        sources.append(key_address(settings.jwks_url))
    refuse_development_keys(settings)
    own = given_keys(development_key(settings).public) if settings.in_development else given_keys()

    async def read() -> list[Jwk]:
        issued = [key for source in sources for key in await source()]
        # INVARIANT: a development key verifies nothing unless this is development mode.
        return [*await own(), *(key for key in issued if key.get("kid") != KID)]

    return read
