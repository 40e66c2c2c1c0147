"""The catalogue's versions as the database keeps them: which are live, which numbers they gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import orjson
from sqlalchemy import ColumnElement, ScalarSelect, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.constants import number
from models.opened_sql import each_once, json_list
from models.tables import CATALOGUE_APPLY, CATALOGUE_VERSION
from policy.errors import ErrorCode, PrivacyError, StartUpError


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """One version: its files' text by name, and the numbers given to bits and provisions."""

    version: str
    files: Mapping[str, str]
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Live:
    """The active version, and the others whose rules some standings may follow just now."""

    active: str | None
    others: frozenset[str] = frozenset()


async def live(connection: AsyncConnection) -> Live:
    """Which versions are live as this snapshot sees it, in one statement."""
    return read_live(await connection.scalar(select(live_versions())))


def live_versions() -> ScalarSelect[str]:
    """Say which versions are live, in one text: `read_live` reads it."""
    version, apply = CATALOGUE_VERSION.c, CATALOGUE_APPLY.c
    active = select(version.version, number(1).label("active")).where(version.active)
    each = active.union_all(select(apply.version, number(0))).subquery()
    return select(each_once(json_list(each.c.version, each.c.active))).scalar_subquery()


@lru_cache(maxsize=64)
def read_live(text: str | None) -> Live:
    """Read what `live_versions` says; None where there is no version."""
    rows = orjson.loads(f"[{text or ''}]")
    active = next((name for name, is_active in rows if is_active), None)
    return Live(active, frozenset(name for name, _ in rows) - {active})


async def active(connection: AsyncConnection) -> StoredCatalogue | None:
    """The version that standings and records are made with; None in a new database."""
    found = await _read(connection, CATALOGUE_VERSION.c.active == true())
    return found[0] if found else None


async def stored_versions(
    connection: AsyncConnection, versions: frozenset[str]
) -> Sequence[StoredCatalogue]:
    """Those of these versions that are kept, in order of their names."""
    return await _read(connection, CATALOGUE_VERSION.c.version.in_(versions))


async def numbers_given(connection: AsyncConnection, version: str) -> Mapping[str, int]:
    """What this version's numbers must not contradict: all that any version ever gave.

    A version that is kept already was held against the others when it came.
    """
    kept = await stored_versions(connection, frozenset({version}))
    every = kept or await _read(connection, true())
    return {owner: number for each in every for owner, number in each.numbers.items()}


async def store(
    connection: AsyncConnection, stored: StoredCatalogue, now: datetime, *, activate: bool = True
) -> None:
    """Keep this version, unless it is kept already, and make it the active one."""
    table = CATALOGUE_VERSION
    known = select(table.c.version).where(table.c.version == stored.version)
    if await connection.scalar(known) is None:
        values = {
            "version": stored.version,
            "content": orjson.dumps(dict(stored.files), option=orjson.OPT_SORT_KEYS).decode(),
            "numbers": orjson.dumps(dict(stored.numbers), option=orjson.OPT_SORT_KEYS).decode(),
            "active": False,
            "stored_at": now,
        }
        await connection.execute(insert(table).values(values))
    if activate:
        await make_active(connection, stored.version)


async def make_active(connection: AsyncConnection, version: str) -> None:
    """Let this version, which is kept, be the active one."""
    table = CATALOGUE_VERSION
    await connection.execute(update(table).values(active=False).where(table.c.active))
    await connection.execute(update(table).values(active=True).where(table.c.version == version))


async def keep_version(connection: AsyncConnection, version: str) -> None:
    """Keep another version from becoming active until the writer's transaction ends.

    INVARIANT: the first statement of every transaction that writes standings. After a member is
    held it could wait for the end of an apply that waits for the member. Raises
    PrivacyError(CATALOGUE_CHANGED) where another version is active: its standings are not ours to
    write. A database without any version has none that could become active.
    """
    await _lock(connection, "pg_advisory_xact_lock_shared", _ACTIVE)
    table = CATALOGUE_VERSION
    rows = await connection.execute(select(table.c.version, table.c.active))
    kept: Mapping[str, bool] = {row[0]: row[1] for row in rows}
    if kept and not kept.get(version):
        raise changed()


async def keep_writers_out(connection: AsyncConnection) -> None:
    """Wait for everybody who keeps the active version, and let nobody begin, until the end."""
    await _lock(connection, "pg_advisory_xact_lock", _ACTIVE)


async def walk_alone(connection: AsyncConnection) -> None:
    """Let one apply after the other do its next step."""
    await _lock(connection, "pg_advisory_xact_lock", _WALK)


_ACTIVE, _WALK = 1, 2
_OURS = 0x5E_C150
"""Locks that take no transaction number: those are given in the order in which members are held."""


async def _lock(connection: AsyncConnection, how: str, what: int) -> None:
    """SQLite has one writer anyway. What was committed meanwhile, the next statement sees."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"SELECT {how}({_OURS}, {what})")


def changed() -> PrivacyError:
    """What a server answers whose catalogue is not the active one."""
    return PrivacyError(
        ErrorCode.CATALOGUE_CHANGED,
        "The catalogue is changing to another version, and this server cannot answer just now. "
        "Nothing was disclosed. Try again, a mutation with the same idempotencyKey.",
    )


async def check_active(connection: AsyncConnection, version: str) -> None:
    """Raise StartUpError unless this is the version that the database follows."""
    _check(version, {(await live(connection)).active})


async def check_live(connection: AsyncConnection, version: str) -> None:
    """Raise StartUpError unless the database follows this version, or is about to."""
    found = await live(connection)
    _check(version, {found.active, *found.others})


async def check_settled(connection: AsyncConnection) -> None:
    """Raise StartUpError while standings follow more than one version."""
    if (await live(connection)).others:
        raise StartUpError(
            "A new version of the catalogue is being applied, and standings follow two versions. "
            "Run `sekisho catalogue apply` to its end first."
        )


def _check(version: str, versions: set[str | None]) -> None:
    if versions == {None}:
        raise StartUpError("The database holds no catalogue. Run `sekisho seed` to fill it.")
    if version not in versions:
        raise StartUpError(
            "The catalogue's files differ from the version that the database follows. "
            "Run `sekisho catalogue apply`: it keeps the old version, and brings every member's "
            "standing up to the new one."
        )


async def _read(
    connection: AsyncConnection, which: ColumnElement[bool]
) -> Sequence[StoredCatalogue]:
    table = CATALOGUE_VERSION.c
    query = select(table.version, table.content, table.numbers).where(which)
    rows = await connection.execute(query.order_by(table.stored_at, table.version))
    return [
        StoredCatalogue(version, orjson.loads(content), orjson.loads(numbers))
        for version, content, numbers in rows
    ]
