"""What happens to a member, in words: an event per sentence of a case."""

from datetime import datetime

from policy.events import RAKUTEN_ID, Event, EventKind
from policy.vocabulary import FOREVER, AgeGroup
from tests.instants import PAST
from tests.real import CATALOGUE


def latest(item: str) -> str:
    """The last version of the item's document."""
    return CATALOGUE.documents[CATALOGUE.items[item].document].versions[-1].key


def shown(item: str, at: datetime = PAST, version: str | None = None) -> Event:
    return Event(EventKind.PRESENTED, at, item=item, version=version or latest(item))


def deemed(item: str, at: datetime = PAST, version: str | None = None) -> Event:
    version = version or latest(item)
    return Event(EventKind.DEEMED, at, item=item, version=version, age=AgeGroup.ADULT)


def granted(item: str, at: datetime = PAST, valid_until: datetime = FOREVER) -> Event:
    return Event(
        EventKind.GRANTED,
        at,
        item=item,
        version=latest(item),
        acr=RAKUTEN_ID,
        age=AgeGroup.ADULT,
        valid_until=valid_until,
    )


def decided(kind: EventKind, item: str, at: datetime) -> Event:
    """A refusal, a withdrawal, or what an officer does to a consent."""
    return Event(kind, at, item=item, version=latest(item))


def linked(company: str, at: datetime = PAST) -> Event:
    return Event(EventKind.LINKED, at, company=company)


def used(company: str, at: datetime) -> Event:
    return Event(EventKind.USED, at, company=company)


def unlinked(company: str, at: datetime) -> Event:
    return Event(EventKind.UNLINKED, at, company=company)


def notified(purpose: str, at: datetime) -> Event:
    return Event(EventKind.NOTIFIED, at, purpose=purpose)


def mail(sender: str, at: datetime, *, wanted: bool) -> Event:
    return Event(EventKind.MAIL_PREFERENCE, at, company=sender, wanted=wanted)


def ads(at: datetime, *, wanted: bool) -> Event:
    return Event(EventKind.ADS_PREFERENCE, at, wanted=wanted)


def stop(kind: EventKind, company: str, at: datetime, *categories: str) -> Event:
    return Event(kind, at, company=company, categories=categories)


def overseas(kind: EventKind, at: datetime) -> Event:
    return Event(kind, at, country="SG", guardian=True)


def incident(kind: EventKind, at: datetime) -> Event:
    return Event(kind, at, company="bank")


def closed(at: datetime) -> Event:
    return Event(EventKind.ACCOUNT_CLOSED, at)


NEWCOMER = (Event(EventKind.ACCOUNT_OPENED, PAST), shown("A"))
"""Has an account, was shown the group's policy, and has not used a service yet."""
MEMBER = (*NEWCOMER, deemed("A"))
ASKED = (*MEMBER, *(shown(f"B.{item}") for item in ("use", "ins_group", "group", "sensitive")))
"""The insurer's customer, shown its request for consent and not decided."""
LINKED = (*MEMBER, linked("card"))
TO_THE_GROUP = (*ASKED, granted("B.group"))
