"""Standing: the fold of a member's events into the facts that decisions read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from policy.catalogue import Catalogue
from policy.consent import ItemFold
from policy.documents import Item
from policy.events import Event, EventKind
from policy.facts import ItemStanding, Link, MemberFacts, Wish
from policy.vocabulary import EVERY_CATEGORY, FOREVER, ConsentLevel, ConsentState, Reach

STANDING_STATES = frozenset({ConsentState.DEEMED, ConsentState.GRANTED})


def fold(events: Sequence[Event], at: datetime, catalogue: Catalogue) -> MemberFacts:
    """Give the member's facts at `at`. Order: time, then recording (domain.md 3.7-3)."""
    past = sorted((event for event in events if event.at <= at), key=lambda event: event.at)
    return MemberFacts(
        known=bool(past),
        closed_at=next((e.at for e in past if e.kind is EventKind.ACCOUNT_CLOSED), FOREVER),
        ads_opt_out=_latest(past, EventKind.ADS_PREFERENCE, wanted=True) is False,
        items=_items(past, catalogue),
        links=_links(past),
        notified={e.purpose: e.at for e in past if e.kind is EventKind.NOTIFIED and e.purpose},
        mail={
            e.company: Wish(bool(e.wanted), e.at)
            for e in past
            if e.kind is EventKind.MAIL_PREFERENCE and e.company
        },
        stops=_stops(past),
        overseas=_overseas(past),
        incidents=_incidents(past),
    )


def standing_bits(items: Mapping[str, ItemStanding], catalogue: Catalogue) -> int:
    """Give the undated consent facts as bits, numbered per item in the catalogue.

    A version the catalogue does not hold has no bit: closed until it is folded in.
    """
    bits = 0
    for key, standing in items.items():
        item = catalogue.items.get(key)
        if item is None or standing.state not in STANDING_STATES:
            continue
        numbers = [item.version_bits.get(standing.version or "")]
        numbers += [item.reach_bits[reach] for reach in standing.reaches]
        numbers += [item.explicit_bit] if standing.level >= ConsentLevel.EXPLICIT else []
        bits |= sum({1 << number for number in numbers if number is not None})
    return bits


def _latest(past: Iterable[Event], kind: EventKind, *, wanted: bool) -> bool:
    for event in past:
        if event.kind is kind:
            wanted = bool(event.wanted)
    return wanted


def _items(past: Sequence[Event], catalogue: Catalogue) -> Mapping[str, ItemStanding]:
    folds: dict[str, ItemFold] = {}
    for event, account_open in _with_account(past):
        if item := catalogue.items.get(event.item or ""):
            fold_of_item = folds.setdefault(
                item.key, ItemFold(item, catalogue.documents[item.document])
            )
            fold_of_item.apply(event, account_open=account_open)
    return {key: item_fold.standing for key, item_fold in folds.items()}


def fold_of(item: Item, past: Sequence[Event], catalogue: Catalogue) -> ItemFold:
    """Give one item as its events, in order, leave it, ready for the next."""
    item_fold = ItemFold(item, catalogue.documents[item.document])
    for _ in _applied(item_fold, past):
        pass
    return item_fold


def course(
    item: Item, past: Sequence[Event], catalogue: Catalogue
) -> Iterator[tuple[Event, ItemStanding]]:
    """Give each event of an item, in order, with where the item stood after it."""
    item_fold = ItemFold(item, catalogue.documents[item.document])
    for event in _applied(item_fold, past):
        yield event, item_fold.standing


def _applied(item_fold: ItemFold, past: Iterable[Event]) -> Iterator[Event]:
    """Apply the item's events, and give each once it is applied."""
    for event, account_open in _with_account(past):
        if event.item == item_fold.item.key:
            item_fold.apply(event, account_open=account_open)
            yield event


def has_account(past: Iterable[Event]) -> bool:
    """Whether the member has an account after these events."""
    kinds = {event.kind for event in past}
    return EventKind.ACCOUNT_OPENED in kinds and EventKind.ACCOUNT_CLOSED not in kinds


def _with_account(past: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Give each event, and whether the member has an account when it has happened."""
    # INVARIANT: the first closing is final; an account opened later is no account of this member.
    opened = closed = False
    for event in past:
        opened = opened or event.kind is EventKind.ACCOUNT_OPENED
        closed = closed or event.kind is EventKind.ACCOUNT_CLOSED
        yield event, opened and not closed


def _links(past: Iterable[Event]) -> Mapping[str, Link]:
    links: dict[str, Link] = {}
    for event in past:
        if event.company is None:
            continue
        link = links.get(event.company, Link())
        match event.kind:
            case EventKind.LINKED:
                link = _linked(link, event)
            case EventKind.USED:
                link = replace(link, used_at=event.at)
            case EventKind.UNLINKED:
                link = Link(unlinked_at=event.at)
            case _:
                continue
        links[event.company] = link
    return links


def _linked(link: Link, event: Event) -> Link:
    """A link that only names the account of one that stands is as old as that (Q13)."""
    names = link.linked_at is not None and link.account_id is None and event.account_id is not None
    return replace(
        link, linked_at=link.linked_at if names else event.at, account_id=event.account_id
    )


def _stops(past: Iterable[Event]) -> frozenset[tuple[str, str]]:
    stops: set[tuple[str, str]] = set()
    for event in past:
        if event.company is None:
            continue
        named = {(event.company, category) for category in event.categories}
        if event.kind is EventKind.STOP_REQUESTED:
            stops |= named or {(event.company, EVERY_CATEGORY)}
        elif event.kind is EventKind.STOP_LIFTED:
            stops -= named or {stop for stop in stops if stop[0] == event.company}
    return frozenset(stops)


def _overseas(past: Iterable[Event]) -> frozenset[str]:
    """Countries consented to. Without a guardian where one is needed it is no consent (Q16)."""
    countries: set[str] = set()
    for event in past:
        if event.country is None:
            continue
        if event.kind is EventKind.OVERSEAS_CONSENTED and Reach.WIDE in event.reaches:
            countries.add(event.country)
        elif event.kind is EventKind.OVERSEAS_WITHDRAWN:
            countries.discard(event.country)
    return frozenset(countries)


def _incidents(past: Iterable[Event]) -> frozenset[str]:
    companies: set[str] = set()
    for event in past:
        if event.company is None:
            continue
        if event.kind is EventKind.INCIDENT_OPENED:
            companies.add(event.company)
        elif event.kind is EventKind.INCIDENT_CLOSED:
            companies.discard(event.company)
    return frozenset(companies)
