"""What a request carries through the resolvers, fixed before the first of them runs."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar

from models.database import Database
from models.ledger import Disclosure
from models.ledger_fold import Folder
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.grant import Grants
from policy.requester import Requester
from resolvers.effort import Effort, at_once
from resolvers.eyes import Eyes
from resolvers.listeners import Listeners
from resolvers.places import Places
from resolvers.seal import Seal
from resolvers.served import BY_EXECUTOR, UNDECIDED, Served
from resolvers.snapshot import Snapshot
from resolvers.terms import Terms

T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """One request: who asks, for what, when, and what it is answered from.

    INVARIANT: `asked_at` and the snapshot move on with a write of this request alone, or all of
    it with the next event of a subscription.

    `purpose` is None where the caller named none (catalogue, `viewer`); `refuse_operands` is set
    for GET, where operands would land in proxy logs; `places` where `Sekisho-Explain` asks where in
    the answer something is withheld. `disclosures` collects what the personal
    entries of this operation let out, for the ledger and `extensions.privacy`.
    """

    requester: Requester
    purpose: str | None
    asked_at: datetime
    decision_id: str
    catalogue: Catalogue
    grants: Grants
    snapshot: Snapshot
    seal: Seal
    database: Database
    clock: Callable[[], datetime]
    listeners: Listeners
    folder: Folder
    """Brings up to date what histories and records are read from."""
    terms: Terms
    again: Callable[[], Awaitable["Context"]]
    """The same caller, verified once more, asking now, under a decision of its own."""
    eyes: Eyes | None = None
    """The caller's own, where they are known already (resolvers.asking)."""
    reference: str | None = None
    refuse_operands: bool = False
    places: Places | None = None
    disclosures: list[Disclosure] = field(default_factory=list)
    written: bool = False
    """Something was done, which must not be done again."""
    served: Served = UNDECIDED
    recording: bool = False
    """Its entry was given to the ledger."""
    rest: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    """What waits for something to happen does it in here, and does not count as working."""
    effort: Effort = at_once

    @property
    def changing(self) -> bool:
        """Whether it is asked to change something."""
        return self.served is BY_EXECUTOR["mutation"]

    async def wrote(self, at: datetime) -> None:
        """Answer from here on as of a write that was made at `at`, and from what it left."""
        self.asked_at, self.written = at, True
        await self.snapshot.renew()

    async def renew(self) -> None:
        """Answer what comes next as a question of its own. Raises what refuses the caller now."""
        fresh = await self.again()
        fresh.served = self.served
        fresh.rest, fresh.effort = self.rest, self.effort
        await self.snapshot.close()
        for part in fields(self):
            setattr(self, part.name, getattr(fresh, part.name))

    async def breathe(self) -> None:
        """Let others work in between: what comes next is work of its own."""
        async with self.rest():
            pass

    async def anew(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask this as a question of its own. Raises what refuses the caller now."""
        await self.renew()
        try:
            return await ask()
        except PrivacyError as refusal:
            if refusal.code is not ErrorCode.CATALOGUE_CHANGED:
                raise
            # The server has just learned which versions of the catalogue are live.
            await self.renew()
            return await ask()
