"""Folding: what is read of the ledger (histories, records) is brought up to what was written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models.ledger import Ledger
from policy.catalogue import Catalogue

Catalogues = Callable[[str], Awaitable[Catalogue | None]]
"""Gives the catalogue of a version; None where it is not kept."""


@dataclass(slots=True)
class Folder:
    """Folds entries into the projections. Any number may, in any process, at once.

    Readers of histories and records take it, and fold first whatever is not folded yet.
    """

    ledger: Ledger
    catalogue_of: Catalogues

    async def fold(self) -> None:
        """Fold all that was written before the call. Raises what the database raises."""
        raise NotImplementedError

    async def grown(self, after: int) -> None:
        """Wait until something was folded behind this position, in whichever process."""
        raise NotImplementedError
