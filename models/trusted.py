"""Trusted documents as the database keeps them: by company, purpose and id."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import TRUSTED_DOCUMENT


class Scope(NamedTuple):
    """Whose a document is, and for what: in no other scope is it trusted."""

    company: str
    on_behalf_of: str = ""
    """The controller, of a processor."""
    purpose: str = ""
    """"": for operations that name none."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A document, under the id by which its programs ask for it."""

    scope: Scope
    id: str
    text: str

    @property
    def sha256(self) -> str:
        return sha256_of(self.text)


def sha256_of(text: str) -> str:
    """The hash of a document as clients send it: hexadecimal, in lower case."""
    return hashlib.sha256(text.encode()).hexdigest()


async def ids_of(connection: AsyncConnection, scope: Scope) -> Mapping[str, str]:
    """The hash of each document of a scope, by its id: enough to see whether any changed."""
    table = TRUSTED_DOCUMENT.c
    rows = await connection.execute(select(table.id, table.sha256).where(_in(scope)))
    return {row[0]: row[1] for row in rows}


async def documents_of(
    connection: AsyncConnection, scopes: Iterable[Scope] | None = None
) -> Sequence[TrustedDocument]:
    """The documents of these scopes, of all if none are given, in order."""
    table = TRUSTED_DOCUMENT.c
    columns = table.company, table.on_behalf_of, table.purpose, table.id, table.text
    found = []
    for which in [true()] if scopes is None else map(_in, scopes):
        rows = await connection.execute(select(*columns).where(which).order_by(*columns[:-1]))
        found += [TrustedDocument(Scope(*row[:3]), row[3], row[4]) for row in rows]
    return found


async def add(
    connection: AsyncConnection, documents: Iterable[TrustedDocument], now: datetime
) -> int:
    """Keep these, and give how many were new. An id that is kept goes on meaning what it meant."""
    added = 0
    for each in documents:
        known = select(TRUSTED_DOCUMENT.c.id).where(_in(each.scope), _called(each.id))
        if await connection.scalar(known) is None:
            kept = {"id": each.id, "sha256": each.sha256, "text": each.text, "added_at": now}
            await connection.execute(insert(TRUSTED_DOCUMENT), {**each.scope._asdict(), **kept})
            added += 1
    return added


async def remove(connection: AsyncConnection, scope: Scope, id_: str) -> bool:
    """Trust a document no more; False where there was none."""
    gone = await connection.execute(delete(TRUSTED_DOCUMENT).where(_in(scope), _called(id_)))
    return gone.rowcount > 0


def _in(scope: Scope) -> ColumnElement[bool]:
    table = TRUSTED_DOCUMENT.c
    return and_(
        table.company == scope.company,
        table.on_behalf_of == scope.on_behalf_of,
        table.purpose == scope.purpose,
    )


def _called(id_: str) -> ColumnElement[bool]:
    return TRUSTED_DOCUMENT.c.id == id_
