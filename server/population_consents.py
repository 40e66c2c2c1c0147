"""What a synthetic member was asked to consent to, and how each item fared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.catalogue import Catalogue
from policy.documents import Document
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.vocabulary import FOREVER, YEAR, DocumentScope
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Life
from server.population_people import Person

_CONSENTING = frozenset({EventKind.DEEMED, EventKind.GRANTED})
_BY_OFFICER = frozenset({EventKind.SUSPENDED, EventKind.REINSTATED, EventKind.INVALIDATED})
_SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Consents:
    """Tells consents as events."""

    mix: Mix
    catalogue: Catalogue

    def events(self, dice: Dice, person: Person, life: Life) -> Iterator[Event]:
        """In no order; some may lie behind the end of the life."""
        for item, at in self._asked(dice, life):
            yield from self._story(dice, person, life, item, at)

    def _asked(self, dice: Dice, life: Life) -> Iterator[tuple[str, datetime]]:
        """Each item with the moment of its being shown."""
        for key in self.mix.consents:
            document = self.catalogue.documents[self.catalogue.items[key].document]
            if key == self.mix.asked_at_sign_up:
                yield key, life.start
                version = document.version_at(life.start)
                until = version.in_force.end if version else FOREVER
                if until < life.end and dice.chance(self.mix.shares.renewed):
                    yield key, dice.moment(until, life.end)
                continue
            moments = list(_occasions(document, life))
            published = document.versions[0].in_force.start
            if moments and published < life.end:
                yield key, max(min(moments), published)

    def _story(
        self, dice: Dice, person: Person, life: Life, item: str, at: datetime
    ) -> Iterator[Event]:
        answered = False
        for kind in dice.likely(self.mix.consents[item]):
            if kind is not EventKind.PRESENTED:
                at = dice.moment(at, life.end if answered else min(at + _SOON, life.end))
                answered = True
            yield self._step(dice, person, item, kind, at)

    def _step(self, dice: Dice, person: Person, item: str, kind: EventKind, at: datetime) -> Event:
        if kind in _BY_OFFICER:
            return Event(kind, at, item)
        document = self.catalogue.documents[self.catalogue.items[item].document]
        version = document.version_at(at)
        named = version.key if version else None
        if kind not in _CONSENTING:
            return Event(kind, at, item, named)
        shares = self.mix.shares
        session = document.requires_account_session and dice.chance(shares.account_session)
        until = at + dice.number(1, 4) * YEAR if dice.chance(shares.dated_consent) else FOREVER
        return Event(
            kind,
            at,
            item,
            named,
            acr=RAKUTEN_ID if session else None,
            age=person.group_at(at),
            guardian=person.guarded_at(at),
            valid_until=until,
        )


def _occasions(document: Document, life: Life) -> Iterator[datetime]:
    """When a member meets a service's policy, or the one of an insurer with a contract."""
    if document.scope is DocumentScope.SERVICE:
        yield from (sale.at for sale in life.sales if sale.seller.service == document.service)
    elif document.scope is DocumentScope.COMPANY:
        yield from (cover.since for cover in life.covers if cover.company == document.publisher)
