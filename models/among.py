"""Many values in one condition, as one parameter: the text of the statement stays the same."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, TableValuedAlias, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection


def among(
    connection: AsyncConnection, column: ColumnElement[Any], values: Collection[int | str]
) -> ColumnElement[bool]:
    """Whether the column is one of these numbers or texts."""
    wanted = sorted(values)
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, wanted, type_=ARRAY(column.type)))
    return column.in_(select(_each(wanted).c.value))


def each_of(connection: AsyncConnection, numbers: Collection[int]) -> TableValuedAlias:
    """These numbers as a table to join with; its one column is `value`."""
    wanted = sorted(numbers)
    if connection.dialect.name == "postgresql":
        given = bindparam(None, wanted, type_=ARRAY(BigInteger))
        return func.unnest(given).table_valued("value").render_derived()
    return _each(wanted)


def _each(wanted: Collection[int | str]) -> TableValuedAlias:
    return func.json_each(orjson.dumps(wanted).decode()).table_valued("value")
