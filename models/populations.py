"""Synthetic populations: how many members of a seed a database holds, and adding the rest."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.bulk import indexes_after
from models.projection_check import Advance
from models.tables import POPULATION
from models.world import MemberRecord, load
from policy.catalogue import Catalogue
from policy.errors import StartUpError

Members = Callable[[int, int], Iterable[MemberRecord]]
"""Gives the members of a seed numbered first to last, both included."""


async def grow(  # noqa: PLR0913, PLR0917 (what is added, to what, and who watches)
    connection: AsyncConnection,
    catalogue: Catalogue,
    seed: int,
    wanted: int,
    members: Members,
    recorded_at: datetime,
    advance: Advance,
) -> int:
    """Add what is missing of the first `wanted` members; give how many that were.

    In the caller's transaction. Raises StartUpError where the database does not take them.
    """
    rows = await connection.execute(select(POPULATION.c.seed, POPULATION.c.members))
    held: Mapping[int, int] = {row[0]: row[1] for row in rows}
    present = held.get(seed, 0)
    if wanted <= present:
        return 0
    most_are_new = wanted - present > sum(held.values())
    try:
        async with indexes_after(connection) if most_are_new else nullcontext():
            await load(connection, catalogue, members(present + 1, wanted), recorded_at, advance)
        await connection.execute(delete(POPULATION).where(POPULATION.c.seed == seed))
        await connection.execute(insert(POPULATION).values(seed=seed, members=wanted))
        # The planner knows nothing of so many new rows yet.
        await connection.exec_driver_sql("ANALYZE")
    except DBAPIError as fault:
        raise StartUpError(
            "The database did not take the members, and none was added. "
            "See that its disk has room and that nobody else is at work in it, then try again."
        ) from fault
    return wanted - present
