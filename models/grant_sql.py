"""The SQL of a grant: each kind of test as a boolean over rows that are never NULL.

INVARIANT: an expression made here is TRUE or FALSE. It reads NOT NULL columns, or a nullable one
inside COALESCE(..., FALSE), and asks by EXISTS for rows that may be absent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import get_args

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Table,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    null,
    or_,
    true,
)

from models import tables
from models.constants import among, date, number, word
from models.tables import fact_column
from models.types import TEXT, Instant
from models.ways import Way, least, most_shared
from policy import member_tests as member
from policy import row_tests as row
from policy.catalogue import Catalogue
from policy.conditions import Test
from policy.errors import StartUpError
from policy.grant import Alternative, Grant
from policy.vocabulary import YEAR, LinkState, OpeningAct, RowFact

NOW = bindparam("now", type_=Instant())
A_YEAR_AGO = bindparam("a_year_ago", type_=Instant())
SUBJECT = bindparam("subject", type_=TEXT)

Bool = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a grant is judged: a row of a relation beside its member's standing."""

    relation: str
    row: FromClause
    catalogue: Catalogue

    @property
    def standing(self) -> Table:
        return tables.STANDING

    @property
    def member_key(self) -> ColumnElement[str]:
        return self.standing.c.member_key

    def fact(self, fact: RowFact) -> ColumnElement[object]:
        """Give the row's column for a fact of its relation."""
        return self.row.c[fact_column(self.relation, fact).key]

    def any_row(self, table: Table, *wheres: Bool) -> Bool:
        """Whether the member has a row like that."""
        of_member = table.c.member_key == self.member_key
        return exists().where(of_member, *wheres).correlate(self.row, self.standing)


def opened(grant: Grant, place: Place) -> Bool:
    """Give TRUE exactly where the grant opens the row."""
    return some_hold((way.tests for way in grant.alternatives), place)


def opened_by(grant: Grant, place: Place) -> ColumnElement[int]:
    """Give the number of the provision that opens the row, most specific first, else NULL."""
    return first_of(grant.alternatives, place)


def first_of(ways: Iterable[Alternative], place: Place) -> ColumnElement[int]:
    """Give the number of the first of these ways that is open, else NULL."""
    first: dict[frozenset[Test], Alternative] = {}
    for way in ways:
        first.setdefault(frozenset(way.tests), way)
    cases = [(_all(way, place), number(way.number)) for way in first.values()]
    return case(*cases, else_=null()) if cases else cast(null(), BigInteger)


def some_hold(ways: Iterable[Iterable[Test]], place: Place) -> Bool:
    """Give TRUE exactly where all tests of some way hold, each test said as seldom as may be."""
    return _either(least(ways), place)


def _either(ways: Sequence[Way], place: Place) -> Bool:
    if len(ways) == 1:
        return and_(true(), *(sql(test, place) for test in ways[0]))
    shared = most_shared(ways)
    if shared is None:
        return or_(false(), *(_either([way], place) for way in ways))
    inside = [tuple(test for test in way if test != shared) for way in ways if shared in way]
    outside = [way for way in ways if shared not in way]
    with_it = and_(sql(shared, place), _either(inside, place))
    return or_(with_it, _either(outside, place)) if outside else with_it


def parameters(at: datetime, subject: str | None) -> dict[str, object]:
    """Give the values that every statement of a read binds."""
    return {"now": at, "a_year_ago": at - YEAR, "subject": subject or ""}


def kinds_of_test() -> list[type[Test]]:
    """Give every kind of test that policy defines."""
    found = (each for module in (member, row) for each in vars(module).values())
    kinds = (each for each in found if isinstance(each, type))
    return [kind for kind in kinds if issubclass(kind, Test) and kind not in get_args(Test)]


def check_translations() -> None:
    """Raise StartUpError if some kind of test has no SQL: a condition is never dropped."""
    missing = [kind.__name__ for kind in kinds_of_test() if sql.dispatch(kind) is _UNTRANSLATED]
    if missing:
        names = ", ".join(missing)
        raise StartUpError(f"no SQL for the tests {names}: write it in models/grant_sql.py")


def _all(way: Alternative, place: Place) -> Bool:
    return and_(true(), *(sql(test, place) for test in way.tests))


@singledispatch
def sql(test: object, place: Place) -> Bool:
    """Give the SQL of one test."""
    raise NotImplementedError(f"{type(test).__name__} at {place.relation}")


_UNTRANSLATED = sql.dispatch(object)


@sql.register
def _(test: member.Known, place: Place) -> Bool:
    # INVARIANT: every redacted select joins the standing; who has none is not in it.
    return true()


@sql.register
def _(test: member.Self, place: Place) -> Bool:
    return place.member_key == SUBJECT


@sql.register
def _(test: member.Active, place: Place) -> Bool:
    return place.standing.c.closed_at > NOW


@sql.register
def _(test: member.Deleted, place: Place) -> Bool:
    return place.standing.c.closed_at <= NOW


@sql.register
def _(test: row.ContractRuns, place: Place) -> Bool:
    contract_no = place.fact(RowFact.CONTRACT)
    return or_(contract_no == word(""), _contract(place, tables.CONTRACT.c.lapse_at > NOW))


@sql.register
def _(test: row.ContractEnded, place: Place) -> Bool:
    lapsed = _contract(place, tables.CONTRACT.c.lapse_at <= NOW)
    closed = place.standing.c.closed_at <= NOW
    return and_(place.fact(RowFact.CONTRACT) != word(""), or_(closed, lapsed))


def _contract(place: Place, lapse: Bool) -> Bool:
    contract, contract_no = tables.CONTRACT, place.fact(RowFact.CONTRACT)
    acquired = contract.c.company == place.row.c.acquired_by
    return place.any_row(contract, acquired, contract.c.no == contract_no, lapse)


@sql.register
def _(test: row.Retained, place: Place) -> Bool:
    return place.fact(RowFact.RETENTION) > NOW


@sql.register
def _(test: row.LoggedIn, place: Place) -> Bool:
    return place.fact(RowFact.LINK_STATE) == word(LinkState.LINKED)


@sql.register
def _(test: member.NotStopped, place: Place) -> Bool:
    stop = tables.STOP
    named = among(stop.c.category, {"*", *test.categories})
    return ~place.any_row(stop, among(stop.c.company, test.companies), named)


@sql.register
def _(test: member.MailWanted, place: Place) -> Bool:
    mail = tables.MAIL
    return place.any_row(mail, mail.c.sender == word(test.sender), mail.c.wanted)


@sql.register
def _(test: member.MailNotRefused, place: Place) -> Bool:
    mail = tables.MAIL
    return ~place.any_row(mail, mail.c.sender == word(test.sender), ~mail.c.wanted)


@sql.register
def _(test: member.AdsAllowed, place: Place) -> Bool:
    return ~place.standing.c.ads_opt_out


@sql.register
def _(test: row.AcquiredBy, place: Place) -> Bool:
    return among(place.row.c.acquired_by, test.companies)


@sql.register
def _(test: row.OfService, place: Place) -> Bool:
    service = func.coalesce(place.fact(RowFact.SERVICE), word(""))
    named = among(service, test.services)
    return named if test.others is None else or_(named, ~among(service, test.others))


@sql.register
def _(test: row.RowCompanyIs, place: Place) -> Bool:
    return func.coalesce(place.fact(RowFact.ROW_COMPANY) == word(test.company), false())


@sql.register
def _(test: row.Listed, place: Place) -> Bool:
    lists = place.catalogue.sensitive_lists
    kinds = {kind for key in test.lists for kind in lists[key].kinds}
    return func.coalesce(among(place.fact(RowFact.KIND), kinds), false())


@sql.register
def _(test: row.Screened, place: Place) -> Bool:
    return place.fact(RowFact.SCREENED) == true()


@sql.register
def _(test: member.Stands, place: Place) -> Bool:
    item = tables.ITEM_STANDING
    return place.any_row(item, item.c.item == word(test.item), item.c.valid_until > NOW)


@sql.register
def _(test: member.Reaches, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].reach_bits
    return _any_bit(place, (bits[reach] for reach in test.reaches))


@sql.register
def _(test: member.Explicit, place: Place) -> Bool:
    return _any_bit(place, (place.catalogue.items[test.item].explicit_bit,))


@sql.register
def _(test: member.ConsentedTo, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].version_bits
    return _any_bit(place, (bits[version] for version in test.versions))


@sql.register
def _(test: row.ConsentedToRow, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].version_bits
    scopes = (
        and_(_any_bit(place, (bits[version],)), *(sql(asked, place) for asked in tests))
        for version, tests in test.scopes
    )
    return or_(false(), *scopes)


def _any_bit(place: Place, numbers: Iterable[int]) -> Bool:
    mask = sum(1 << number for number in numbers)
    return place.standing.c.bits.bitwise_and(number(mask)) != number(0)


@sql.register
def _(test: member.Linked, place: Place) -> Bool:
    link = tables.LINK
    live = or_(link.c.linked_at <= NOW, link.c.used_at >= A_YEAR_AGO)
    return place.any_row(link, link.c.company == word(test.company), live)


@sql.register
def _(test: member.Used, place: Place) -> Bool:
    link = tables.LINK
    return place.any_row(link, link.c.company == word(test.company), link.c.used_at >= A_YEAR_AGO)


@sql.register
def _(test: row.Ordered, place: Place) -> Bool:
    placed = place.row.c[tables.column_of(place.relation, "at").key] <= NOW
    with_merchant = place.fact(RowFact.MERCHANT) == word(test.merchant)
    return func.coalesce(and_(with_merchant, placed), false())


@sql.register
def _(test: member.IncidentOpen, place: Place) -> Bool:
    return place.any_row(tables.INCIDENT, tables.INCIDENT.c.company == word(test.company))


@sql.register
def _(test: row.AcquisitionConsented, place: Place) -> Bool:
    return place.fact(RowFact.ACQUISITION_CONSENT) <= NOW


@sql.register
def _(test: member.Published, place: Place) -> Bool:
    notified, link, item = tables.NOTIFIED, tables.LINK, tables.ITEM_STANDING
    told = place.any_row(
        notified, notified.c.purpose == word(test.purpose), notified.c.at >= date(test.published_at)
    )
    if test.act is OpeningAct.CONSENT:
        consented = item.c.consented_at >= date(test.published_at)
        return or_(told, place.any_row(item, item.c.item == word(test.item or ""), consented))
    used = and_(link.c.used_at >= A_YEAR_AGO, link.c.used_at >= date(test.published_at))
    linked = and_(link.c.linked_at <= NOW, link.c.linked_at >= date(test.published_at))
    act = or_(used, linked) if test.act is OpeningAct.LINK else used
    return or_(told, place.any_row(link, link.c.company == word(test.company), act))


@sql.register
def _(test: member.OverseasConsented, place: Place) -> Bool:
    return place.any_row(tables.OVERSEAS, tables.OVERSEAS.c.country == word(test.country))
