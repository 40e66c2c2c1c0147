"""Which versions of the catalogue are live, and what a server of one of them may answer."""

import asyncio
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import Live, changed, live, stored_versions
from policy.catalogue import Catalogue
from policy.grant import Grants
from policy.meeting import Meeting
from policy.source import CatalogueError
from server.catalogue_files import catalogue_of


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The versions that were live when last looked at, and the grants that follow."""

    live: Live
    grants: Grants


class Versions:
    """What this server answers by: its own version, met with those that are live beside it.

    An operation takes what is `held` when it begins, and confirms it in the snapshot that it reads
    from. INVARIANT: nothing is read in a snapshot in which another version is the active one, or in
    which standings follow a version that the grants were not met with.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._own = catalogue.version
        self._catalogue = catalogue
        self.held = Held(Live(catalogue.version), grants_of(catalogue))

    async def confirm(self, held: Held, connection: AsyncConnection) -> None:
        """Raise PrivacyError(CATALOGUE_CHANGED) unless `held` is what this snapshot says.

        An operation that begins after that holds what was found, where that can be answered by.
        """
        if await self.look(connection) != held.live:
            raise changed()

    async def look(self, connection: AsyncConnection) -> Live:
        """Hold what this snapshot says. Raises CATALOGUE_CHANGED where it cannot be answered by."""
        found = await live(connection)
        if found.active != self._own:
            raise changed()
        if found != self.held.live:
            self.held = Held(found, await self._met(connection, found))
        return found

    async def _met(self, connection: AsyncConnection, found: Live) -> Grants:
        """Give the grants of all live versions. Raises CATALOGUE_CHANGED for an unreadable one."""
        if not found.others:
            return grants_of(self._catalogue)
        try:
            others = [
                await asyncio.to_thread(catalogue_of, each.files)
                for each in await stored_versions(connection, found.others)
            ]
        except CatalogueError:
            raise changed() from None
        return meeting_of(self._catalogue, tuple(others))


@lru_cache(maxsize=4)
def grants_of(catalogue: Catalogue) -> Grants:
    """The grants of a catalogue; applications of one process share them."""
    return Grants(catalogue)


@lru_cache(maxsize=4)
def meeting_of(own: Catalogue, others: tuple[Catalogue, ...]) -> Meeting:
    """What one catalogue and these others all grant; shared alike."""
    return Meeting(own, others)
