"""The consents that a provision rested on, told from the member's events up to that moment."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.event_chain import StoredEvent
from policy.documents import Item
from policy.events import EventKind
from policy.facts import ItemStanding
from policy.standing import STANDING_STATES, course, fold
from policy.vocabulary import FOREVER, ConsentLevel
from resolvers.recorded import Recorded, Then


@dataclass(frozen=True, slots=True)
class ReliedOn:
    """One consent, and the event that it stands by."""

    item: Recorded | None
    """None: the consent to provision to a country."""
    country: str | None
    level: ConsentLevel
    version: str | None
    consented_at: datetime
    kind: EventKind | None
    """What happened, that it stood; None for the consent to a country."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the event apart, whatever else happened to the member."""
        named = self.item.key if self.item else self.country or ""
        return named, str(self.kind or ""), self.consented_at.isoformat()


def relied_on(
    log: Sequence[StoredEvent], last_seq: int, number: int, countries: Collection[str], then: Then
) -> Sequence[ReliedOn]:
    """Give what stood when the event `last_seq` was the last. Nothing where the log is erased.

    `countries` are those that nothing but a consent to them opened.
    """
    past = [stored for stored in log if stored.seq <= last_seq]
    row, known = then.row(number), then.catalogue.items
    items = [known[key] for key in (row.items if row else ()) if key in known]
    return [*_items(items, past, then), *_abroad(countries, past, then)]


def _items(items: Sequence[Item], past: Sequence[StoredEvent], then: Then) -> Iterator[ReliedOn]:
    events = [stored.event for stored in past]
    for item in items:
        before, given = ItemStanding(), None
        for event, standing in course(item, events, then.catalogue):
            if standing != before:
                before, given = standing, event.kind
        if given is not None and before.state in STANDING_STATES and before.consented_at:
            yield ReliedOn(
                item=then.item(item.key),
                country=None,
                level=before.level,
                version=before.version,
                consented_at=before.consented_at,
                kind=given,
            )


def _abroad(
    countries: Collection[str], past: Sequence[StoredEvent], then: Then
) -> Iterator[ReliedOn]:
    """Give the consents to provision to these countries that stood."""
    standing = fold([stored.event for stored in past], FOREVER, then.catalogue).overseas
    for country in sorted(countries):
        given = [
            stored.event.at
            for stored in past
            if stored.event.kind is EventKind.OVERSEAS_CONSENTED and stored.event.country == country
        ]
        if country in standing:
            yield ReliedOn(None, country, ConsentLevel.EXPLICIT, None, given[-1], None)
