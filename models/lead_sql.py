"""Leads: indexes that lead to the few members who may be open, instead of past all the others.

A lead is a superset of the members that a view opens something of. It decides nothing: whoever it
leads to is judged like anybody else, and where it leads to many, it is not followed.
"""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    exists,
    func,
    select,
    union,
    union_all,
)

from models import tables
from models.condition_sql import SUBJECT, Bool
from models.constants import date, number, word
from models.once import once
from models.view import ACCOUNT, CHILDREN, View
from policy.conditions import Test
from policy.grant import Alternative
from policy.member_tests import (
    Deleted,
    IncidentOpen,
    Linked,
    MailWanted,
    OverseasConsented,
    Self,
    Stands,
    Used,
)
from policy.row_tests import Ordered
from policy.vocabulary import FOREVER

FEW = 1_000
"""So many members are judged one by one; of more, a page is soon found among all."""

Keys = Select[str]


@once(512)
def lead_of(view: View) -> "Lead | None":
    """Give the lead of a view; None where some way into it is open to anybody without a trace."""
    if view.office is not None:
        return None
    legs: dict[str, Keys] = {}
    for relation in (ACCOUNT, *CHILDREN):
        for way in view.ways(relation):
            leg = _leg(view, way)
            if leg is None:
                return None
            legs.setdefault(str(leg), leg)
    return Lead(tuple(legs.values())) if legs else None


class Lead:
    """Members, by one index or several."""

    def __init__(self, legs: Sequence[Keys]) -> None:
        self._legs = legs
        self.keys = union(*legs) if len(legs) > 1 else legs[0]
        every = union_all(*legs) if len(legs) > 1 else legs[0]
        counted = select(func.count().label("found")).select_from(every.limit(FEW).subquery())
        led = counted.cte("led").prefix_with("MATERIALIZED")
        self.leads_to_few: Bool = select(led.c.found).scalar_subquery() < number(FEW)

    @property
    def by_key(self) -> Sequence[Subquery]:
        """Give each leg as a table, if each can be read by key, as far as wanted; else nothing."""
        if any(leg.selected_columns[0].table is tables.STANDING for leg in self._legs):
            return ()  # whose index leads to members by the date on which they left
        return [_once(leg).subquery(f"led_{place}") for place, leg in enumerate(self._legs)]

    @property
    def only_by_key(self) -> Subquery | None:
        """Give that table if it is the only one."""
        return self.by_key[0] if len(self.by_key) == 1 else None

    def if_few(self, limit: ColumnElement[int]) -> ColumnElement[int]:
        """Give the limit of what is read by this lead, 0 if it leads to many.

        A limit of 0 is seen before anything is read, which a condition is not.
        """
        return case((self.leads_to_few, limit), else_=number(0))

    def if_many(self, limit: ColumnElement[int]) -> ColumnElement[int]:
        """Give the limit of what is read otherwise."""
        return case((self.leads_to_few, number(0)), else_=limit)


def _once(leg: Keys) -> Keys:
    """Let a leg lead to each member once: a merchant's leads to them by each of their orders."""
    orders = tables.ORDERS
    if leg.selected_columns[0].table is not orders:
        return leg
    earlier = orders.alias("earlier")
    of_both = (earlier.c[name] == orders.c[name] for name in ("merchant", "member_key"))
    row = select(number(1)).where(*of_both, earlier.c.row_key < orders.c.row_key)
    return leg.where(~exists(row.limit(number(1)).offset(number(0)).correlate(orders)))


def _leg(view: View, way: Alternative) -> Keys | None:
    """Give the narrowest index that leads to whoever this way may open."""
    found = [leg for leg in map(leg_of, sorted(way.tests, key=_width)) if leg is not None]
    if found:
        return found[0]
    items = frozenset(test.item for test in way.tests if isinstance(test, Stands))
    needed = view.grants.needed_together.get(items)
    if needed is None:
        return None
    opening = tables.OPENING.c
    return select(opening.member_key).where(opening.provision == number(needed))


_NARROW_FIRST = (Self, Ordered, IncidentOpen, Deleted, OverseasConsented, Used, Linked, MailWanted)


def _width(test: Test) -> int:
    kind = type(test)
    return _NARROW_FIRST.index(kind) if kind in _NARROW_FIRST else len(_NARROW_FIRST)


def leg_of(test: Test) -> Keys | None:
    """Give the members that one test may hold for, if an index leads to them."""
    match test:
        case Self():
            return select(SUBJECT.label("member_key"))
        case Ordered(merchant):
            orders = tables.ORDERS.c
            return select(orders.member_key).where(orders.merchant == word(merchant))
        case IncidentOpen(company):
            incident = tables.INCIDENT.c
            return select(incident.member_key).where(incident.company == word(company))
        case Deleted():
            standing = tables.STANDING.c
            ended = standing.closed_at < date(FOREVER)  # as its partial index says it
            return select(standing.member_key).where(ended)
        case OverseasConsented(country):
            overseas = tables.OVERSEAS.c
            return select(overseas.member_key).where(overseas.country == word(country))
        case Used(company) | Linked(company):
            link = tables.LINK.c
            return select(link.member_key).where(link.company == word(company))
        case MailWanted(sender):
            mail = tables.MAIL.c
            return select(mail.member_key).where(mail.sender == word(sender))
    return None
