"""New databases with all their tables, at once: the statements of the migrations, written once."""

from typing import Any

from migrations import upgrade
from models.database import Database
from models.ledger import Ledger
from models.revision import LEDGER, MEMBERS, Revision

_scripts: dict[tuple[str, str], str] = {}


async def make_tables(database: Database, revision: Revision = MEMBERS) -> None:
    """Do what `sekisho migrate` does to an empty database, many times as fast."""
    kind = (database.dialect, revision.of)
    if kind not in _scripts:
        _scripts[kind] = await upgrade.sql(database, revision)
    async with database.writers.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        run = driver.executescript if database.dialect == "sqlite" else driver.execute
        await run(_scripts[kind])


async def new_ledger(url: str) -> Ledger:
    """Open a ledger, and make its tables if there are none."""
    ledger = Ledger.open(url)
    if await LEDGER.found(ledger.database) is None:
        await make_tables(ledger.database, LEDGER)
    return ledger
