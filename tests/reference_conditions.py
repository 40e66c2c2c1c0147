"""Stages 7 and 8 of domain.md 3.3 step 7 for the reference rule: conditions, and art. 28."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from policy.documents import Provision
from policy.events import Event, EventKind
from policy.vocabulary import HOME_COUNTRY, Code, OpeningAct, Reach, Requirement
from tests.reference_case import Case
from tests.reference_consent import consent_of, reaches_of

TWELVE_MONTHS = timedelta(days=365)


def condition(case: Case, provision: Provision) -> Code | None:
    """7. Linked, used, ordered, incident, deleted, lapsed, acquisition consent, own purpose."""
    for requirement, (met, code) in CONDITIONS.items():
        if requirement in provision.requires and not met(case):
            return code
    if provision.own_purpose and case.p.owner and not published_in_time(case, provision):
        return Code.CONSENT_OUTDATED
    return None


def unfollowed(case: Case, kind: EventKind) -> Iterator[Event]:
    """Links or uses at c' that no unlink followed."""
    for n, event in enumerate(case.past):
        if event.kind is kind and event.company == case.controller:
            later = case.past[n + 1 :]
            if not any(e.kind is EventKind.UNLINKED and e.company == event.company for e in later):
                yield event


def links(case: Case) -> list[Event]:
    """A link standing at t (3.7-6); one that names the account of a link without is no new one."""
    found = list(unfollowed(case, EventKind.LINKED))
    return found[:1] + [
        event
        for before, event in pairwise(found)
        if before.account_id is not None or event.account_id is None
    ]


def uses(case: Case) -> list[Event]:
    """A use of the ID there at most 365 days old that no unlink followed (3.7-6, Q7)."""
    return [e for e in unfollowed(case, EventKind.USED) if case.t - e.at <= TWELVE_MONTHS]


def ordered(case: Case) -> bool:
    """The value's order is with that merchant, placed ≤ t (S30)."""
    placed = case.value.placed_at
    return case.value.merchant == case.controller and placed is not None and placed <= case.t


def incident(case: Case) -> bool:
    kinds = {EventKind.INCIDENT_OPENED, EventKind.INCIDENT_CLOSED}
    latest = case.last(kinds, lambda e: e.company == case.controller)
    return latest is not None and latest.kind is EventKind.INCIDENT_OPENED


def contract_ended(case: Case) -> bool:
    """That contract LAPSED or member DELETED; a contract nobody knows has not lapsed (S70)."""
    contract = case.value.contract
    if contract is None:
        return False
    return case.deleted or (contract.lapse_at is not None and contract.lapse_at <= case.t)


def acquired_with_consent(case: Case) -> bool:
    """Art. 20(2)."""
    at = case.value.acquisition_consent_at
    return at is not None and at <= case.t


CONDITIONS: dict[Requirement, tuple[Callable[[Case], bool], Code]] = {
    Requirement.LINKED: (lambda case: bool(links(case) or uses(case)), Code.NOT_LINKED),
    Requirement.USED: (lambda case: bool(uses(case)), Code.NOT_LINKED),
    Requirement.ORDERED: (ordered, Code.NO_TRANSACTION),
    Requirement.INCIDENT: (incident, Code.NO_INCIDENT),
    Requirement.MEMBER_DELETED: (lambda case: case.deleted, Code.NOT_YET_ENDED),
    Requirement.CONTRACT_ENDED: (contract_ended, Code.NOT_YET_ENDED),
    Requirement.ACQUISITION_CONSENT: (acquired_with_consent, Code.CONSENT_MISSING),
}


def published_in_time(case: Case, provision: Provision) -> bool:
    """Q13, 3.7-6: published before the opening act, or notified since."""
    published = case.p.registered_at
    notified = any(
        event.kind is EventKind.NOTIFIED and event.purpose == case.p.key and published <= event.at
        for event in case.past
    )
    return notified or any(published <= at for at in opening_acts(case, provision))


def opening_acts(case: Case, provision: Provision) -> list[datetime]:
    match provision.own_purpose:
        case OpeningAct.LINK:
            return [event.at for event in links(case) + uses(case)]
        case OpeningAct.USE:
            return [event.at for event in uses(case)]
        case OpeningAct.CONSENT:
            given = [consent_of(case, item).consented_at for item in provision.items[:1]]
            return [at for at in given if at is not None]
        case _:
            return [case.t]


def overseas(case: Case, provision: Provision) -> Code | None:
    """8. art28_ok(m, x) for every x ∈ {c, c'} ∖ {h} outside Japan."""
    ok = all(admitted(case, x) or consented(case, x) for x in foreign(case))
    return None if ok else Code.OVERSEAS_NOT_COVERED


def foreign(case: Case) -> set[str]:
    parties = {case.c, case.controller} - {case.h}
    return {x for x in parties if case.company(x).country != HOME_COUNTRY}


def admitted(case: Case, x: str) -> bool:
    """A designated country, or equivalent measures, reviewed in 12 months and not suspended."""
    country, measures = case.company(x).country, case.company(x).measures
    if not country or not measures:
        return country in case.catalogue.designated_countries
    reviewed = timedelta(0) <= case.t - measures.reviewed_at <= TWELVE_MONTHS
    runs = measures.suspended_at is None or case.t < measures.suspended_at
    return country in case.catalogue.designated_countries or (reviewed and runs)


def consented(case: Case, x: str) -> bool:
    """Explicit overseas consent naming that country (Q16), not withdrawn. Unknown: never."""
    country = case.company(x).country
    return bool(country) and any(
        event.kind is EventKind.OVERSEAS_CONSENTED
        and event.country == country
        and Reach.WIDE in reaches_of(event)
        and not any(
            later.kind is EventKind.OVERSEAS_WITHDRAWN and later.country == country
            for later in case.past[n + 1 :]
        )
        for n, event in enumerate(case.past)
    )
