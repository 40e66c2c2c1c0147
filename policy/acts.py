"""Whether an act may be done: the rules a proposed event meets, given the member's past."""

from collections.abc import Mapping, Sequence

from policy.act_rules import (
    OFFICER,
    PERSON,
    SERVICE,
    account_there,
    acted_by,
    categories_known,
    company_known,
    country_consented,
    country_shown,
    guardian_known,
    id_live,
    linked_or_used,
    no_account_yet,
    not_closed,
    not_linked_yet,
    of_age_for_abroad,
    reason_stated,
    registers_oneself,
    told_of,
)
from policy.catalogue import Catalogue
from policy.consent_rules import (
    as_presented,
    asked,
    bound_by_use,
    counts,
    counts_as_deemed,
    in_force,
    item_known,
    of_age,
    suspendable,
    suspended,
    term_ahead,
    used_first,
    voidable,
    withdrawable,
)
from policy.events import Event, EventKind
from policy.objections import OBJECTIONS, Objection
from policy.proposal import Proposal, Rule

__all__ = ["OBJECTIONS", "RULES", "Objection", "bound_by_use", "first_objection", "objection"]

_BY_PERSON = (acted_by(PERSON), guardian_known)
_BY_OFFICER = (item_known, acted_by(OFFICER), not_closed, reason_stated)
_ANSWER = (item_known, *_BY_PERSON, not_closed, asked)

RULES: Mapping[EventKind, tuple[Rule, ...]] = {
    EventKind.PRESENTED: (
        item_known,
        acted_by(PERSON | SERVICE),
        guardian_known,
        not_closed,
        in_force,
    ),
    EventKind.DEEMED: (
        item_known,
        acted_by(SERVICE),
        not_closed,
        asked,
        in_force,
        counts_as_deemed,
        as_presented,
        used_first,
        of_age,
        term_ahead,
    ),
    EventKind.GRANTED: (*_ANSWER, in_force, counts, as_presented, of_age, term_ahead),
    EventKind.REFUSED: _ANSWER,
    EventKind.DEFERRED: _ANSWER,
    EventKind.WITHDRAWN: (item_known, *_BY_PERSON, not_closed, withdrawable),
    EventKind.SUSPENDED: (*_BY_OFFICER, suspendable),
    EventKind.REINSTATED: (*_BY_OFFICER, suspended),
    EventKind.INVALIDATED: (*_BY_OFFICER, voidable),
    EventKind.ACCOUNT_OPENED: (not_closed, no_account_yet),
    EventKind.ACCOUNT_CLOSED: (*_BY_PERSON, not_closed, account_there),
    EventKind.LINKED: (
        company_known,
        acted_by(PERSON | SERVICE),
        guardian_known,
        not_closed,
        id_live,
        not_linked_yet,
    ),
    EventKind.UNLINKED: (company_known, *_BY_PERSON, not_closed, linked_or_used),
    EventKind.USED: (company_known, acted_by(SERVICE), not_closed, id_live),
    EventKind.NOTIFIED: (told_of, not_closed),
    EventKind.MAIL_PREFERENCE: (company_known, *_BY_PERSON, not_closed),
    EventKind.ADS_PREFERENCE: (*_BY_PERSON, not_closed),
    EventKind.STOP_REQUESTED: (company_known, categories_known, *_BY_PERSON),
    EventKind.STOP_LIFTED: (company_known, categories_known, *_BY_PERSON),
    EventKind.OVERSEAS_CONSENTED: (*_BY_PERSON, not_closed, country_shown, of_age_for_abroad),
    EventKind.OVERSEAS_WITHDRAWN: (*_BY_PERSON, not_closed, country_consented),
    EventKind.INCIDENT_OPENED: (company_known,),
    EventKind.INCIDENT_CLOSED: (company_known,),
    EventKind.GUARDIAN_REGISTERED: (not_closed, registers_oneself),
}
"""What an act of each kind must satisfy, in the order in which it is asked.

A closed account leaves two things to do: to ask for a stop, and what others register of it.
"""


def objection(catalogue: Catalogue, past: Sequence[Event], proposed: Event) -> Objection | None:
    """Give what stands against this event; None if it may happen.

    `past` is in order of recording, and the proposed event is recorded after all of it.
    """
    before = sorted(past, key=lambda event: event.at)
    proposal = Proposal(catalogue, before, proposed)
    found = (rule.check(proposal) for rule in RULES[proposed.kind])
    return next((each for each in found if each is not None), None)


def first_objection(
    catalogue: Catalogue, past: Sequence[Event], act: Sequence[Event]
) -> tuple[Objection, Event] | None:
    """Give what stands against an act of several events, each judged after those before it."""
    for number, proposed in enumerate(act):
        found = objection(catalogue, [*past, *act[:number]], proposed)
        if found is None and _crowded(catalogue, act, proposed):
            found = Objection.ITEM_APART
        if found is not None:
            return found, proposed
    return None


def _crowded(catalogue: Catalogue, act: Sequence[Event], proposed: Event) -> bool:
    """Whether a sensitive item is given together with another one (S72)."""
    granted = {event.item for event in act if event.kind is EventKind.GRANTED}
    item = catalogue.items.get(proposed.item or "")
    return proposed.item in granted and len(granted) > 1 and item is not None and item.sensitive
