"""The catalogue of the checkout becomes the one that the database follows (catalogue_apply.py)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_apply import Apply, members_left
from models.catalogue_store import (
    Live,
    StoredCatalogue,
    live,
    numbers_given,
    stored_versions,
)
from models.database import Database
from models.projection_check import Advance
from models.revision import MEMBERS
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.numbers import numbers_of
from policy.parse import Earlier, parse
from policy.source import CatalogueError
from server.catalogue_files import catalogue_of, nodes_of, texts_of
from server.checkpoint import CATALOGUE, fitting_schema
from server.clock import Clock


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do, or goes on with."""

    catalogue: Catalogue
    stored: StoredCatalogue
    found: Live
    members: int
    """Whose standings are still to be folded."""
    new: Sequence[str]
    """Versions of documents that the active catalogue does not have, as they are told."""

    @property
    def is_active(self) -> bool:
        """Whether nothing needs to be done."""
        return self.found == Live(self.catalogue.version)

    @property
    def given_up(self) -> frozenset[str]:
        """Versions whose own apply was begun and is not brought to its end by this one."""
        return self.found.others - {self.catalogue.version}


async def plan(database: Database, at: datetime) -> Plan:
    """Read and check this checkout's catalogue against all that the database keeps.

    Raises StartUpError, which is CatalogueError for what is wrong with the files.
    """
    await MEMBERS.check(database)
    texts = await asyncio.to_thread(texts_of, CATALOGUE)
    async with database.read() as connection:
        found = await live(connection)
        if found.active is None:
            raise StartUpError("The database holds no catalogue. Run `sekisho seed` to fill it.")
        before = await _read(connection, found.active)
        catalogue = await asyncio.to_thread(parse, nodes_of(texts))
        numbers = await numbers_given(connection, catalogue.version)
        # What was kept before was held against what came before it.
        kept = await stored_versions(connection, frozenset({catalogue.version}))
        earlier = Earlier(before, at) if before and not kept else None
        catalogue = await asyncio.to_thread(parse, nodes_of(texts), numbers, earlier)
        fitting_schema(catalogue)
        members = await members_left(connection, catalogue.version)
    stored = StoredCatalogue(catalogue.version, texts, {**numbers, **numbers_of(catalogue)})
    return Plan(catalogue, stored, found, members, list(_new(catalogue, before)))


async def apply(database: Database, clock: Clock, planned: Plan, advance: Advance) -> bool:
    """Bring it to its end, or go on where it was cut off; False where nothing was to be done."""
    step = Apply(database, planned.catalogue, clock)
    try:
        if not await step.begin(planned.stored):
            return False
        while (folded := await step.page()) is not None:
            advance(folded)
    except DBAPIError as fault:
        raise StartUpError(
            "The database did not take the next step: see that its disk has room and that nobody "
            "else is at work in it. Run the command again; it goes on where it was."
        ) from fault
    return True


async def _read(connection: AsyncConnection, version: str) -> Catalogue | None:
    """A kept version; None where this program does not read its files any more."""
    (stored,) = await stored_versions(connection, frozenset({version}))
    try:
        return await asyncio.to_thread(catalogue_of, stored.files)
    except CatalogueError:
        return None


def _new(catalogue: Catalogue, before: Catalogue | None) -> Sequence[str]:
    told = []
    for document in catalogue.documents.values():
        old = before.documents.get(document.key) if before else None
        known = {version.key for version in old.versions} if old else set()
        for version in document.versions:
            if version.key not in known:
                kind = "material: its new scope opens to who consents to it"
                if not version.material:
                    kind = "editorial: consents carry over, and members are told"
                told.append(f"{document.key} {version.key}, {kind}")
    return told
