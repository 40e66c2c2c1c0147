"""The database, each of its statements a span: by what it does, never by its text."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, event

from models.database import Database
from models.query import Binds
from models.reader import Read, Reader, Row
from server.traces import Traces

_SPAN = "sekisho span"
_DOES = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def traced_database(database: Database, traces: Traces | None) -> Database:
    """The same database; as it is where there are no traces."""
    if traces is None:
        return database
    engines = (database.writers.sync_engine, database.readers.sync_engine)
    # Engines with one pool are one, with other options.
    for engine in {each.pool: each for each in reversed(engines)}.values():
        _watch(engine, traces)
    return replace(database, reader=TracedReader(database, traces))


class TracedReader(Reader):
    """Reads as the database's own reader does."""

    def __init__(self, database: Database, traces: Traces) -> None:
        self._own = database.reader
        self._engine = database.dialect
        self._traces = traces
        _, connections = self._own.lent
        super().__init__(connections)

    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        span = self._traces.statement(self._engine, "SELECT")
        try:
            return await self._own.fetch(read, binds, size)
        finally:
            span.end()

    async def _leave(self) -> None:
        await self._own.close()


def _watch(engine: Engine, traces: Traces) -> None:
    def begins(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        does = statement.lstrip().partition(" ")[0].upper()
        connection.info[_SPAN] = traces.statement(
            engine.dialect.name, does if does in _DOES else "OTHER"
        )

    def ends(connection: Any, *_: Any) -> None:
        if span := connection.info.pop(_SPAN, None):
            span.end()

    def fails(context: Any) -> None:
        if context.connection is not None:
            ends(context.connection)

    event.listen(engine, "before_cursor_execute", begins)
    event.listen(engine, "after_cursor_execute", ends)
    event.listen(engine, "handle_error", fails)
