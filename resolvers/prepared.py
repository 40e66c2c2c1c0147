"""A plan made ready for one view: its SQL, what its tuples tell, how its answer is made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from models.criteria import Below, RowsBelow
from models.members_sql import RedactedMembers
from models.reader import Read, read_of
from models.redacted import (
    member_by_account,
    member_by_key,
    members_by_keys,
    page_of_members,
)
from models.view import View
from resolvers.binding import Bound
from resolvers.context import Context
from resolvers.emitter import Emit, emitter_of
from resolvers.kept import Kept
from resolvers.making import Companies
from resolvers.recording import Recording
from resolvers.wanted import Wanted

Select = Callable[[View, Wanted, Bound], RedactedMembers]
"""Which members are read: the statement about them."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """All that a plan comes to for one view and one shape of its arguments."""

    wanted: Wanted
    read: Read
    recording: Recording
    emit: Emit
    page: bool
    companies: dict[Any, Companies] = field(default_factory=dict)


_prepared = Kept[Prepared](16 * 1024 * 1024, "statements")
"""By the bytes of their SQL, and of what comes with it."""
_EACH = 16 * 1024
"""Code, layouts, patterns that were met."""


async def prepared(bound: Bound, select: Select, context: Context) -> Prepared:
    """Give what is made ready; a view of another epoch is another view."""
    dialect = context.database.dialect
    # The shape of what is constant follows from the plan and the view.
    shape = None if bound.plan.constant else bound.shape
    key = bound.plan, bound.eyes.view, shape, select, dialect
    found = _prepared.get(key)
    if found is None:
        make = partial(_prepare, bound, select, dialect)
        found = await _prepared.made(key, context.effort, make, _weight)
    return found


def _weight(made: Prepared) -> int:
    return _EACH + sum(len(query.text) for query in made.read.queries)


def _prepare(bound: Bound, select: Select, dialect: str) -> Prepared:
    wanted, view = Wanted.by(bound), bound.eyes.view
    redacted, page = select(view, wanted, bound), select is page_selected
    read = read_of(redacted, dialect)
    of_lists = dict(zip((each.number for each in wanted.shown), read.lists, strict=True))
    asked = bound.lists[0] if page else None
    return Prepared(
        wanted,
        read,
        Recording.of(view, wanted, redacted.layout, of_lists, asked),
        emitter_of(bound, wanted, redacted.layout, of_lists, dialect),
        page,
    )


def by_key(view: View, wanted: Wanted, _bound: Bound) -> RedactedMembers:
    """Select one visible member. Binds `member`."""
    return member_by_key(view, wanted.paths, _below(wanted), (), _rows(wanted))


def by_keys(view: View, wanted: Wanted, _bound: Bound) -> RedactedMembers:
    """Select the visible ones of some members. Binds `members`."""
    return members_by_keys(view, wanted.paths, _below(wanted), (), _rows(wanted))


def by_account(view: View, wanted: Wanted, _bound: Bound) -> RedactedMembers:
    """Select the visible member behind the asking company's account id. Binds `account_id`."""
    company = view.asker.on_behalf_of or view.asker.company or ""
    return member_by_account(view, company, wanted.paths, _below(wanted), (), _rows(wanted))


def page_selected(view: View, wanted: Wanted, bound: Bound) -> RedactedMembers:
    """Select a page of the visible members, which is the first of the lists."""
    asked, root = bound.lists[0], bound.plan.root
    counted: Any = getattr(root, "counts", False)
    return page_of_members(
        view, wanted.paths, _below(wanted), asked.listing(), asked.used, counted, _rows(wanted)
    )


def _below(wanted: Wanted) -> tuple[Below, ...]:
    return tuple(each.below for each in wanted.lists)


def _rows(wanted: Wanted) -> tuple[RowsBelow, ...]:
    return tuple(each.rows for each in wanted.shown)
