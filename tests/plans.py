"""How an engine answers a statement: the steps it takes, and how many."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, Executable
from sqlalchemy.sql.compiler import SQLCompiler

STEPS = 1_000
"""SQLite is interrupted after so many steps, to count them."""


class Explain(Executable, ClauseElement):
    """Ask for the plan of a statement."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain, "sqlite")
def _(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return f"EXPLAIN QUERY PLAN {compiler.process(element.statement, **kw)}"


@compiles(Explain, "postgresql")
def _(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    told = "ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF"
    return f"EXPLAIN ({told}) {compiler.process(element.statement, **kw)}"


async def plan_of(
    connection: AsyncConnection, statement: Select[Any], binds: Mapping[str, Any]
) -> Sequence[str]:
    """Give the steps; on PostgreSQL only those that were taken."""
    options = {"redacted": True}
    rows = await connection.execute(Explain(statement), {**binds}, execution_options=options)
    return [str(row[-1]).strip() for row in rows if "never executed" not in row[-1]]


async def steps_of(
    connection: AsyncConnection, statement: Select[Any], binds: Mapping[str, Any]
) -> int:
    """Give about how many steps SQLite's machine takes."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += STEPS
        return 0

    await driver.set_progress_handler(count, STEPS)
    try:
        (await connection.execute(statement, {**binds})).all()
    finally:
        await driver.set_progress_handler(None, STEPS)
    return counted


@contextmanager
def statements(connection: AsyncConnection) -> Iterator[list[tuple[str, Any]]]:
    """Collects what is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    event.listen(connection.sync_connection, "before_cursor_execute", keep)
    yield asked
    event.remove(connection.sync_connection, "before_cursor_execute", keep)


async def plan_of_statement(connection: AsyncConnection, statement: str, given: Any) -> list[str]:
    """Give the steps for a statement as it was asked, of tables that are taken for large."""
    if connection.dialect.name == "sqlite":
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        return [str(row["detail"]) for row in rows.mappings()]
    for way in ("enable_seqscan", "enable_bitmapscan"):
        await connection.exec_driver_sql(f"SET LOCAL {way} = off")
    return [str(row[0]) for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", given)]
