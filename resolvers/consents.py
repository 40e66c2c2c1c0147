"""Where a member's consents stand, as their events fold, for the member and privacy officers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.condition_sql import parameters
from models.disclosure import Use
from models.event_log import events_of_members
from models.redacted import known_member
from policy.catalogue import Catalogue
from policy.documents import Item
from policy.events import Event, EventKind
from policy.facts import ItemStanding, MemberFacts
from policy.standing import course, fold
from policy.states import state_at
from policy.vocabulary import FOREVER, ConsentLevel, ConsentState
from resolvers.actor import oneself
from resolvers.asking import eyes_of
from resolvers.catalogue import Edition
from resolvers.context import Context
from resolvers.eyes import Eyes
from resolvers.tally import Tally, last_seq


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """Something that happened to an item, whether or not it changed how the item stands."""

    kind: EventKind
    at: datetime
    version: Edition | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One item of a document, and where it stands."""

    item: Item
    state: ConsentState
    version: Edition | None
    level: ConsentLevel
    since: datetime | None
    valid_until: datetime | None
    history: Sequence[ConsentEvent]
    past: Sequence[Event]
    """Everything that had happened to the member, in order."""
    member: str = ""
    audience: str = ""
    """For whom its id is made."""


async def consents_of(
    context: Context, eyes: Eyes, tally: Tally, members: Sequence[str]
) -> Mapping[str, Sequence[Consent] | None]:
    """Read them, by member, for the member and for officers; no company is told."""
    if not eyes.view.asker.subject_self and eyes.view.office is None:
        return dict.fromkeys(members)
    async with context.snapshot.reading() as connection:
        events = await events_of_members(connection, members)
    for member in members:
        tally.returned(member, "consents", Use.SELECT)
    return {
        member: [
            replace(each, member=member, audience=eyes.audience)
            for each in consents(context.catalogue, its, context.asked_at)
        ]
        for member, its in events.items()
    }


async def consents_about(context: Context, member: str) -> Sequence[Consent] | None:
    """Read one member's, on record; None where the caller knows no such member.

    A guardian reads in the member's place: whoever calls this has made sure of them.
    """
    tally = await tally_about(context, member)
    if tally is None:
        return None
    found = await consents_of(context, eyes_of(context), tally, [member])
    context.disclosures.append(tally.disclosure())
    return found[member]


async def own_consents(context: Context) -> Sequence[Consent] | None:
    """Read those of the member who asks, or of whom a registered guardian acts for, on record.

    Raises FORBIDDEN for whoever is no member; None for a guardian who is not registered.
    """
    actor = await oneself(context)
    return await consents_about(context, actor.member) if actor.trusted else None


async def tally_about(context: Context, member: str) -> Tally | None:
    """Begin what goes on record of one member; None where the caller knows no such member."""
    eyes = eyes_of(context)
    known = known_member(eyes.view)
    binds = parameters(context.asked_at, member) | {"member": member}
    rows = await context.snapshot.fetch(known.main, binds)
    if not rows:
        return None
    tally = Tally(eyes.view)
    tally.member(member, last_seq(known.layout, rows[0]))
    return tally


def consents(catalogue: Catalogue, events: Sequence[Event], at: datetime) -> Sequence[Consent]:
    """Give every item of the catalogue, those too that the member was never shown."""
    past = sorted((event for event in events if event.at <= at), key=lambda event: event.at)
    member = fold(past, at, catalogue)
    return [_consent(catalogue, item, member, past, at) for item in catalogue.items.values()]


def _consent(
    catalogue: Catalogue, item: Item, member: MemberFacts, past: Sequence[Event], at: datetime
) -> Consent:
    standing = member.items.get(item.key, ItemStanding())
    now = state_at(catalogue.documents[item.document], standing, member.closed_at, at)
    return Consent(
        item=item,
        state=now.state,
        version=_edition(catalogue, item, standing.version),
        level=standing.level,
        since=now.since or _since(catalogue, item, past),
        valid_until=None if standing.valid_until == FOREVER else standing.valid_until,
        history=[
            ConsentEvent(event.kind, event.at, _edition(catalogue, item, event.version))
            for event in past
            if event.item == item.key
        ],
        past=past,
    )


def _since(catalogue: Catalogue, item: Item, past: Sequence[Event]) -> datetime | None:
    """Give when the item last came to stand otherwise than before; None if it never did."""
    since, before = None, ItemStanding()
    for event, standing in course(item, past, catalogue):
        if standing != before:
            since, before = event.at, standing
    return since


def _edition(catalogue: Catalogue, item: Item, version: str | None) -> Edition | None:
    """Give a version of the item's document; None for none, and for one that is gone."""
    document = catalogue.documents[item.document]
    found = (each for each in document.versions if each.key == version)
    return next((Edition(document, each) for each in found), None)
