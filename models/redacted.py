"""The redacted relation: members and their rows as one caller may see them, redacted in SQL.

Its statements are made here and in the few modules that mark what they make (`models/judged.py`);
nobody else reads tables that hold personal columns. A personal column leaves the database only as
CASE WHEN <grant of its access class> THEN column END, and every other clause is built on grants
too, so a withheld value, row or member never enters the process.
"""

from dataclasses import replace

from sqlalchemy import (
    bindparam,
    exists,
)

from models import tables
from models.among import among_bound
from models.condition_sql import NOW, Bool
from models.constants import word
from models.criteria import Listing
from models.filter_sql import normal
from models.judged import Statement
from models.lead_sql import lead_of
from models.members_sql import Counts, Lists, Members, RedactedMembers
from models.once import once
from models.order_sql import Ordered, limit_of
from models.page_sql import chosen, first, goes_by_key, keys_of_page, total_of, within
from models.rows_below import MEMBERS
from models.types import TEXT
from models.view import (
    Paths,
    View,
    visible,
)

ACCOUNT_ID = bindparam("account_id", type_=TEXT)
MEMBER = bindparam("member", type_=TEXT)


def member_by_key(
    view: View, paths: Paths, below: Counts = (), used: Paths = (), lists: Lists = ()
) -> RedactedMembers:
    """Select one visible member by key. Binds `member`."""
    return _one_member(view, paths, below, used, lists, tables.ACCOUNT.c.member_key == MEMBER)


def members_by_keys(
    view: View, paths: Paths, below: Counts = (), used: Paths = (), lists: Lists = ()
) -> RedactedMembers:
    """Select the visible ones of some members, by key. Binds `members`."""
    some = among_bound(tables.ACCOUNT.c.member_key, MEMBERS)
    members = Members(view, paths, below, used, lists, Listing())
    return members.redacted(members.judged(members.seen(some), visible))


def member_by_account(  # noqa: PLR0913, PLR0917 (what a member can be asked for)
    view: View,
    company: str,
    paths: Paths,
    below: Counts = (),
    used: Paths = (),
    lists: Lists = (),
) -> RedactedMembers:
    """Select the visible member behind a company's own account id. Binds `account_id`.

    A link without one is found by none: the index of those that have one serves what is asked.
    """
    link = tables.LINK
    linked = exists().where(
        link.c.member_key == tables.ACCOUNT.c.member_key,
        link.c.company == word(company),
        link.c.account_id == ACCOUNT_ID,
        link.c.account_id != word(""),
        link.c.linked_at <= NOW,
    )
    return _one_member(view, paths, below, used, lists, linked)


def page_of_members(  # noqa: PLR0913, PLR0917 (what a page of members can be asked for)
    view: View,
    paths: Paths,
    below: Counts,
    listing: Listing,
    used: Paths = (),
    counted: bool = False,  # noqa: FBT001, FBT002 (cached by position)
    lists: Lists = (),
) -> RedactedMembers:
    """Select a page of the visible members that pass the filter.

    Binds `limit`, the operands, and the position (criteria.Listing). With `counted` each tuple
    carries `total`; an empty page is then one tuple of nothing else.
    """
    where = normal(listing.where)
    members = Members(view, paths, below, used, lists, listing)
    lead = lead_of(view)
    led = tables.ACCOUNT if lead is None else lead.only_by_key
    if led is None or not goes_by_key(listing):
        keys = tables.ACCOUNT.c.member_key.in_(keys_of_page(view, listing))
        judged = members.judged(members.seen(keys))
    else:
        ordered = Ordered(listing, (), led.c.member_key)
        seen = members.seen(within(listing, led), led=led, order=tuple(ordered.order()))
        judged = first(members.judged(seen, lambda eyes: chosen(eyes, where)), limit_of(listing))
    return members.redacted(judged, total_of(view, where) if counted else None)


@once(8)  # one takes a megabyte
def known_member(view: View, paths: Paths = ()) -> RedactedMembers:
    """The same as `member_by_key`, made once for a view: whoever acts is asked about first."""
    return member_by_key(view, paths)


def _one_member(  # noqa: PLR0913, PLR0917 (what a member can be asked for)
    view: View, paths: Paths, below: Counts, used: Paths, lists: Lists, which: Bool
) -> RedactedMembers:
    members = Members(view, paths, below, used, lists, Listing())
    found = members.redacted(members.judged(members.seen(which), visible))
    if view.office is not None or not members.shown:
        return found

    def brief() -> Statement:
        shown = members.judged(members.seen(which), members.some_value_open)
        return members.redacted(shown).alone

    return replace(found, brief=brief)
