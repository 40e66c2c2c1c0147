"""Which revision of migrations/ the tables of a database are in, and which one this code needs.

A server of another revision than its database would read what is not there, or not write what is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, String, Table, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from models.database import Database
from models.history_tables import LEDGER_TABLES
from models.tables import METADATA
from policy.errors import StartUpError


@dataclass(frozen=True, slots=True)
class Revision:
    """The revision that some tables are declared in; migrations/ leads a database there."""

    number: str
    """Of the newest one, as 0001."""
    of: str
    """Whose tables these are: the folder of migrations/."""
    kept_in: str
    """The table in which a database says which one it has."""
    tables: Sequence[Table] = field(repr=False)
    setting: str
    """What names the database."""

    async def found(self, database: Database) -> str | None:
        """The number that the database has; None where these tables are still to be made.

        Raises StartUpError where it cannot be reached, and as `found_in` does.
        """
        try:
            async with database.read() as connection:
                return await connection.run_sync(self.found_in, database.name)
        except (DBAPIError, OSError) as fault:
            cause = type(getattr(fault, "orig", fault)).__name__
            raise StartUpError(
                f"{database.name} cannot be used ({cause}). "
                f"Check {self.setting} and that it can be reached and read."
            ) from fault

    def found_in(self, connection: Connection, name: str) -> str | None:
        """The same, of the database of this name.

        Raises StartUpError for tables that are called as these and that nobody migrated.
        """
        there = inspect(connection)
        if there.has_table(self.kept_in):
            kept = table(self.kept_in, column("version_num", String()))
            return connection.scalar(select(kept.c.version_num))
        if taken := {each.name for each in self.tables} & {*there.get_table_names()}:
            raise StartUpError(
                f"{name} holds tables that `sekisho migrate` did not make, such as "
                f"{min(taken)}: name another database in {self.setting}, or empty this one."
            )
        return None

    async def check(self, database: Database) -> None:
        """Raise StartUpError, with what to do, unless the database has exactly this revision."""
        found = await self.found(database)
        if found is None:
            raise StartUpError(
                f"{database.name} is empty: run `sekisho migrate` to make its tables, "
                "or `sekisho seed` to have the demo world in them, too."
            )
        self.check_known(found, database.name)
        if found != self.number:
            raise StartUpError(
                f"{database.name} is at revision {found}, and this Sekisho needs {self.number}: "
                "run `sekisho migrate`."
            )

    def check_known(self, found: str, name: str) -> None:
        """Raise StartUpError where a later version of Sekisho migrated the database."""
        if found > self.number:
            raise StartUpError(
                f"{name} is at revision {found}, and this Sekisho knows none after {self.number}: "
                "start the version whose `sekisho migrate` brought it there."
            )


MEMBERS = Revision(
    "0003", "members", "sekisho_revision", METADATA.sorted_tables, "SEKISHO_DATABASE_URL"
)
LEDGER = Revision("0001", "ledger", "ledger_revision", LEDGER_TABLES, "SEKISHO_LEDGER_URL")
