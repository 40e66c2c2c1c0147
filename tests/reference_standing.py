"""What the projections hold of a member, once more: naive, by quantifiers, from raw events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from policy.facts import ItemStanding, ValueFacts
from policy.situation import Question
from policy.vocabulary import FOREVER, NEVER, ConsentLevel, ConsentState
from tests.reference_case import Case
from tests.reference_consent import consent_of

Kind = EventKind
Rows = Mapping[str, frozenset[tuple[Any, ...]]]
"""Table → its rows of one member, without the member's key."""

TABLES = (
    "standing",
    "item_standing",
    "opening",
    "link",
    "notified",
    "mail",
    "stop",
    "overseas",
    "incident",
)
STANDS = {ConsentState.DEEMED, ConsentState.GRANTED}


def rows_of(catalogue: Catalogue, past: Sequence[Event], last_seq: int | None) -> Rows:
    """Give the rows of every projection, for events in the order of their recording."""
    if last_seq is None:
        return dict.fromkeys(TABLES, frozenset())
    case = case_of(catalogue, past)
    items = {item: consent_of(case, item) for item in catalogue.items}
    standing = {key: each for key, each in items.items() if each.state in STANDS}
    return {
        "standing": frozenset({(bits(catalogue, standing), *of_account(past), last_seq)}),
        "item_standing": frozenset(
            (key, each.version, int(each.level), each.consented_at, each.valid_until)
            for key, each in standing.items()
        ),
        "opening": frozenset((number,) for number in openings(catalogue, standing)),
        "link": frozenset(links(past)),
        "notified": frozenset(
            (event.purpose, event.at)
            for n, event in enumerate(past)
            if event.kind is Kind.NOTIFIED and event.purpose
            if not any((e.kind, e.purpose) == (event.kind, event.purpose) for e in past[n + 1 :])
        ),
        "mail": frozenset(
            (event.company, event.wanted, event.at)
            for n, event in enumerate(past)
            if event.kind is Kind.MAIL_PREFERENCE
            if not any((e.kind, e.company) == (event.kind, event.company) for e in past[n + 1 :])
        ),
        "stop": frozenset(stops(past)),
        "overseas": frozenset(
            (event.country,)
            for n, event in enumerate(past)
            if event.kind is Kind.OVERSEAS_CONSENTED
            if not any(
                (e.kind, e.country) == (Kind.OVERSEAS_WITHDRAWN, event.country)
                for e in past[n + 1 :]
            )
        ),
        "incident": frozenset(),
    }


def case_of(catalogue: Catalogue, past: Sequence[Event]) -> Case:
    """The member's past before the reference; nobody asks anything."""
    return Case(catalogue, Question(None, None, "", "", FOREVER), tuple(past), ValueFacts(""))


def bits(catalogue: Catalogue, standing: Mapping[str, ItemStanding]) -> int:
    """One bit for the version, one per reach, one for an explicit consent."""
    numbers = set[int]()
    for key, each in standing.items():
        item = catalogue.items[key]
        numbers |= {bit for version, bit in item.version_bits.items() if version == each.version}
        numbers |= {bit for reach, bit in item.reach_bits.items() if reach in each.reaches}
        numbers |= {item.explicit_bit} if each.level is not ConsentLevel.DEEMED else set()
    return sum(2**number for number in numbers)


def of_account(past: Sequence[Event]) -> tuple[datetime, bool]:
    """When the account was closed, and whether advertising is unwanted."""
    closed = min((e.at for e in past if e.kind is Kind.ACCOUNT_CLOSED), default=FOREVER)
    wishes = [event.wanted for event in past if event.kind is Kind.ADS_PREFERENCE]
    return closed, wishes[-1:] == [False]


def openings(catalogue: Catalogue, standing: Mapping[str, ItemStanding]) -> set[int]:
    """Of provisions that need the same items, the first stands for all of them."""
    return {
        min(other.number for other in catalogue.provisions if set(other.items) == set(row.items))
        for row in catalogue.provisions
        if row.items and standing.keys() >= set(row.items)
    }


def links(past: Sequence[Event]) -> Iterator[tuple[Any, ...]]:
    """A link is as old as the first one that no unlinking followed."""
    kinds = {Kind.LINKED, Kind.USED, Kind.UNLINKED}
    for company in {event.company for event in past if event.kind in kinds}:
        mine = [event for event in past if event.kind in kinds and event.company == company]
        ends = [n for n, event in enumerate(mine) if event.kind is Kind.UNLINKED]
        since = mine[ends[-1] + 1 :] if ends else mine
        linked = [event for event in since if event.kind is Kind.LINKED]
        used = [event.at for event in since if event.kind is Kind.USED]
        yield (
            company,
            (linked[-1].account_id if linked else None) or "",
            linked[0].at if linked else FOREVER,
            used[-1] if used else NEVER,
            mine[ends[-1]].at if ends else NEVER,
        )


def stops(past: Sequence[Event]) -> Iterator[tuple[str | None, str]]:
    """What was requested and not lifted since, by name or with all that stands at the company."""
    for n, event in enumerate(past):
        for category in event.categories or ("*",):
            lifted = any(
                (later.kind, later.company) == (Kind.STOP_LIFTED, event.company)
                and (not later.categories or category in later.categories)
                for later in past[n + 1 :]
            )
            if event.kind is Kind.STOP_REQUESTED and not lifted:
                yield event.company, category
