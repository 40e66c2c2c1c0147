"""The rules of acts about who acts, the account, companies and countries."""

from collections.abc import Iterable

from policy.events import RAKUTEN_ID, Event, EventKind
from policy.objections import Objection
from policy.proposal import Proposal, Rule, rule
from policy.standing import has_account
from policy.vocabulary import HOME_COUNTRY, AgeGroup, IdStatus, Reach

PERSON = frozenset({"member", "guardian"})
"""Who chooses: the member, or a guardian in their place; staff never (domain.md 3.1)."""
SERVICE = frozenset({"service"})
OFFICER = frozenset({"officer"})


@rule(Objection.UNKNOWN_COMPANY)
def company_known(proposal: Proposal) -> Objection | None:
    company = proposal.catalogue.companies.get(proposal.event.company or "")
    known = company is not None and proposal.at in company.listed
    return None if known else Objection.UNKNOWN_COMPANY


@rule(Objection.UNKNOWN_CATEGORY)
def categories_known(proposal: Proposal) -> Objection | None:
    known = proposal.catalogue.categories.keys() >= set(proposal.event.categories)
    return None if known else Objection.UNKNOWN_CATEGORY


@rule(Objection.UNKNOWN_PURPOSE, Objection.UNKNOWN_ITEM)
def told_of(proposal: Proposal) -> Objection | None:
    """A company's own purpose, or an item whose consent an editorial version carries over."""
    catalogue, event = proposal.catalogue, proposal.event
    if event.item is not None:
        return None if event.item in catalogue.items else Objection.UNKNOWN_ITEM
    purpose = catalogue.purposes.get(event.purpose or "")
    known = purpose is not None and purpose.registered_at <= proposal.at
    return None if known else Objection.UNKNOWN_PURPOSE


def acted_by(roles: frozenset[str]) -> Rule:
    """Only these act so. Where nothing says who acts, the edge has seen to it."""

    def check(proposal: Proposal) -> Objection | None:
        right = proposal.role is None or proposal.role in roles
        return None if right else Objection.WRONG_ACTOR

    return Rule(check, frozenset({Objection.WRONG_ACTOR}))


@rule(Objection.NOT_GUARDIAN)
def guardian_known(proposal: Proposal) -> Objection | None:
    """Who acts as guardian is registered as such, and the member has not come of age."""
    event, evidence = proposal.event, proposal.event.evidence
    if evidence is None or evidence.role != "guardian":
        return Objection.NOT_GUARDIAN if event.guardian else None
    guardian = evidence.actor.partition(":")[2]
    stands_in = is_guardian(guardian, proposal.past, event.age)
    return None if stands_in else Objection.NOT_GUARDIAN


def is_guardian(key: str, past: Iterable[Event], age: AgeGroup) -> bool:
    """Whether somebody is registered as guardian of a member who is not of age."""
    return age is not AgeGroup.ADULT and any(
        each.kind is EventKind.GUARDIAN_REGISTERED and each.guardian_key == key for each in past
    )


@rule(Objection.NOT_GUARDIAN, Objection.SESSION_TOO_WEAK)
def registers_oneself(proposal: Proposal) -> Objection | None:
    """Guardians register themselves, for who is not of age, signed in with the group's ID."""
    event = proposal.event
    named = bool(event.guardian_key) and event.age is not AgeGroup.ADULT
    oneself = event.evidence and event.evidence.actor == f"guardian:{event.guardian_key}"
    if not named or not oneself:
        return Objection.NOT_GUARDIAN
    return None if event.acr == RAKUTEN_ID else Objection.SESSION_TOO_WEAK


@rule(Objection.ACCOUNT_CLOSED)
def not_closed(proposal: Proposal) -> Objection | None:
    closed = any(event.kind is EventKind.ACCOUNT_CLOSED for event in proposal.past)
    return Objection.ACCOUNT_CLOSED if closed else None


@rule(Objection.ACCOUNT_OPEN)
def no_account_yet(proposal: Proposal) -> Objection | None:
    return Objection.ACCOUNT_OPEN if has_account(proposal.past) else None


@rule(Objection.NO_ACCOUNT)
def account_there(proposal: Proposal) -> Objection | None:
    return None if has_account(proposal.past) else Objection.NO_ACCOUNT


@rule(Objection.REASON_MISSING)
def reason_stated(proposal: Proposal) -> Objection | None:
    evidence = proposal.event.evidence
    stated = evidence is not None and (evidence.reference or "").strip()
    return None if stated else Objection.REASON_MISSING


@rule(Objection.NOT_LIVE)
def id_live(proposal: Proposal) -> Objection | None:
    """The company's services accept the group's ID; planned is not live (S49)."""
    company = proposal.catalogue.companies[proposal.event.company or ""]
    live = company.id_at(proposal.at) is IdStatus.LIVE
    return None if live else Objection.NOT_LIVE


@rule(Objection.ALREADY_LINKED)
def not_linked_yet(proposal: Proposal) -> Objection | None:
    """A link is not made younger by making it again (Q13): it is undone first.

    The company may say, once, with which account of its own it is linked.
    """
    event = proposal.event
    link = proposal.facts.links.get(event.company or "")
    if link is None or link.linked_at is None:
        return None
    names = proposal.role == "service" and event.account_id is not None and link.account_id is None
    return None if names else Objection.ALREADY_LINKED


@rule(Objection.NOT_LINKED)
def linked_or_used(proposal: Proposal) -> Objection | None:
    link = proposal.facts.links.get(proposal.event.company or "")
    there = link is not None and (link.linked_at or link.used_at) is not None
    return None if there else Objection.NOT_LINKED


@rule(Objection.NOT_PRESENTED, Objection.PRESENTATION_OUTDATED, Objection.UNKNOWN_COUNTRY)
def country_shown(proposal: Proposal) -> Objection | None:
    """The notice that was presented, last and since any withdrawal, names the country (art. 28)."""
    country, evidence = proposal.event.country, proposal.event.evidence
    if evidence is None or evidence.content_hash is None:
        return Objection.NOT_PRESENTED
    withdrawn = False
    for each in reversed(proposal.past):
        withdrawn |= (each.kind, each.country) == (EventKind.OVERSEAS_WITHDRAWN, country)
        if each.kind is EventKind.PRESENTED and each.evidence is not None:
            if each.evidence.content_hash != evidence.content_hash:
                continue
            seen = proposal.still_shown(each)
            if seen is None or withdrawn or proposal.last_shown(each.item) is not each:
                return Objection.PRESENTATION_OUTDATED
            named = country != HOME_COUNTRY and country in seen.countries
            return None if named else Objection.UNKNOWN_COUNTRY
    return Objection.NOT_PRESENTED


@rule(Objection.GUARDIAN_REQUIRED)
def of_age_for_abroad(proposal: Proposal) -> Objection | None:
    wide = Reach.WIDE in proposal.event.reaches
    return None if wide else Objection.GUARDIAN_REQUIRED


@rule(Objection.NOTHING_TO_WITHDRAW)
def country_consented(proposal: Proposal) -> Objection | None:
    consented = proposal.event.country in proposal.facts.overseas
    return None if consented else Objection.NOTHING_TO_WITHDRAW
