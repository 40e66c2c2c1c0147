"""The SQL of each kind of test that policy/member_tests.py defines."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, true

from models import tables
from models.condition_sql import A_YEAR_AGO, NOW, SUBJECT, Bool, Place, any_bit, sql
from models.constants import among, date, word
from policy import member_tests as member
from policy.conditions import MemberTest
from policy.vocabulary import EVERY_CATEGORY, FOREVER, OpeningAct


@sql.register
def _(test: member.Known, place: Place) -> Bool:
    # INVARIANT: every redacted select joins the standing; who has none is not in it.
    return true()


@sql.register
def _(test: member.Self, place: Place) -> Bool:
    return place.member_key == SUBJECT


@sql.register
def _(test: member.Active, place: Place) -> Bool:
    # INVARIANT: not by the clock, which may be behind the one of the host that recorded a closing.
    # A range, not `=`, for which SQLite would read all who are active before any order or filter.
    return place.standing.c.closed_at >= date(FOREVER)


@sql.register
def _(test: member.Deleted, place: Place) -> Bool:
    return place.standing.c.closed_at < date(FOREVER)


@sql.register
def _(test: member.NotStopped, place: Place) -> Bool:
    stop = tables.STOP
    named = among(stop.c.category, {EVERY_CATEGORY, *test.categories})
    of_this = ~place.any_row(stop, among(stop.c.company, test.companies), named)
    of_anything = place.passed(NeverStopped())
    return of_this if of_anything is None else or_(of_anything, of_this)


@dataclass(frozen=True, slots=True)
class NeverStopped(MemberTest):
    """Whether a member never asked anybody to stop, which is so of most."""


@sql.register
def _(_test: NeverStopped, place: Place) -> Bool:
    return ~place.any_row(tables.STOP)


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
def _(test: member.Stands, place: Place) -> Bool:
    item = tables.ITEM_STANDING
    return place.any_row(item, item.c.item == word(test.item), item.c.valid_until > NOW)


@sql.register
def _(test: member.Reaches, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].reach_bits
    return any_bit(place, (bits[reach] for reach in test.reaches))


@sql.register
def _(test: member.Explicit, place: Place) -> Bool:
    return any_bit(place, (place.catalogue.items[test.item].explicit_bit,))


@sql.register
def _(test: member.ConsentedTo, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].version_bits
    return any_bit(place, (bits[version] for version in test.versions))


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
def _(test: member.IncidentOpen, place: Place) -> Bool:
    return place.any_row(tables.INCIDENT, tables.INCIDENT.c.company == word(test.company))


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
