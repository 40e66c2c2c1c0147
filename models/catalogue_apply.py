"""A new version becomes the active one: every member's standing is folded by it, page by page.

While that goes on some standings follow the old version and some the new one; nobody is answered
more than both would (policy/meeting.py). Each page is one transaction that also says how far the
walk has come, so an apply that was cut off goes on where it was. Those of whom something was
recorded meanwhile are walked through again. When they are few, writers wait for one moment in which
they are folded and the version becomes active.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import and_, delete, func, insert, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.catalogue_store import (
    StoredCatalogue,
    keep_writers_out,
    make_active,
    store,
    walk_alone,
)
from models.database import Database
from models.event_log import PAGE, hold, record
from models.projection import write
from models.projection_check import project
from models.tables import CATALOGUE_APPLY, CATALOGUE_VERSION, EVENT
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.events import EventKind
from policy.news import news

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the walk through the members has come."""

    after: str
    since: int
    changed_since: int

    @classmethod
    async def read(cls, connection: AsyncConnection, version: str) -> Self:
        """Read it, and keep others from going on with it until the transaction ends.

        Raises StartUpError where it is over, or another version is the target now.
        """
        await walk_alone(connection)
        table = CATALOGUE_APPLY.c
        query = select(table.after, table.since, table.changed_since)
        row = (
            await connection.execute(query.where(table.target, table.version == version))
        ).one_or_none()
        if row is None:
            raise StartUpError(
                "Another `sekisho catalogue apply` took over. See which version is active with "
                "`sekisho catalogue apply --dry-run`."
            )
        return cls(*row)

    async def save(self, connection: AsyncConnection) -> None:
        values = {
            "after": self.after,
            "since": self.since,
            "changed_since": self.changed_since,
        }
        table = CATALOGUE_APPLY
        await connection.execute(update(table).values(values).where(table.c.target))


@dataclass(frozen=True, slots=True)
class Apply:
    """One version on its way to be the active one."""

    database: Database
    catalogue: Catalogue
    clock: Clock
    size: int = PAGE
    """Of a page, in members."""

    async def begin(self, stored: StoredCatalogue) -> bool:
        """Keep the version and say that it is coming; False where nothing needs to be done.

        From here on servers of the active version answer no more than both versions allow.
        """
        async with self.database.write() as connection:
            apply = CATALOGUE_APPLY
            await walk_alone(connection)
            last = await _last(connection)
            rows = await connection.execute(select(apply.c.version, apply.c.target))
            under_way: Mapping[str, bool] = {row[0]: row[1] for row in rows}
            if under_way.get(stored.version):
                return True
            active = await connection.scalar(
                select(CATALOGUE_VERSION.c.version).where(CATALOGUE_VERSION.c.active)
            )
            if active is None:
                raise StartUpError("The database holds no catalogue. Run `sekisho seed` first.")
            if active == stored.version and not under_way:
                return False
            await store(connection, stored, self.clock(), activate=False)
            # What was given up stays live: standings may follow it until this walk has passed.
            await connection.execute(update(apply).values(target=False))
            await connection.execute(delete(apply).where(apply.c.version == stored.version))
            await connection.execute(
                insert(apply).values(version=stored.version, target=True, since=last)
            )
        return True

    async def page(self) -> int | None:
        """Fold the next members, durably; how many they were, None once the version is active."""
        async with self.database.write() as connection:
            walk = await Walk.read(connection, self.catalogue.version)
            members = await _members(connection, walk.after, walk.changed_since, self.size)
            if members:
                await self._fold(connection, members)
                await Walk(members[-1], walk.since, walk.changed_since).save(connection)
                return len(members)
            return await self._finish(connection, walk)

    async def _finish(self, connection: AsyncConnection, walk: Walk) -> int | None:
        """Make the version active, unless too much was recorded since the walk began."""
        last = await _last(connection)
        left = await _members(connection, "", walk.since, self.size + 1)
        if len(left) > self.size:
            await Walk("", since=last, changed_since=walk.since).save(connection)
            return 0
        await self._fold(connection, left)
        await make_active(connection, self.catalogue.version)
        await connection.execute(delete(CATALOGUE_APPLY))
        return None

    async def _fold(self, connection: AsyncConnection, members: Sequence[str]) -> None:
        """Write what the members' events come to by this version, and tell whom it concerns."""
        found = await hold(connection, members)
        # Somebody may have been erased since the page was made up.
        held = {key: each for key, each in found.items() if each.stored}
        if not held:
            return
        await write(connection, {key: project(each, self.catalogue) for key, each in held.items()})
        now = max([self.clock(), *(each.last.at for each in held.values() if each.last)])
        untold = {key: tuple(news(self.catalogue, each.events, now)) for key, each in held.items()}
        happened = {key: events for key, events in untold.items() if events}
        if happened:
            await record(connection, self.catalogue, held, happened, now)


_NOTICE = and_(EVENT.c.kind == EventKind.NOTIFIED.value, EVENT.c.body.contains('"item":'))
"""What an apply itself records, of members whom it has just folded."""


async def members_left(connection: AsyncConnection, version: str) -> int:
    """How many members this version's walk has still to come to; all of them before it begins."""
    table = CATALOGUE_APPLY.c
    walk = select(table.after, table.changed_since).where(table.target, table.version == version)
    row = (await connection.execute(walk)).one_or_none()
    after, changed_since = row or ("", 0)
    count = select(func.count(EVENT.c.member_key.distinct())).where(
        EVENT.c.member_key > after, EVENT.c.seq > changed_since, not_(_NOTICE)
    )
    return await connection.scalar(count) or 0


async def _last(connection: AsyncConnection) -> int:
    """Give the number of the last event, once nobody writes any more until the transaction ends."""
    await keep_writers_out(connection)
    return await connection.scalar(select(func.coalesce(func.max(EVENT.c.seq), 0))) or 0


async def _members(
    connection: AsyncConnection, after: str, changed_since: int, limit: int
) -> Sequence[str]:
    key = EVENT.c.member_key
    query = select(key).distinct().where(key > after)
    if changed_since:
        query = query.where(EVENT.c.seq > changed_since, not_(_NOTICE))
    return (await connection.scalars(query.order_by(key).limit(limit))).all()
