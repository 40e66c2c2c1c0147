"""The members on a page, and how many there are: who is visible and passes, in order, by index."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    select,
    true,
    union,
    union_all,
)

from models import tables
from models.condition_sql import Bool
from models.constants import number
from models.criteria import Every, Filter, Listing, leaves
from models.filter_sql import matches, needs_an_opening, normal
from models.lead_sql import lead_of
from models.order_sql import Ordered, limit_of, segments
from models.view import View, cell_open, visible

MEMBERS_AT_MOST = 100
"""On a page; one more tells whether there are more."""


def keys_of_page(view: View, listing: Listing) -> Select[str]:
    """Give the keys of a page: of the few that an index leads to, or else segment by segment.

    Each segment is read only as far as the page needs.
    """
    lead, read, limit = lead_of(view), list[CTE](), limit_of(listing)
    if lead is not None and lead.by_key and goes_by_key(listing):
        return _keys_led_to(view, listing, lead.by_key)
    left = limit
    if lead is not None:
        led = tables.ACCOUNT.c.member_key.in_(lead.keys)
        page = _page(view, listing, normal(listing.where), led)
        read.append(first(page, lead.if_few(limit)).cte("few"))
        left = lead.if_many(limit)
    for segment, told in segments(listing):
        where = normal(Every((listing.where, told)))
        page = _page(view, listing, where, true(), segment)
        read.append(first(page, left).cte(f"segment_{segment}"))
        left = left - select(func.count()).select_from(read[-1]).scalar_subquery()
    keys = union_all(*(select(each.c.member_key) for each in read)).subquery()
    return first(select(keys.c.member_key), limit)


def goes_by_key(listing: Listing) -> bool:
    """Whether no order, and no value that is searched for, has an index of its own to read."""
    return not listing.order and not any(leaves(listing.where))


def first(entries: Select[Any], limit: ColumnElement[int]) -> Select[Any]:
    """Give the first entries, as they are in order.

    A planner does not know the number that is bound, and is told how many it can be.
    """
    some = entries.limit(number(MEMBERS_AT_MOST + 1)).subquery()
    return select(*some.c).limit(limit)


def within(listing: Listing, led: FromClause) -> Bool:
    """Whether a member lies within the listing's positions, who is led to by key.

    It is said of each table: PostgreSQL does not see that it holds of all where it holds of one.
    """
    each = dict.fromkeys((led, tables.ACCOUNT, tables.STANDING))
    return and_(*(Ordered(listing, (), table.c.member_key).within() for table in each))


def _keys_led_to(view: View, listing: Listing, legs: Sequence[Subquery]) -> Select[str]:
    """Read each leg by key, only as far as the page would need if it were the only one."""
    account, standing, read = tables.ACCOUNT, tables.STANDING, list[CTE]()
    for led in legs:
        ordered = Ordered(listing, (), led.c.member_key)
        page = (
            select(led.c.member_key)
            .join_from(led, standing, standing.c.member_key == led.c.member_key)
            .join(account, account.c.member_key == led.c.member_key)
            .where(chosen(view, normal(listing.where)), within(listing, led))
            .order_by(*ordered.order())
        )
        read.append(first(page, limit_of(listing)).cte(f"by_{led.name}"))
    keys = union(*(select(each.c.member_key) for each in read)).subquery()
    in_order = Ordered(listing, (), keys.c.member_key).order()
    return first(select(keys.c.member_key).order_by(*in_order), limit_of(listing))


def _page(
    view: View, listing: Listing, where: Filter, among: Bool, segment: int | None = None
) -> Select[str]:
    """Give the keys in order, of a segment or of all, behind and before the listing's positions."""
    account, standing = tables.ACCOUNT, tables.STANDING
    values = [
        tables.column_of(sort.path)
        if position == segment
        else case((cell_open(view, sort.path), tables.column_of(sort.path)))
        for position, sort in enumerate(listing.order)
    ]
    found = (
        select(account.c.member_key)
        .add_columns(*(each.label(f"by {position}") for position, each in enumerate(values)))
        .join_from(account, standing, standing.c.member_key == account.c.member_key)
        .where(among, chosen(view, where))
        .subquery()
    )
    by = [found.c[f"by {position}"] for position in range(len(values))]
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
