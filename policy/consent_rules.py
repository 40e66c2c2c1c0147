"""The rules of acts about a consent item (domain.md 3.1, 3.7-3 to 5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from policy.catalogue import Catalogue
from policy.coverage import coverage
from policy.documents import Document, Provision
from policy.events import EventKind
from policy.objections import Objection
from policy.proposal import Proposal, rule
from policy.provisions import reaches_needed
from policy.standing import STANDING_STATES, has_account
from policy.vocabulary import (
    HOME_COUNTRY,
    ConsentMode,
    ConsentState,
    DocumentMode,
    DocumentScope,
    Reach,
)

GIVEN = STANDING_STATES | {ConsentState.SUSPENDED}
"""What has been given and not been taken back, refused or declared void since."""


@rule(Objection.UNKNOWN_ITEM)
def item_known(proposal: Proposal) -> Objection | None:
    known = proposal.event.item in proposal.catalogue.items
    return None if known else Objection.UNKNOWN_ITEM


@rule(Objection.NOT_ASKED)
def asked(proposal: Proposal) -> Objection | None:
    notice_only = proposal.document.consent is ConsentMode.NOTICE
    return Objection.NOT_ASKED if notice_only else None


@rule(Objection.NOT_IN_FORCE)
def in_force(proposal: Proposal) -> Objection | None:
    version = proposal.document.version_at(proposal.at)
    named = version is not None and version.key == proposal.event.version
    return None if named else Objection.NOT_IN_FORCE


def _counts(proposal: Proposal) -> Objection | None:
    """As the fold has it; a presentation that an answer has used up is an outdated one."""
    event = proposal.event
    found = proposal.item.against(event, account_open=has_account(proposal.past))
    if found is Objection.NOT_PRESENTED and any(
        (each.kind, each.item, each.version) == (EventKind.PRESENTED, event.item, event.version)
        for each in proposal.past
    ):
        return Objection.PRESENTATION_OUTDATED
    return found


_COUNTING = (
    Objection.NOT_PRESENTED,
    Objection.PRESENTATION_OUTDATED,
    Objection.SESSION_TOO_WEAK,
    Objection.NO_ACCOUNT,
)
counts = rule(*_COUNTING)(_counts)
counts_as_deemed = rule(*_COUNTING, Objection.NOT_DEEMABLE)(_counts)


@rule(Objection.PRESENTATION_OUTDATED)
def as_presented(proposal: Proposal) -> Objection | None:
    """What is answered is what was presented last, and what would be presented now."""
    event, shown = proposal.event, proposal.last_shown(proposal.event.item)
    if shown is None or shown.version != event.version:
        return Objection.PRESENTATION_OUTDATED
    hashed = event.evidence is not None and event.evidence.content_hash is not None
    same = not hashed or proposal.still_shown(shown) is not None
    return None if same else Objection.PRESENTATION_OUTDATED


@rule(Objection.NOT_DEEMABLE)
def used_first(proposal: Proposal) -> Objection | None:
    """Deemed by the use of a service that this very act records, under a document it binds (S6).

    What stands deemed under this version is not deemed anew: the first use was an earlier one.
    """
    evidence = proposal.event.evidence
    service = proposal.catalogue.services.get((evidence and evidence.service) or "")
    if service is None:
        return Objection.NOT_DEEMABLE
    used = any(
        (each.kind, each.company, each.at) == (EventKind.USED, service.owner, proposal.at)
        for each in proposal.past
    )
    bound = proposal.document in bound_by_use(proposal.catalogue, service.key, proposal.at)
    return None if used and bound and not _stands(proposal) else Objection.NOT_DEEMABLE


def _stands(proposal: Proposal) -> bool:
    """Whether a consent to this version stands already."""
    standing = proposal.item.standing
    return (
        standing.state in STANDING_STATES
        and standing.version == proposal.event.version
        and proposal.at < standing.valid_until
    )


def bound_by_use(catalogue: Catalogue, service: str, at: datetime) -> Sequence[Document]:
    """Give the documents that the first use of a service deems consented to (S4, S6, S13).

    Its own, and the group's where its owner has adopted it; the group's not where its own takes
    the place of that.
    """
    used = catalogue.services[service]
    deemed = [d for d in catalogue.documents.values() if d.consent is ConsentMode.DEEMED]
    own = [document for document in deemed if document.service == service]
    if any(document.mode is DocumentMode.REPLACE for document in own):
        return own
    adopted = [
        document
        for document in deemed
        if document.scope is DocumentScope.GROUP
        and catalogue.companies[used.owner].adopted(document.key, at)
    ]
    return [*own, *adopted]


@rule(Objection.GUARDIAN_REQUIRED)
def of_age(proposal: Proposal) -> Objection | None:
    """Somebody who lacks a guardian for every row of the item gives nothing (domain.md 3.7-5).

    Nor is what a guardian gave narrowed by giving it again without one.
    """
    event, standing = proposal.event, proposal.item.standing
    needed = [
        reaches_needed(row, abroad=_abroad(proposal, row))
        for row in proposal.catalogue.provisions_of(proposal.document.key, event.version or "")
        if event.item in row.items
    ]
    narrower = _stands(proposal) and _reach(event.reaches) < _reach(standing.reaches)
    lacking = bool(needed) and all(event.reaches.isdisjoint(enough) for enough in needed)
    return Objection.GUARDIAN_REQUIRED if narrower or lacking else None


def _abroad(proposal: Proposal, row: Provision) -> bool:
    """Whether everybody who receives under the row is outside Japan."""
    start, _ = proposal.catalogue.epoch(proposal.at)
    covered = coverage(proposal.catalogue, row.document, row.version, row.key, start)
    receiving = [key for offer in covered.offers for key in offer.recipients]
    countries = {proposal.catalogue.companies[key].country for key in receiving}
    return bool(countries) and HOME_COUNTRY not in countries


_RISING = (Reach.USE_ONLY, Reach.HOME, Reach.WIDE)


def _reach(reaches: Iterable[Reach]) -> int:
    return max((_RISING.index(reach) for reach in reaches), default=-1)


@rule(Objection.TERM_OVER)
def term_ahead(proposal: Proposal) -> Objection | None:
    return None if proposal.at < proposal.event.valid_until else Objection.TERM_OVER


@rule(Objection.NOTHING_TO_WITHDRAW)
def withdrawable(proposal: Proposal) -> Objection | None:
    given = proposal.item.standing.state in GIVEN
    return None if given else Objection.NOTHING_TO_WITHDRAW


@rule(Objection.NOTHING_TO_SUSPEND)
def suspendable(proposal: Proposal) -> Objection | None:
    stands = proposal.item.standing.state in STANDING_STATES
    return None if stands else Objection.NOTHING_TO_SUSPEND


@rule(Objection.NOT_SUSPENDED)
def suspended(proposal: Proposal) -> Objection | None:
    held = proposal.item.standing.state is ConsentState.SUSPENDED
    return None if held else Objection.NOT_SUSPENDED


@rule(Objection.NOTHING_TO_INVALIDATE)
def voidable(proposal: Proposal) -> Objection | None:
    given = proposal.item.standing.state in GIVEN
    return None if given else Objection.NOTHING_TO_INVALIDATE
