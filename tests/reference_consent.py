"""How a consent item stands for the reference rule: the fold of domain.md 3.7-3 over raw events."""

from policy.documents import Document
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ItemStanding
from policy.vocabulary import AgeGroup, ConsentLevel, ConsentMode, ConsentState, Reach
from tests.reference_case import Case

ENDINGS = {EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.SUSPENDED, EventKind.INVALIDATED}
OPEN_STATES = {ConsentState.NONE, ConsentState.PRESENTED, ConsentState.DEFERRED}


def consent_of(case: Case, item: str) -> ItemStanding:
    """3.7-3: fold the item's events in order."""
    now = before_suspension = ItemStanding()
    for n, event in enumerate(case.past):
        if event.item != item:
            continue
        suspended = now.state is ConsentState.SUSPENDED
        match event.kind:
            case EventKind.PRESENTED | EventKind.DEFERRED if now.state in OPEN_STATES:
                now = ItemStanding(ConsentState(event.kind))
            case EventKind.REFUSED | EventKind.WITHDRAWN | EventKind.INVALIDATED:
                now = ItemStanding(ConsentState(event.kind))
            case EventKind.SUSPENDED if not suspended:
                now, before_suspension = ItemStanding(ConsentState.SUSPENDED), now
            case EventKind.REINSTATED if suspended:
                now = before_suspension
            case EventKind.DEEMED if may_deem(case, n, now):
                now = given(case, event)
            case EventKind.GRANTED if may_grant(case, n):
                now = given(case, event)
            case _:
                pass
    return now


def may_deem(case: Case, n: int, now: ItemStanding) -> bool:
    """Only where the document is deemed, never over a standing grant or a suspension."""
    event = case.past[n]
    granted = now.state is ConsentState.GRANTED and event.at < now.valid_until
    suspended = now.state is ConsentState.SUSPENDED
    deemed = document_of(case, event).consent is ConsentMode.DEEMED
    return deemed and not granted and not suspended and shown(case, n) and in_session(case, n)


def may_grant(case: Case, n: int) -> bool:
    """A notice asks for no choice, so nothing can be granted under it."""
    notice = document_of(case, case.past[n]).consent is ConsentMode.NOTICE
    return not notice and shown(case, n) and in_session(case, n)


def document_of(case: Case, event: Event) -> Document:
    assert event.item is not None
    return case.catalogue.documents[case.catalogue.items[event.item].document]


def shown(case: Case, n: int) -> bool:
    """A presentation of the same version precedes, later than the last ending of the item."""
    act = case.past[n]
    return any(
        shown.kind is EventKind.PRESENTED
        and (shown.item, shown.version) == (act.item, act.version)
        and not any(e.item == act.item and e.kind in ENDINGS for e in case.past[k + 1 : n])
        for k, shown in enumerate(case.past[:n])
    )


def in_session(case: Case, n: int) -> bool:
    """S47, S50: of such a document only with acr RAKUTEN_ID and an account."""
    act = case.past[n]
    if not document_of(case, act).requires_account_session:
        return True
    before = {event.kind for event in case.past[:n]}
    account = EventKind.ACCOUNT_OPENED in before and EventKind.ACCOUNT_CLOSED not in before
    return act.acr == RAKUTEN_ID and account


def given(case: Case, act: Event) -> ItemStanding:
    """Level: deem DEEMED, grant EXPLICIT, grant of a sensitive item EXPLICIT_SENSITIVE."""
    assert act.item is not None
    if act.kind is EventKind.DEEMED:
        level = ConsentLevel.DEEMED
    elif case.catalogue.items[act.item].sensitive:
        level = ConsentLevel.EXPLICIT_SENSITIVE
    else:
        level = ConsentLevel.EXPLICIT
    return ItemStanding(
        state=ConsentState(act.kind),
        version=act.version,
        level=level,
        reaches=reaches_of(act),
        consented_at=act.at,
        valid_until=act.valid_until,
    )


def reaches_of(act: Event) -> frozenset[Reach]:
    """3.7-5: the guardian belongs to the consent event; coming of age does not heal it."""
    if act.guardian or act.age is AgeGroup.ADULT:
        return frozenset({Reach.HOME, Reach.WIDE})
    if act.age is AgeGroup.YOUTH:
        return frozenset({Reach.HOME})
    return frozenset({Reach.USE_ONLY}) if act.age is AgeGroup.UNKNOWN else frozenset()
