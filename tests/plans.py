"""How an engine answers a statement: the steps it takes, and how many."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select
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
