"""Tests may read tables that hold personal columns, and say so where a statement is watched."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

MARK = "/* a test looks */"


def look(*what: Table | ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """A select that nobody takes for the product's."""
    return select(*what).prefix_with(MARK)
