"""A database is brought to the revision that its tables are declared in, whether new or old.

Each revision is a file of `members/` or `ledger/` that names the one before. Those that are missing
run in one transaction: the database has them all then, or is as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from io import StringIO
from pathlib import PurePath
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from models.database import Database
from models.revision import Revision

ROOM = PurePath(__file__).parent

_LOCK = int.from_bytes(b"sekisho", "big")
"""PostgreSQL's number of what whoever migrates holds."""

Tell = Callable[[str], None]


def untold(_revision: str) -> None:
    """Nobody is told."""


async def make(database: Database, revision: Revision) -> None:
    """Make the tables of a new database; one that has them must have these.

    Raises StartUpError as `Revision.check` does.
    """
    if await revision.found(database) is None:
        await migrate(database, revision)
    await revision.check(database)


async def migrate(database: Database, revision: Revision, tell: Tell = untold) -> None:
    """Run what is missing, telling of each, alone among all that migrate. Nothing is undone.

    Raises StartUpError for tables of another make or a later version, DBAPIError where a statement
    fails; nothing is changed then.
    """
    async with database.write() as connection:
        await _be_alone(connection)
        await connection.run_sync(_run, revision, database.name, tell)


async def missing(database: Database, revision: Revision) -> Sequence[str]:
    """Tell of what `migrate` would run. Raises StartUpError as it does."""
    found = await revision.found(database)
    return [_told(revision, script) for script in _ahead(revision, found, database.name)]


async def sql(database: Database, revision: Revision) -> str:
    """One transaction of the statements that `migrate` would send; "" for none.

    Raises StartUpError as it does.
    """
    found, buffer = await revision.found(database), StringIO()
    if not (ahead := _ahead(revision, found, database.name)):
        return ""
    given = {"as_sql": True, "transactional_ddl": True, "output_buffer": buffer}
    opts = {**given, "starting_rev": found, **_options(revision, ahead, untold)}
    context = MigrationContext.configure(dialect_name=database.dialect, opts=opts)
    with context.begin_transaction():
        context.run_migrations(op=Operations(context))
    return buffer.getvalue()


async def _be_alone(connection: AsyncConnection) -> None:
    """Wait for whoever migrates just now. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        patience = await connection.exec_driver_sql("SHOW lock_timeout")
        await connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience.scalar_one()}'")


def _run(connection: Connection, revision: Revision, name: str, tell: Tell) -> None:
    ahead = _ahead(revision, revision.found_in(connection, name), name)
    context = MigrationContext.configure(connection, opts=_options(revision, ahead, tell))
    context.run_migrations(op=Operations(context))


def _options(revision: Revision, ahead: Iterable[Script], tell: Tell) -> dict[str, Any]:
    known = revisions(revision.of, ROOM).revision_map

    def steps(_found: object, _context: MigrationContext) -> Iterator[MigrationStep]:
        for script in ahead:
            tell(_told(revision, script))
            yield MigrationStep.upgrade_from_script(known, script)

    return {"version_table": revision.kept_in, "fn": steps}


def _ahead(revision: Revision, found: str | None, name: str) -> Sequence[Script]:
    """The revisions after the one found, oldest first."""
    if found is not None:
        revision.check_known(found, name)
    steps = revisions(revision.of, ROOM).iterate_revisions(revision.number, found or "base")
    return [*steps][::-1]


@lru_cache
def revisions(folder: str, room: PurePath) -> ScriptDirectory:
    """All revisions that lie in a folder of this room."""
    return ScriptDirectory(str(room), version_locations=[str(room / folder)])


def _told(revision: Revision, script: Script) -> str:
    return f"{revision.of} {script.revision}: {script.doc}"
