"""What happened to a synthetic member, as events: consents, links, uses, wishes, requests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.catalogue import Catalogue
from policy.events import Event, EventKind
from server.population_consents import Consents
from server.population_dice import Dice
from server.population_file import Mix
from server.population_lives import Custom, Life
from server.population_people import Person


@dataclass(frozen=True, slots=True)
class Happenings:
    """Tells lives as events."""

    mix: Mix
    catalogue: Catalogue

    def events(self, dice: Dice, person: Person, life: Life) -> Sequence[Event]:
        """Everything that happened, oldest first."""
        if not life.signed_up:
            return ()
        happened = [
            *Consents(self.mix, self.catalogue).events(dice, person, life),
            *self._wishes(dice, life),
            *self._requests(dice, person, life),
        ]
        for custom in life.customs:
            happened += self._custom(dice, person, life, custom)
        happened = sorted(
            (event for event in happened if event.at < life.end), key=lambda event: event.at
        )
        closing = [Event(EventKind.ACCOUNT_CLOSED, life.end)] if life.closed else []
        return [Event(EventKind.ACCOUNT_OPENED, life.start), *happened, *closing]

    def _custom(self, dice: Dice, person: Person, life: Life, custom: Custom) -> Iterator[Event]:
        """Links, their undoing, and uses of the group's ID at one company."""
        shares, company = self.mix.shares, custom.of.company
        if dice.chance(shares.linked):
            account = f"{company}-{person.key}"
            yield Event(EventKind.LINKED, custom.since, company=company, account_id=account)
            if dice.chance(shares.unlinked):
                undone = dice.moment(custom.since, life.end)
                yield Event(EventKind.UNLINKED, undone, company=company)
                if dice.chance(shares.relinked):
                    again = dice.moment(undone, life.end)
                    yield Event(EventKind.LINKED, again, company=company, account_id=account)
        if dice.chance(shares.used):
            for _ in range(dice.number(1, 2)):
                at = dice.moment(custom.since, life.end)
                yield Event(EventKind.USED, at, company=company)

    def _wishes(self, dice: Dice, life: Life) -> Iterator[Event]:
        """About mail and about advertising."""
        shares = self.mix.shares
        if dice.chance(shares.mail_wish):
            for sender in dice.some(self.mix.senders, 3):
                at = dice.moment(life.start, life.end)
                wanted = dice.chance(shares.mail_wanted)
                yield Event(EventKind.MAIL_PREFERENCE, at, company=sender, wanted=wanted)
        if dice.chance(shares.ads_opt_out):
            at = dice.moment(life.start, life.end)
            yield Event(EventKind.ADS_PREFERENCE, at, wanted=False)
            if dice.chance(shares.ads_again):
                at = dice.moment(at, life.end)
                yield Event(EventKind.ADS_PREFERENCE, at, wanted=True)

    def _requests(self, dice: Dice, person: Person, life: Life) -> Iterator[Event]:
        """Stops, transfers abroad, incidents, notifications: each rare, some undone."""
        mix, shares = self.mix, self.mix.shares
        if dice.chance(shares.stop):
            what = tuple(dice.some(mix.restrained, 2)) if dice.chance(500) else ()
            asked = {"company": dice.one(mix.stopping), "categories": what}
            yield from _perhaps_undone(dice, life, _STOP, shares.stop_lifted, asked)
        if dice.chance(shares.incident):
            about = {"company": dice.one(mix.incidents)}
            yield from _perhaps_undone(dice, life, _INCIDENT, shares.incident_closed, about)
        if dice.chance(shares.overseas):
            at, country = dice.moment(life.start, life.end), dice.one(mix.countries)
            age = person.group_at(at)
            yield Event(
                EventKind.OVERSEAS_CONSENTED,
                at,
                country=country,
                age=age,
                guardian=person.guarded_at(at),
            )
            if dice.chance(shares.overseas_withdrawn):
                later = dice.moment(at, life.end)
                yield Event(EventKind.OVERSEAS_WITHDRAWN, later, country=country)
        if dice.chance(shares.notified):
            at = dice.moment(life.start, life.end)
            yield Event(EventKind.NOTIFIED, at, purpose=dice.one(mix.purposes))


_STOP = EventKind.STOP_REQUESTED, EventKind.STOP_LIFTED
_INCIDENT = EventKind.INCIDENT_OPENED, EventKind.INCIDENT_CLOSED


def _perhaps_undone(
    dice: Dice,
    life: Life,
    kinds: tuple[EventKind, EventKind],
    share: int,
    parts: Mapping[str, Any],
) -> Iterator[Event]:
    """Something that happened, and, for such a share, its undoing."""
    done, undone = kinds
    at = dice.moment(life.start, life.end)
    yield Event(done, at, **parts)
    if dice.chance(share):
        yield Event(undone, dice.moment(at, life.end), **parts)
