"""What opened rows, and whose they are, summed up inside the engine: exact, each pair once."""

from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from models.disclosure import Opened, Origin


class json_list(GenericFunction[str]):  # noqa: N801 (the name of an SQL function)
    """Some values as the text of a JSON list."""

    inherit_cache = True


class each_once(GenericFunction[str]):  # noqa: N801 (the name of an SQL function)
    """The different texts of a group, with commas between them; NULL where there is none."""

    inherit_cache = True


@compiles(json_list, "sqlite")
def _(element: json_list, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **kw)})"


@compiles(json_list, "postgresql")
def _(element: json_list, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **kw)})::text"


@compiles(each_once, "sqlite")
def _(element: each_once, compiler: SQLCompiler, **kw: Any) -> str:
    return f"group_concat(DISTINCT {compiler.process(element.clauses, **kw)})"


@compiles(each_once, "postgresql")
def _(element: each_once, compiler: SQLCompiler, **kw: Any) -> str:
    return f"string_agg(DISTINCT {compiler.process(element.clauses, **kw)}, ',')"


def openings_of(number: ColumnElement[int], row: Any) -> ColumnElement[str]:
    """Sum up open rows, by the columns of their provenance: `read_openings` reads the text.

    `number` is that of the provision that opens what is asked about, NULL where that is withheld.
    """
    return each_once(json_list(number, row.acquired_by, row.source, row.channel))


@lru_cache(maxsize=1024)
def read_openings(text: str | None) -> frozenset[Opened]:
    """Read what `openings_of` summed up; empty where nothing was open."""
    rows = orjson.loads(f"[{text or ''}]")
    return frozenset(Opened(number, Origin(*of)) for number, *of in rows if number is not None)
