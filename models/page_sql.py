"""The members on a page, and how many there are: who is visible and passes, in order, by index."""

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    select,
    true,
    union_all,
)

from models import tables
from models.condition_sql import Bool
from models.criteria import Every, Filter, Listing
from models.filter_sql import matches, needs_an_opening, normal
from models.lead_sql import lead_of
from models.order_sql import Ordered, limit_of, segments
from models.view import ACCOUNT, View, cell_open, visible


def keys_of_page(view: View, listing: Listing) -> Select[str]:
    """Give the keys of a page: of the few that an index leads to, or else segment by segment.

    Each segment is read only as far as the page needs.
    """
    lead, read, limit = lead_of(view), list[CTE](), limit_of(listing)
    left: ColumnElement[int] = limit
    if lead is not None:
        led = tables.ACCOUNT.c.member_key.in_(lead.keys)
        page = _page(view, listing, normal(listing.where), led)
        read.append(page.limit(lead.if_few(limit)).cte("few"))
        left = lead.if_many(limit)
    for segment, told in segments(listing):
        where = normal(Every((listing.where, told)))
        page = _page(view, listing, where, true(), segment)
        read.append(page.limit(left).cte(f"segment_{segment}"))
        left = left - select(func.count()).select_from(read[-1]).scalar_subquery()
    keys = union_all(*(select(each.c.member_key) for each in read)).subquery()
    return select(keys.c.member_key).limit(limit)  # which tells the planner that they are few


def _page(
    view: View, listing: Listing, where: Filter, among: Bool, segment: int | None = None
) -> Select[str]:
    """Give the keys in order, of a segment or of all, behind and before the listing's positions."""
    account, standing = tables.ACCOUNT, tables.STANDING
    values = [
        tables.column_of(ACCOUNT, sort.path)
        if number == segment
        else case((cell_open(view, sort.path), tables.column_of(ACCOUNT, sort.path)))
        for number, sort in enumerate(listing.order)
    ]
    found = (
        select(account.c.member_key)
        .add_columns(*(each.label(f"by {number}") for number, each in enumerate(values)))
        .join_from(account, standing, standing.c.member_key == account.c.member_key)
        .where(among, chosen(view, where))
        .subquery()
    )
    by = [found.c[f"by {number}"] for number in range(len(values))]
    ordered = Ordered(listing, by, found.c.member_key, segment or 0, given=segment is not None)
    within = ordered.within() if segment is None else ordered.positioned()
    return select(found.c.member_key).where(within).order_by(*ordered.order())


def chosen(view: View, where: Filter) -> Bool:
    """Whether a member is visible and passes a filter in normal form.

    Who has an open value or row is visible; where the filter needs one, it is not said again.
    """
    passes = matches(view, where)
    implied = view.office is None and needs_an_opening(where)
    return passes if implied else and_(visible(view), passes)


def total_of(view: View, where: Filter) -> ColumnElement[int]:
    """Count the visible members that pass a filter in normal form."""
    lead = lead_of(view)
    if lead is None:
        return _counted(view, where, true())
    led = _counted(view, where, tables.ACCOUNT.c.member_key.in_(lead.keys))
    return case((lead.leads_to_few, led), else_=_counted(view, where, true()))


def _counted(view: View, where: Filter, among: Bool) -> ScalarSelect[int]:
    account, standing = tables.ACCOUNT, tables.STANDING
    return (
        select(func.count())
        .join_from(account, standing, standing.c.member_key == account.c.member_key)
        .where(among, chosen(view, where))
        .scalar_subquery()
    )
