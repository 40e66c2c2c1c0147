"""Many values in one condition, as one parameter: the text of the statement stays the same."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import ColumnElement, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection


def among(
    connection: AsyncConnection, column: ColumnElement[Any], values: Collection[int | str]
) -> ColumnElement[bool]:
    """Whether the column is one of these numbers or texts."""
    wanted = sorted(values)
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, wanted, type_=ARRAY(column.type)))
    each = func.json_each(orjson.dumps(wanted).decode()).table_valued("value")
    return column.in_(select(each.c.value))
