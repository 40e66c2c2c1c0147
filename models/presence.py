"""Whether a member has something in a field, without its value: the redacted relation, summed up.

As everywhere in it, what is withheld counts as if it were not there.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Label, and_, case, func, literal, select

from models import tables
from models.among import among_bound
from models.grant_sql import some_hold
from models.judged import Redacted, layout_of, marked
from models.once import once
from models.opened_sql import openings_of
from models.rows_below import MEMBERS
from models.tables import RELATIONS
from models.view import ACCOUNT, Paths, View, cell_opened_by, row_open


@once(8)  # one takes a megabyte
def presence_of_rows(view: View, relation: str, paths: Paths) -> Redacted:
    """Sum up the members' open rows of a relation: one tuple per member. Binds `members`.

    Per path `has <path>`: an open cell holds a value. Per access class `why <class>`: what opens
    its cells, and whose they are (opened_sql), `shut <class>`: an open row withholds its cell, and
    `could <class>`: a cell could be open for this member, the row's own facts left free.
    """
    standing, classes = tables.STANDING, view.classes(paths)
    rows = _rows(view, relation, paths).cte("judged").prefix_with("MATERIALIZED")
    opened_by = {path: rows.c[f"why {path}"] for path in classes}
    summed: list[Label[Any]] = [
        openings_of(opened_by[path], rows.c).label(f"why {path}") for path in classes
    ]
    summed += [_some(opened_by[path].is_(None)).label(f"shut {path}") for path in classes]
    for path in paths:
        why = opened_by[view.grants.access_class(path)]
        summed.append(_some(and_(why.is_not(None), rows.c[path])).label(f"has {path}"))
    met = select(rows.c.member_key, *summed).group_by(rows.c.member_key).subquery()
    columns: dict[str, ColumnElement[Any]] = {"member_key": standing.c.member_key}
    columns |= {f"could {path}": could for path, could in _could(view, classes)}
    columns |= {each.name: met.c[each.name] for each in summed}
    statement = (
        select(*(column.label(f"c{number}") for number, column in enumerate(columns.values())))
        .join_from(standing, met, met.c.member_key == standing.c.member_key, isouter=True)
        .where(among_bound(standing.c.member_key, MEMBERS))
    )
    return Redacted(marked(statement), layout_of(list(columns.items())))


def _rows(view: View, relation: str, paths: Paths) -> Any:
    """Judge each open row once, and say of each field whether there is something in it."""
    table, standing = RELATIONS[relation], tables.STANDING
    return (
        select(*(table.c[name] for name in ("member_key", "acquired_by", "source", "channel")))
        .add_columns(
            *(cell_opened_by(view, path).label(f"why {path}") for path in view.classes(paths))
        )
        .add_columns(*(tables.column_of(path).is_not(None).label(path) for path in paths))
        .join_from(table, standing, standing.c.member_key == table.c.member_key)
        .where(among_bound(table.c.member_key, MEMBERS), row_open(view, relation))
    )


def _could(view: View, classes: Iterable[str]) -> Iterator[tuple[str, ColumnElement[bool]]]:
    for path in classes:
        ways = (way.tests for way in view.grant(path).freed().alternatives)
        yield path, some_hold(ways, view.place(ACCOUNT))


def _some(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((holds, literal(1)), else_=literal(0)))
