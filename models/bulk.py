"""Rows by the thousand: one statement for many on SQLite, COPY on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from asyncpg import PostgresError
from sqlalchemy import ColumnDefault, Dialect, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, DropIndex

from models.tables import METADATA

Row = Mapping[str, Any]

_SQLITE = sqlite.dialect(paramstyle="qmark")


class Unfit(Exception):
    """The table takes a row for none of its own: a key twice, or a value it cannot hold."""


async def insert_many(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows inside the caller's transaction, which must have begun with a statement.

    A column that a row leaves out gets its default, or null. Raises Unfit, which quotes nothing.
    """
    if not rows:
        return
    records = _records(table, connection.dialect, rows)
    if connection.dialect.name == "sqlite":
        try:
            await connection.exec_driver_sql(_insert(table), list(records))
        except IntegrityError:
            raise Unfit from None
        return
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        await driver.copy_records_to_table(
            table.name, records=records, columns=table.columns.keys()
        )
    except PostgresError:
        # INVARIANT: not even as a cause: what COPY says of a row that does not fit quotes it.
        raise Unfit from None


@asynccontextmanager
async def indexes_after(connection: AsyncConnection) -> AsyncIterator[None]:
    """Take away what only speeds up reading, and make it anew at the end, sorted: much quicker.

    In the caller's transaction; unique indexes stay, they say what may not be.
    """
    indexes = [
        index
        for table in METADATA.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
        if not index.unique
    ]
    for index in indexes:
        await connection.execute(DropIndex(index))
    yield
    for index in indexes:
        await connection.execute(CreateIndex(index))


@lru_cache(maxsize=128)
def _insert(table: Table) -> str:
    return str(insert(table).compile(dialect=_SQLITE))


def _records(table: Table, dialect: Dialect, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    """Give the rows as the driver takes them, encoded column by column."""
    columns = []
    for column in table.columns:
        otherwise = column.default.arg if isinstance(column.default, ColumnDefault) else None
        values = [row.get(column.name, otherwise) for row in rows]
        encode = column.type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(values if encode is None else [encode(value) for value in values])
    return zip(*columns, strict=True)
