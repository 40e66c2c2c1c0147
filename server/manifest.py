"""Trusted documents as requests name them: what a system may ask, looked up in memory.

Each worker holds the documents of the companies and purposes that it serves, and sees a change in
the database within `FRESH`, without a restart.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.database import Database
from models.trusted import Scope, documents_of, ids_of, sha256_of
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester, Role
from resolvers.context import Context
from server.question import Question

FRESH = timedelta(seconds=10)
"""A document that was removed is answered no longer than this."""
COOLDOWN = timedelta(seconds=1)
"""At most one reading in this time for documents nobody knows, whatever callers make up."""
PATIENCE = timedelta(seconds=5)
"""How long a request waits for a reading. What is no longer fresh is not gone on with."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents of a scope."""

    ids: Mapping[str, str]
    """Hash by id, as the database has them."""
    texts: Mapping[str, str]
    """Each document, by its id, its hash and its text."""
    read_at: datetime


class Manifest:
    """The documents of every scope that was asked for."""

    def __init__(self, database: Database, *, alone: bool) -> None:
        self._database = database
        self._alone = alone
        """Systems ask trusted documents alone."""
        self._shelves: dict[Scope, Shelf] = {}
        self._lock = asyncio.Lock()

    async def admitted(self, asked: Question, context: Context) -> Question:
        """The question with its document's text. Raises PrivacyError(OPERATION_NOT_TRUSTED).

        INVARIANT: a document is trusted for the company and the purpose that it was filed for.
        """
        text, named = asked.query, asked.document
        free = not (self._alone and context.requester.role is Role.SERVICE)
        if named is None and (free or not text):
            return asked
        scope = _scope(context.requester, context.purpose)
        known = await self._text(scope, named or text or "", context.asked_at)
        if named is not None and not text:
            text = known
        elif named is not None and known != text and (known or sha256_of(text or "") != named):
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT, "The document is not the one that the request names."
            )
        if not text or not (free or known == text):
            raise PrivacyError(ErrorCode.OPERATION_NOT_TRUSTED, _NOT_TRUSTED)
        return asked._replace(query=text, trusted=known is not None)

    async def _text(self, scope: Scope, wanted: str, at: datetime) -> str | None:
        """The document with this id, hash or text; None if it is not trusted in this scope."""
        shelf = self._shelves.get(scope)
        if shelf is None or _stale(shelf, wanted, at):
            async with asyncio.timeout(PATIENCE.total_seconds()), self._lock:
                shelf = self._shelves.get(scope)
                if shelf is None or _stale(shelf, wanted, at):
                    shelf = self._shelves[scope] = await self._read(scope, shelf, at)
        return shelf.texts.get(wanted)

    async def _read(self, scope: Scope, before: Shelf | None, at: datetime) -> Shelf:
        """The documents as they are now; their texts only where something changed."""
        async with self._database.read() as connection:
            ids = await ids_of(connection, scope)
            if before is not None and before.ids == ids:
                return Shelf(ids, before.texts, at)
            texts: dict[str, str] = {}
            for each in await documents_of(connection, [scope]):
                texts |= dict.fromkeys((each.id, each.sha256, each.text), each.text)
        return Shelf(ids, texts, at)


def _stale(shelf: Shelf, wanted: str, at: datetime) -> bool:
    age = at - shelf.read_at
    return age >= FRESH or (age >= COOLDOWN and wanted not in shelf.texts)


def _scope(requester: Requester, purpose: str | None) -> Scope:
    return Scope(requester.company or "", requester.on_behalf_of or "", purpose or "")


_NOT_TRUSTED = (
    "The document is not among those that are trusted for this company and purpose: have it added "
    "with `sekisho documents add`. Documents are not registered by asking."
)
